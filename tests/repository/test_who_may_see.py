"""docs/who-may-see-what.md says of every noun and field who reads it, as the rules and rights in the code have it.

That the addresses hold to it is asked by tests/repository/test_access.py (person by address) and tests/website/test_leaks.py.
"""

import datetime

from django.apps import apps

from accounts.roles import DESCRIPTIONS, all_rights
from committee.models import Meeting, Opinion
from figures.version import RULES
from reviews.models import Round
from staff.public_notes import NOTES
from tests.repository.packages import PACKAGES, ROOT
from tests.website.whole_site import some_of_each_kind, texts_of_site

DOCUMENT = ROOT / "docs" / "who-may-see-what.md"
HEAD = "## 表\n\n"
WITH_RECORD = "公開した記録（計画、項目、報告）とともに出ます。"
NEVER = "市民のページには出ません。"


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
    assert {name for rule in RULES.values() for name in rule.unseen} == {
        *days,
        "state",
        "opinions_due_on",
        "author",
        "settled_by",
    }
    found = texts_of_site(client, filled, most)
    marks = [mark.encode() for mark in ("秘密の委員", "secret-member", "1987", "昭和62")]
    assert [path for path, text in found.items() if any(mark in text for mark in marks)] == []
    assert len(found) > (60 if most is None else 40)
