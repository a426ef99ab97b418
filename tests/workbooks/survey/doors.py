"""The inputs that every door is asked for, and what each of them is: as a number, as a text, as a day."""

import datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction

REFUSED = "refused"
# Input → (as a number, as a text, as a day); a value that only a cell can hold is typed into a form as it is shown.
ANSWERS = {
    "△5": (Decimal(-5), "△5", REFUSED),
    "−5": (Decimal(-5), "−5", REFUSED),
    "５": (Decimal(5), "５", REFUSED),
    "1,234": (Decimal(1234), "1,234", REFUSED),
    "68,1": (REFUSED, "68,1", REFUSED),
    "1,2,3": (REFUSED, "1,2,3", REFUSED),
    1200.0: (Decimal(1200), "1200", REFUSED),
    56.99999999999999: (Decimal(57), "57", REFUSED),
    "68.1%": (REFUSED, "68.1%", REFUSED),
    "○": (REFUSED, "○", REFUSED),
    "〇": (REFUSED, "〇", REFUSED),
    "◯": (REFUSED, "◯", REFUSED),
    "×": (REFUSED, "×", REFUSED),
    "✓": (REFUSED, "✓", REFUSED),
    "H27.9.30": (REFUSED, "H27.9.30", datetime.date(2015, 9, 30)),
    "平成27年（2015年）9月30日": (REFUSED, "平成27年（2015年）9月30日", datetime.date(2015, 9, 30)),
    "2\u200b7": (Decimal(27), "2\u200b7", REFUSED),
    "一行目_x000D_\n二行目": (REFUSED, "一行目\n二行目", REFUSED),
    "縦\x0bタブ": (REFUSED, REFUSED, REFUSED),
}
NUMBERS = {
    str(value).removesuffix(".0").replace("56.99999999999999", "57"): answer[0] for value, answer in ANSWERS.items()
}


def answers(read, inputs=NUMBERS):
    """What each input is; nothing of it stays."""
    found = {}
    for typed in inputs:
        try:
            with transaction.atomic():
                found[typed] = read(typed)
                transaction.set_rollback(True)
        except (ValidationError, ValueError):
            found[typed] = REFUSED
    return found
