"""What many steps of a report begin with."""

from reviews import workflow
from tests.kept import kept


@kept
def opened(plan, cast):
    """The first round, open; items 1 and 3 are zaisei's, item 2 is zeimu's."""
    return workflow.open_round(plan.rounds.first(), by=cast.office)
