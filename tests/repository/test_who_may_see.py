"""docs/who-may-see-what.md says of every noun and field who reads it, as the rules and rights in the code have it.

That the addresses hold to it is asked by tests/repository/test_access.py (person by address) and tests/website/test_leaks.py.
"""

import datetime
import io
import zipfile

import pytest
from django.apps import apps
from django.db import models
from django.utils import timezone
from zeal import zeal_ignore

from accounts.models import Department, User
from accounts.roles import DESCRIPTIONS, all_rights
from committee.models import Meeting, Opinion
from figures.version import RULES
from policies.models import DelayCause, Grade, LineageFigure, Plan, Scale, Source
from programs.models import Program, Revision, RevisionMark
from reviews.models import Round
from staff.public_notes import NOTES
from tests.repository.packages import PACKAGES, ROOT
from tests.website.whole_site import some_of_each_kind, texts_of_site
from tests.workbooks.plan import books
from tests.workbooks.plan.filled import filled as full

DOCUMENT = ROOT / "docs" / "who-may-see-what.md"
HEAD = "## 表\n\n"
WITH_RECORD = "公開した記録（計画、項目、報告）とともに出ます。"
NEVER = "市民のページには出ません。"
NOTED = (Grade, LineageFigure, RevisionMark)  # whose note is the office's own


def own_models():
    return [
        model
        for app in apps.get_app_configs()
        if app.name in PACKAGES
        for model in app.get_models()
        if not hasattr(model, "instance_type")
    ]


def roles_with(model, *actions):
    rights = all_rights()
    label = model._meta.model_name
    found = [
        role
        for role in DESCRIPTIONS
        if any(f"{model._meta.app_label}.{each}_{label}" in rights[role] for each in actions)
    ]
    return "、".join(found) or "（管理者だけ）"


def document():
    """The tables of the document."""
    lines = ["| 記録 | 市民が見るもの | 市民に出ない欄 | 職員で見る役割 | 書く役割 |", "|---" * 5 + "|"]
    for model in own_models():
        label, rule = model._meta.label_lower, RULES.get(model)
        hidden = (
            "（すべて）"
            if rule is None
            else "、".join(str(model._meta.get_field(name).verbose_name) for name in rule.unseen)
        )
        note = NOTES.get(label) or (WITH_RECORD if rule else NEVER)
        reads, writes = roles_with(model, "view"), roles_with(model, "add", "change")
        lines.append(f"| {model._meta.verbose_name} `{model.__name__}` | {note} | {hidden} | {reads} | {writes} |")
    return "\n".join(lines) + "\n"


def test_the_document_says_what_the_rules_say():
    """To renew it, put `document()` behind its last heading."""
    assert DOCUMENT.read_text().partition(HEAD)[2] == document()


def test_a_form_that_promises_to_show_nothing_has_no_public_row():
    promised = {label for label, note in NOTES.items() if note == NEVER}
    assert promised & {model._meta.label_lower for model in RULES} == set()


@some_of_each_kind
def test_fields_that_citizens_do_not_see_stand_on_no_page(filled, cast, client, most):
    """A value that is nowhere else, in each of them."""
    cast.committee.name, cast.committee.username = "秘密の委員", "secret-member"
    cast.committee.save()
    Opinion.objects.update(author=cast.committee)
    days = {"opens_on": datetime.date(1987, 6, 5), "due_on": datetime.date(1987, 6, 6)}
    Round.objects.update(**days)
    Meeting.objects.update(opinions_due_on=datetime.date(1987, 6, 5))
    for model in NOTED:
        model.objects.update(note="秘密の備考")
    found = texts_of_site(client, filled, most)
    marks = [mark.encode() for mark in ("秘密の委員", "secret-member", "1987", "昭和62", "秘密の備考")]
    assert [path for path, text in found.items() if any(mark in text for mark in marks)] == []
    assert len(found) > (60 if most is None else 40)


# Beside what people write, which stands on pages of the whole plan below, or on none: who did it, and what a round stands at.
ACTS_AND_DAYS = {"opens_on", "due_on", "opinions_due_on", "state"}
# Read where the whole plan below does not show it: how a name is found, what a new scale is called where it begins, why a
# plan was revised, of which city a department is, what ends an item or answers an opinion, why something was taken back.
ELSEWHERE = {
    *((Program, "name_kana"), (Scale, "name"), (Scale, "note"), (Revision, "purpose"), (Department, "city")),
    *((DelayCause, "name"), (LineageFigure, "grade_label"), (Program, "carried_number"), (Opinion, "answer")),
    *((model, "withdrawn") for model in (Plan, Source, Program, Round, Meeting, Opinion)),
}
# Codes, keys and what is made of other fields.
NO_WORDS = {
    "slug",
    "key",
    "code",
    "number",
    "search_text",
    "sort_key",
    "field",
    "department_codes",
    "edition_key",
    "source_key",
    "grade_code",
}


def plain(data):
    """What is in a file, whatever is zipped."""
    if not data.startswith(b"PK"):
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return b"\n".join(plain(archive.read(name)) for name in archive.namelist())


def words_of(model):
    return [
        field.name
        for field in model._meta.concrete_fields
        if type(field) in (models.CharField, models.TextField) and not field.choices and field.name not in NO_WORDS
    ]


def test_who_did_something_is_named_to_nobody_but_the_staff():
    doers = {
        (model, field.name) for model in RULES for field in model._meta.concrete_fields if field.related_model is User
    }
    unseen = {(model, name) for model, rule in RULES.items() for name in rule.unseen if name not in ACTS_AND_DAYS}
    assert unseen - doers == {(model, "note") for model in NOTED}
    assert doers - unseen == set()


@pytest.mark.soak
def test_every_field_that_people_write_stands_on_a_page_or_is_said_not_to(cast, client):
    """A plan with something in every column, public; a word of its own in each field."""
    books.bring_in(books.written(full()), cast.root)
    Plan.objects.update(withdrawn="", is_public=True)
    for model in (Meeting, Source, Program, Round):
        model.objects.update(withdrawn="", public_at=timezone.now())
    marks = {}
    for model in RULES:
        for name in words_of(model):
            if (model, name) not in ELSEWHERE:
                mark = marks[model, name] = f"印{len(marks)}印"
                assert model._base_manager.update(**{name: mark}), (model, name)
    with zeal_ignore():
        found = texts_of_site(client, Plan.objects.get())
    told = b"\n".join(map(plain, found.values())).decode(errors="replace")
    nowhere = {place for place, mark in marks.items() if mark not in told}
    assert nowhere == {(model, "note") for model in NOTED}
    assert len(marks) > 80
