"""Tables whose items are numbered anew in each policy: 1, 2, 3 of 方針1, and 1, 2 of 方針2. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from core.text import as_seen
from workbooks.tables.doubts import Questions
from workbooks.tables.known import KnownPlan
from workbooks.tables.read_items import ReadItem


def of_policy(number: str, policy: int) -> str:
    """A number that stands once in the plan."""
    return f"{policy}-{number}"


def restarts(items: Sequence[ReadItem], known: KnownPlan) -> ReadItem | None:
    """The first item whose number stands in another policy too, if the numbers begin anew in each policy; or the first of a
    part of such a table, of which the plan has the rest under the numbers that it was given here. None for a slip of one
    number."""
    named: dict[str, dict[int, set[str]]] = {}  # number → policy → names
    for item in items:
        if item.policy is not None and not item.number_is_provisional and item.name:
            named.setdefault(item.number, {}).setdefault(item.policy, set()).add(as_seen(item.name))
    if any(len(names) > 1 for by_policy in named.values() for names in by_policy.values()):
        return None
    several = {number for number, by_policy in named.items() if len(by_policy) > 1}
    if len(several) > 1:
        return next(item for item in items if item.number in several)
    return next((item for item in items if _is_registered(item, known)), None)


def _is_registered(item: ReadItem, known: KnownPlan) -> bool:
    if item.policy is None or not item.name or item.number in known.programs:
        return False
    registered = known.programs.get(of_policy(item.number, item.policy))
    return registered is not None and as_seen(registered) == as_seen(item.name)


def is_of_policy(item: ReadItem, questions: Questions) -> bool:
    """Whether the numbers of the table are to say the policy, too."""
    policy = item.policy or 0
    question = (
        f"項目の番号が、方針ごとに1から始まっています。計画の中で1つになるように、方針の番号を前に付けます"
        f"（方針{policy}の「{item.number}」は「{of_policy(item.number, policy)}」）。"
    )
    choices = (("policy", "この読み方でよい"), ("written", "書かれた番号のままとする"))
    return questions.ask("番号", "（方針ごとの番号）", question, item.number_place, choices) == "policy"
