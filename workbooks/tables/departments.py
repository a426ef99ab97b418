"""The departments of an item in a table that people made: what cells.py takes apart, as a person says where it is doubtful."""

from __future__ import annotations

from workbooks.tables import cells
from workbooks.tables.doubts import Choices, Questions


def of_cell(text: str, heading: str, at: str, questions: Questions) -> tuple[str, ...]:
    """The names that a cell holds, the lead first; asked wherever somebody could read it otherwise."""
    if not text or cells.is_none(text):
        return ()
    found = cells.departments(text)
    whole = cells.joined(text)
    if found.is_plain:
        return tuple(dict.fromkeys(map(cells.joined, found.names)))
    if found.divisions:
        above, named = "、".join(found.divisions), "、".join(found.names)
        unnamed = f"「{found.others}」がどの部署かは書かれていません。" if found.others else ""
        question = f"「{above}」は、続く課の上の組織と見て、「{named}」だけを登録します。{unnamed}"
        choices: Choices = (
            ("split", "この読み方でよい"),
            ("all", f"「{above}」も、書かれた順に登録する（先頭が主担当）"),
            ("one", f"「{whole}」という一つの部署とする"),
        )
    elif found.others:
        named = "、".join(found.names)
        question = f"「{found.others}」がどの部署か書かれていないので、「{named}」だけを登録します。"
        choices = (("split", "この読み方でよい"), ("one", f"「{whole}」という一つの部署とする"))
    elif len(found.names) == 1:
        question = f"「{whole}」という名前の部署があるものとして登録します。"
        choices = (("one", "この読み方でよい"), ("blank", "担当課を空欄（分からない）とする"))
    else:
        lead, *others = found.names
        question = f"「{found.how}」で分けて、主担当「{lead}」、ほかに「{'、'.join(others)}」と読みました。"
        choices = (
            ("split", "この読み方でよい"),
            ("one", f"「{whole}」という一つの部署とする"),
            ("lead", f"「{lead}」だけを登録する"),
        )
    answer = questions.ask(heading, whole, question, at, choices)
    every = tuple(sorted((*found.divisions, *found.names), key=whole.find))
    names = {"split": found.names, "all": every, "one": (whole,), "lead": found.names[:1], "blank": ()}[answer]
    return tuple(dict.fromkeys(map(cells.joined, names)))
