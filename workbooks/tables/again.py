"""What a table says twice of an item: in a further row of it, or in two columns of one year. Asked, never overwritten. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from workbooks.tables.cells import short
from workbooks.tables.doubts import Questions
from workbooks.tables.read_items import ReadItem


class Again:
    """Of one sheet; asked once for all that is of one kind."""

    def __init__(self, questions: Questions) -> None:
        self.questions = questions
        self.examples: dict[str, str] = {}  # kind → the first two values of it

    def one(self, about: str, first: str, second: str, at: str, *, may_join: bool = True) -> str:
        """The text that counts of two; the one that is there where the other is blank or the same."""
        if not first or not second or first == second:
            return first or second
        answer = self._asked(about, short(first), short(second), at, may_join=may_join)
        return {"join": f"{first}\n{second}", "first": first, "last": second}[answer]

    def is_last(self, about: str, first: str, second: str, at: str) -> bool:
        """Whether the later one of two values counts, which cannot be put together."""
        return self._asked(about, short(first), short(second), at, may_join=False) == "last"

    def _asked(self, about: str, first: str, second: str, at: str, *, may_join: bool) -> str:
        example = self.examples.setdefault(about, f"先に「{first}」、後に「{second}」")
        question = f"1つの項目に、同じ{about}が2つあります（2行目以降か、同じ年度や基準日の別の列。例：{example}）。"
        choices = (("first", "先の値だけを登録する"), ("last", "後の値だけを登録する"))
        join = (("join", "改行して続ける"),) if may_join else ()
        return self.questions.ask(about, "（2つ目の値）", question, at, (*choices, *join), is_guessed=False)

    def adds(self, heading: str, item: ReadItem, named: Collection[str], text: str, at: str) -> bool:
        """Whether departments of a further row are those of the item, too."""
        if {*named} <= {*item.departments}:
            return False
        question = f"項目{item.number}の2行目以降にある「{short(text)}」を、上の行の部署に加えて読みました。"
        choices = (("add", "この読み方でよい"), ("skip", "登録しない"))
        return self.questions.ask(heading, text, question, at, choices) == "add"


def shown(value: Iterable[object]) -> str:
    """A value with its words, as a question quotes it."""
    return " ".join(str(part) for part in value if part not in (None, "", False))
