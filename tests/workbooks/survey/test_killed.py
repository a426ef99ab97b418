"""A process that is killed at any moment of taking a sheet in leaves everything or nothing, and a retry works."""

from collections import Counter

import pytest

from reviews.models import Report
from tests import factories, killing
from workbooks.models import SurveyUpload
from workbooks.survey import acts
from workbooks.survey.changes import preview

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE = """
from accounts.models import User
from workbooks.models import SurveyUpload
from workbooks.survey import acts
from workbooks.survey.changes import preview
upload = SurveyUpload.objects.select_related("round__plan", "round__edition", "department").get(pk=sys.argv[2])
by = User.objects.get(username="reporter")
fingerprint = preview(upload).fingerprint
"""
CONFIRM = "acts.confirm(upload, fingerprint=fingerprint, by=by)"


def written():
    return Report.objects.filter(progress="殺されても").count(), Report.history.filter(progress="殺されても").count()


@pytest.mark.soak  # `make test` kills a publication and a backup
@pytest.mark.parametrize("kills", [100])
def test_a_confirmation_that_is_killed_is_in_as_a_whole_or_not_at_all_and_can_be_repeated(desk, cast, opened, kills):
    outcomes = Counter()

    def turn(seconds):
        """A sheet is confirmed, or killed on the way, and taken back in the end; how long it took, or None."""
        uploaded = desk.upload(
            desk.download().put("報告", 4, 取組状況="殺されても").put("報告", 5, 取組状況="殺されても")
        )
        took = killing.run(CONFIRM, str(uploaded.pk), before=BEFORE, seconds=seconds)
        uploaded = SurveyUpload.objects.get(pk=uploaded.pk)
        outcomes[uploaded.state] += 1
        before = written()
        assert (before[0], uploaded.state) in {(0, "previewed"), (2, "confirmed")}
        assert took is None or uploaded.state == "confirmed"
        if uploaded.state == "previewed":
            uploaded = acts.confirm(uploaded, fingerprint=preview(uploaded).fingerprint, by=cast.reporter)
        assert written() == (2, before[1] + (2 if before[0] == 0 else 0))
        acts.undo(uploaded, by=cast.reporter)
        assert written()[0] == 0
        return took

    longest = turn(None)
    for seconds in killing.moments(longest, kills, seed=4):
        turn(seconds)
    print(f"{kills} kills of confirm within {longest:.2f} s: {dict(outcomes)}")
    assert outcomes["previewed"] > 0
    assert factories.report(opened, 1).state == "draft"
