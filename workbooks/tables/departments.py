"""The departments of an item in a table that people made: the cell taken apart, and asked wherever it is doubtful. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from workbooks.tables import cells
from workbooks.tables.cells import joined
from workbooks.tables.doubts import Choices, Questions

_LONGEST = 200  # characters of what is taken apart here; anything longer is a text
_ENDING = re.compile(r"(課|室|局|所|部|係|館|センター|委員会|署|班|園|学校|全課|全庁|各課|関係課|庁)$")
_AND_OTHERS = re.compile(
    r"^(.+?(?:課|室|局|所|部|係|館|センター|委員会|署|班|園|学校))[ \u3000、,]*((?:ほか|他|等|など)(?:[0-9０-９]*(?:関係)?[各課室部署]+)?)$"
)
_DIVISION = re.compile(r"(部|局|委員会)$")
_SECTION = re.compile(r"(課|室|係)$")
_BRACKETS = re.compile(r"^(.+?)[（(](.+?)[)）]$", re.DOTALL)
_SEPARATORS = (
    ("・", r"[・･]+"),
    ("/", r"[/／]+"),
    ("空白", r"[ \u3000]+"),
    ("及び・と", r"\s*(?:及び|および|並びに|ならびに|と)\s*"),
)
_EVERYBODY = ("全課", "全庁", "各課", "関係課", "全部署", "全部局", "全所属")
# Who leads and who helps: （主）, 主：, 【副】, ◎; ① only tells one from the next.
_LEAD = r"主(?:管|担当|務)?課?|正|代表|取りまとめ|とりまとめ"
_HELPS = r"副(?:担当)?課?|関係課?|協力課?|連携課?|関連課?|従"
_BEFORE = re.compile(
    rf"(?P<mark>[(（【\[<＜]\s*(?:(?P<lead>{_LEAD})|{_HELPS})\s*[)）】\]>＞]|(?:(?P<lead2>{_LEAD})|{_HELPS})\s*[:：]|(?P<lead3>◎)|[○〇●◯①-⑳])\s*(?P<name>.+)",
    re.DOTALL,
)
_BEHIND = re.compile(rf"(?P<name>.+?)\s*(?P<mark>[(（【\[]\s*(?:(?P<lead>{_LEAD})|{_HELPS})\s*[)）】\]])", re.DOTALL)
_MARKED = re.compile(
    rf"(?=[◎○〇●◯①-⑳])|(?=[(（【\[<＜]\s*(?:{_LEAD}|{_HELPS})\s*[)）】\]>＞])|\s(?=(?:{_LEAD}|{_HELPS})\s*[:：])"
)
_MOVED = re.compile(r"(?P<mark>.+?[→⇒➡])\s*(?P<name>[^→⇒➡]+)", re.DOTALL)
_SPACED = re.compile(r"\S(?:[ \u3000]+\S)+")  # 総　務　課
_PERSON = re.compile(r"[係課部室]長|主[査任幹事]|担当者|内線|電話|TEL|℡|☎|\d{3}", re.IGNORECASE)
_NO_NAME = re.compile(r"[\s※*＊:：→⇒【】◎○]|^旧|\d年|まで$|から$|以降$")


@dataclass(frozen=True)
class Departments:
    names: tuple[str, ...]  # as they would be several departments, the lead first
    is_plain: bool  # nobody could read it otherwise
    how: str = ""  # the separator that makes it doubtful
    others: str = ""  # ほか, of which nobody says who they are
    divisions: tuple[str, ...] = ()  # 部 of the 課 that stand below them, which do the work
    aside: tuple[str, ...] = ()  # what is no name: the mark of a note or of the lead, a person, a former name


def taken_apart(text: str) -> Departments:
    """「市民協働課・地域振興課」 as names. A bracket may hold a second department, a former name or a section."""
    written = text.strip()
    if len(written) > _LONGEST:
        return Departments((written,), True)
    if _SPACED.fullmatch(written) and _ENDING.search(written):
        return Departments((re.sub(r"\s", "", written),), True)
    if framed := re.fullmatch(r"[(（](.+)[)）]", written, re.DOTALL):
        return replace(taken_apart(framed[1].strip()), is_plain=False, how="（ ）")
    if divided := _without_divisions(written):
        return divided
    if found := _AND_OTHERS.match(written):
        return Departments(taken_apart(found[1]).names, False, others=found[2])
    parts = _listed(written)
    if len(parts) > 1:
        return _together(parts)
    if marked := _of_one(written):
        return marked
    if found := _BRACKETS.match(written):
        outer, inner = taken_apart(found[1].strip()), taken_apart(found[2].strip())
        if any(_NO_NAME.search(name) or _PERSON.search(name) for name in inner.names):
            return Departments(outer.names, False, aside=(*outer.aside, written[len(found[1]) :]))
        return Departments((*outer.names, *inner.names), False, "（ ）")
    for separator, pattern in _SEPARATORS:
        pieces = [part.strip() for part in re.split(pattern, written) if part.strip()]
        if len(pieces) < 2:
            continue
        if all(_ENDING.search(part) for part in pieces) or separator == "/":
            return Departments(tuple(pieces), False, separator)
        if separator == "空白" and _ENDING.search(pieces[0]):
            return Departments((pieces[0],), False, aside=(" ".join(pieces[1:]),))
    return Departments((written,), written not in _EVERYBODY and not _NO_NAME.search(written))


def _listed(text: str) -> list[str]:
    """The parts of a list: lines, and what stands between 、 outside of brackets, or begins with a mark."""
    parts, begin, depth = [], 0, 0
    for index, sign in enumerate(text):
        depth += (sign in "(（【") - (sign in ")）】")
        if sign in "\n、,，;；" and depth <= 0:
            parts.append(text[begin:index])
            begin = index + 1
    parts.append(text[begin:])
    parts = [piece for part in parts for piece in (_MARKED.split(part) if _BEFORE.match(part.strip()) else [part])]
    return [part.strip() for part in parts if part.strip()]


def _together(parts: list[str]) -> Departments:
    every = [taken_apart(part) for part in parts]
    people = [part for part in parts if _PERSON.search(part) and not _ENDING.search(part)]
    names = [name for part, one in zip(parts, every, strict=True) if part not in people for name in one.names]
    if not names:
        return Departments(tuple(parts), False, "改行・読点")
    leads = [one.names[0] for part, one in zip(parts, every, strict=True) if _is_lead(part)]
    names = [*leads, *(name for name in names if name not in leads)]
    aside = (*(mark for one in every for mark in one.aside), *people)
    is_plain = not aside and all(_ENDING.search(part) for part in parts) and all(one.is_plain for one in every)
    return Departments(tuple(dict.fromkeys(names)), is_plain, "改行・読点", aside=tuple(dict.fromkeys(aside)))


def _marked(text: str) -> re.Match[str] | None:
    return _BEFORE.fullmatch(text) or _BEHIND.fullmatch(text)


def _is_lead(text: str) -> bool:
    found = _marked(text)
    return bool(found and any(found.groupdict().get(key) for key in ("lead", "lead2", "lead3")))


def _of_one(text: str) -> Departments | None:
    """A department with something beside its name that is no part of it."""
    if noted := cells.with_note(text):
        name, mark = noted
    elif found := _marked(text) or _MOVED.fullmatch(text):
        name, mark = found["name"].strip(), found["mark"].strip()
    else:
        return None
    one = taken_apart(name)
    return Departments(one.names, False, one.how, one.others, one.divisions, (mark, *one.aside))


def _without_divisions(text: str) -> Departments | None:
    """「企画政策部⏎行政経営課」: the 課 of a 部, not two departments."""
    pieces = re.split(r"(\s*[\n \u3000]\s*|[、,，;；]+)", text)
    names, signs = pieces[::2], [*pieces[1::2], ""]
    above = {
        index
        for index, (name, sign) in enumerate(zip(names, signs, strict=True))
        if sign and not sign.strip() and _DIVISION.search(name) and _SECTION.search(names[index + 1])
    }
    if not above:
        return None
    rest = "".join(
        name + sign for index, (name, sign) in enumerate(zip(names, signs, strict=True)) if index not in above
    )
    below = taken_apart(rest)
    return Departments(
        below.names, False, below.how, below.others, tuple(joined(names[index]) for index in sorted(above))
    )


def of_cell(text: str, heading: str, at: str, questions: Questions) -> tuple[str, ...]:
    """The names that a cell holds, the lead first; asked wherever somebody could read it otherwise."""
    if not text or cells.is_none(text):
        return ()
    found = taken_apart(text)
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
    elif found.aside:
        aside, named = "、".join(found.aside), "、".join(found.names)
        lead = f"（主担当は「{found.names[0]}」）" if found.names[1:] else ""
        question = f"「{aside}」は部署の名称ではないと見て、「{named}」と読みました{lead}。"
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
