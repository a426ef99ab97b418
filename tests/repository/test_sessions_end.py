"""The session ended in the middle of every act: what was typed comes back, and where nothing was typed the page says what to do.

The forms are those of the pages of all addresses of the URL configuration, so that none is forgotten: an address that takes
a POST and to which no form of the walk goes fails here.
"""

import html
import json
import re
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import resolve
from django.utils import timezone
from zeal import zeal_ignore

from accounts.models import Department, User
from committee.models import Meeting, Opinion
from policies.models import Source
from programs.models import PlanIndicator, Program, ProgramEdition, Responsibility
from reviews import workflow
from reviews.models import Round
from tests import factories
from tests.repository.addresses import ROUTES, TABLE, row_of
from tests.repository.every_model import address
from tests.repository.post_forms import forms_of
from tests.staff.files import xlsx
from tests.staff.pages import client_of, figure_table_page, sent, table_page
from tests.workbooks.plan import books
from tests.workbooks.survey.sheets import Book

WHO = ("root", "office", "reporter", "stranger", "committee")
WORDS = "まだ打ちかけの文"
LOST = "いま送った内容は保存も実行もしていません"
NOT_DONE = ("まだ行っていません", "何も行っていません", "まだ保存していません", "何も取り込んでいません")
# What takes a POST because Django shows a page for it, too: there is nothing on it to send.
NOTHING_TO_SEND = re.compile(
    r"admin/$|.*/history/$|.*<path:object_id>/$|admin/r/.*|admin/log(in|out)/|.*app_label.*|.*/(board|status|download)/$"
    r"|.*sheets/<int:round>/$|admin/reviews/notice/$"
)


def pages_of(site, routes=ROUTES):
    """Of all addresses of the admin: who sees it, where, and the page."""
    clients = {who: client_of(User.objects.get(username=who)) for who in WHO}
    for route in routes:
        for who, client in clients.items():
            if not route.startswith("admin/"):
                continue
            url = address(route, site)
            page = client.get(url)
            if page.streaming:
                b"".join(page.streaming_content)
            elif page.status_code in (200, 400) and page["Content-Type"].startswith("text/html"):
                yield who, url, page


def file(data, name="a.xlsx"):
    return SimpleUploadedFile(name, data)


def at(client, url, page=None):
    """Who sees it, where, and the page."""
    return int(client.session["_auth_user_id"]), url, page or client.get(url)


def admin(record, act="change"):
    return f"/admin/{record._meta.app_label}/{record._meta.model_name}/{record.pk}/{act}/"


def form_of(client, url):
    """What the form of a page that is sent to the same page holds."""
    return next(form for form in forms_of(client.get(url), url) if form.goes_to == url).values


def of_reports(site, cast):
    """Pages of reports that wait, have a second department, were saved by a colleague meanwhile."""
    office, reporter = client_of(cast.office), client_of(cast.reporter)
    # A report that waits, of an item with a second department, judged by a further axis.
    frozen = site.round.edition.contents.get(program=site.program)
    Responsibility.objects.bulk_create([Responsibility(program_edition=frozen, department=cast.zeimu, order=2)])
    yield at(client_of(cast.stranger), admin(site))
    report = factories.handed_in(site.round, 2, by=cast.root)
    factories.further_axes(site.round.plan)
    yield at(office, admin(report))
    yield at(office, admin(site.round, "approve"))
    # Somebody else was first.
    opened = form_of(reporter, admin(site))
    site.refresh_from_db()
    workflow.save_draft(site, {"progress": "同僚の文"}, by=cast.colleague, version=site.version)
    yield at(reporter, admin(site), reporter.post(admin(site), opened | {"progress": [WORDS], "_save": ["1"]}))


def of_records(site, cast, plan):
    """Pages of records that a colleague has saved meanwhile, that are public or not, frozen or prepared."""
    office = client_of(cast.office)
    frozen = site.round.edition.contents.get(program=site.program)
    source = Source.objects.create(plan=plan, key="S9", title="資料")
    opened = form_of(office, admin(source))
    Source.objects.filter(pk=source.pk).update(title="同僚の資料")
    yield at(office, admin(source), office.post(admin(source), opened | {"title": ["わたしの資料"], "note": [WORDS]}))
    content = ProgramEdition.objects.get(program=site.program, edition__key="original")
    opened = form_of(office, admin(content))
    office.post(admin(content), opened | {"contents": ["同僚の内容"], "_save": ["1"]})
    yield at(office, admin(content), office.post(admin(content), opened | {"contents": [WORDS], "_save": ["1"]}))
    # Of a public record and of one that is not, of a frozen edition and of one that is prepared.
    item = Program.objects.create(plan=plan, policy=plan.policies.first(), number="9", name="新しい項目")
    meeting = Meeting.objects.create(plan=plan, held_on="2015-02-01", **factories.PUBLIC)
    opinion = Opinion.objects.create(
        plan=plan, key="2015-1", given_on="2014-10-31", text="意見", published_on="2014-12-01", meeting=meeting
    )
    planned = Round.objects.create(plan=plan, as_of="2014-03-31", edition=plan.editions.first())
    indicator = PlanIndicator.objects.get()
    hidden = Meeting.objects.create(plan=plan, held_on="2015-02-02")
    for record in (item, source, hidden, planned):
        yield at(office, admin(record, "public"))
    for record in (site.program, Source.objects.create(plan=plan, key="S8", title="資料", **factories.PUBLIC), opinion):
        yield at(office, admin(record, "withdraw"))
    yield at(office, admin(planned, "past"))
    yield at(office, admin(planned, "delete"))
    yield at(office, admin(plan.editions.get(key="original")))
    yield at(office, admin(item))
    ProgramEdition.objects.filter(pk=frozen.pk).update(contents="実施する。")
    yield at(office, f"{admin(frozen, 'correct')}?field=contents")
    frozen_item = Program.objects.get(number="3")
    yield at(office, f"/admin/programs/programedition/learn/{frozen_item.pk}/{frozen.edition_id}/")
    PlanIndicator.objects.update(published_at=timezone.now(), published_by=cast.office)
    yield at(office, f"{admin(indicator, 'correct')}?field=name")
    free = Department.objects.create(city="小平市", code="free", name="名のない課")
    yield at(office, admin(free, "delete"))
    chosen = {"action": "delete_selected", "_selected_action": [str(free.pk)]}
    listed = "/admin/accounts/department/"
    yield at(office, listed, office.post(listed, chosen))
    redact, root = "/admin/reviews/redaction/redact/", client_of(cast.root)
    yield at(root, redact, root.post(redact, {"words": "新しい項目"}))
    Client().post("/admin/login/", {"username": "office", "password": "wrong"})
    yield at(root, "/admin/sign-ins/")


def table(client, url, *steps, **form):
    """The pages of a guided table, each sent as it is shown."""
    page = client.post(url, form, follow=True)
    for step in steps:
        yield at(client, f"{url}{step}", page)
        page = client.post(f"{url}{step}", sent(page), follow=True)


def after_a_file(site, cast, plan):
    """Pages that follow upon a file."""
    office, reporter = client_of(cast.office), client_of(cast.reporter)
    listed = "/admin/programs/program/import/"
    rows = xlsx([["計画", "番号", "備考"], [plan.slug, "1", "一覧の備考"]])
    yield at(office, listed, office.post(listed, {"import_file": file(rows), "resource": "0", "format": ""}))
    book = "/admin/policies/plan/book/import/"
    data = books.saved(books.workbook_of({"plan": [{"slug": plan.slug, "summary": "計画の趣旨"}]}))
    yield at(office, book, office.post(book, {"file": file(data)}))
    sheet = f"/admin/workbooks/surveyupload/sheets/{site.round_id}/{cast.zaisei.pk}/"
    data = Book(b"".join(reporter.get(f"{sheet}download/"))).put("報告", 4, 取組状況="調査票の文").saved()
    preview = reporter.post(sheet, {"file": file(data)}, follow=True)
    url = preview.redirect_chain[-1][0]
    yield at(reporter, url, preview)
    yield at(reporter, url, reporter.post(url, sent(preview) | {"_save": "1"}, follow=True))
    graded = "番号\t項目名\t平成26年3月末 評価\t平成27年3月末 評価\n1\t項目1の取組\tＡ\tA\n2\t項目2の取組\t－\t？\n"
    edition = plan.editions.get(key="original").pk
    yield from table(
        office, table_page(plan), "sheets/", "columns/", "doubts/", pasted=graded, page="", edition=edition
    )
    yield at(office, table_page(plan, "results/"))
    counted = "方針\tS\tA\n方針1\t1\t？\n方針2\t1\t2\n"
    steps = ("sheets/", "meanings/", "check/")
    yield from table(office, figure_table_page(plan), *steps, pasted=counted, page="", source=plan.sources.first().pk)


def view_of(url):
    return resolve(urlsplit(url).path).func.__qualname__


def kind(form):
    """Forms of one kind go to one view and have the same fields."""
    names = tuple(sorted(re.sub(r"\d+", "0", name) for name in {*form.values, *form.texts}))
    return view_of(form.goes_to), names, form.takes_file


def forms_by_kind(pages):
    found = {}
    for who, url, page in pages:
        for form in forms_of(page, url):
            if form.has_button and form.id != "logout-form":
                found.setdefault(kind(form), (who, form))
    return [*found.values()]


def sign_in(client, page, who):
    """As a person does who was led to the page to sign in; where that leads."""
    [form] = forms_of(page, page.request["PATH_INFO"] + "?" + page.request["QUERY_STRING"])
    return client.post(form.goes_to, form.values | {"username": who, "password": "pass"}, follow=True)


def lost(page, form, typed):
    """What of the typed texts is neither in a form of the page nor filled in by its script nor shown in words."""
    address = page.redirect_chain[-1][0]
    forms = forms_of(page, address)
    filled = re.search(r'<script id="typed-before" type="application/json">(.*?)</script>', page.text)
    fill = json.loads(filled[1]) if filled else {"to": "", "values": {}}
    there = [each for each in forms if urlsplit(each.goes_to).path == urlsplit(fill["to"]).path]
    return {
        name: text
        for name, text in typed.items()
        if not any(text in each.values.get(name, ()) for each in forms)
        and not (text in fill["values"].get(name, ()) and any(name in each.texts for each in there))
        and f"入力していた内容：「{text}」" not in html.unescape(page.text)
    }


def ended(who, form):
    """What is wrong after the form was sent without a session and the person has signed in again."""
    client = client_of(User.objects.get(pk=who) if str(who).isdigit() else User.objects.get(username=who))
    name = User.objects.get(pk=client.session["_auth_user_id"]).username
    client.cookies.pop("sessionid")
    typed = {
        name: "4711" if kind == "number" else f"{WORDS}{number}"
        for number, (name, kind) in enumerate(form.texts.items())
    }
    data = form.values | typed | ({"file": file(b"x")} if form.takes_file else {})
    answer = client.post(form.goes_to, data, follow=True)
    if LOST not in answer.text:
        return "the page to sign in does not say it"
    back = sign_in(client, answer, name)
    if back.status_code not in (200, 400, 409):
        return back.status_code
    if missing := lost(back, form, typed):
        return missing
    says = any(words in back.text for words in NOT_DONE)
    return "" if says or typed or "_opened_by" not in form.values else "the page does not say it"


def wrong(forms):
    with zeal_ignore():
        return {(form.goes_to, *form.texts): said for who, form in forms if (said := ended(who, form))}


# A form of a record, one that adds, one with a reason, a mere confirmation, a file, a password, choices in a list.
ONE_OF_EACH = [
    *("admin/programs/program/<path:object_id>/change/", "admin/committee/opinion/add/"),
    *("admin/programs/program/<int:pk>/end/", "admin/committee/meeting/<int:pk>/withdraw/"),
    *("admin/policies/edition/<int:pk>/freeze/", "admin/policies/plan/<int:pk>/tables/"),
    *("admin/workbooks/surveyupload/sheets/<int:round>/<int:department>/", "admin/password_change/"),
    *("admin/accounts/department/", "admin/programs/planindicator/<path:object_id>/change/"),
]


def test_one_of_each_kind_comes_back_after_the_session_has_ended(site, cast):
    forms = forms_by_kind([*pages_of(site, ONE_OF_EACH), *of_reports(site, cast)])
    assert len({view_of(form.goes_to) for _, form in forms}) >= 11
    assert wrong(forms) == {}


@pytest.mark.soak
def test_every_form_comes_back_after_the_session_has_ended(site, cast, plan, settings):
    settings.AXES_ENABLED = True
    forms = forms_by_kind(pages_of(site))
    assert wrong(forms) == {}  # before the others are published, which makes what is sent here impossible
    further = forms_by_kind([*of_reports(site, cast), *of_records(site, cast, plan), *after_a_file(site, cast, plan)])
    assert wrong(further) == {}
    forms += further
    met = {view_of(form.goes_to) for _, form in forms}
    taking = [route for route in ROUTES if route.startswith("admin/") and takes_post(route)]
    assert len(taking) > 200
    assert [route for route in taking if view_of(address(route, site)) not in met] == []
    assert len(forms) > 110


def takes_post(route):
    """Whether somebody may send something to an address; 405 and 403 are what the table of addresses says."""
    answer = TABLE[row_of(route)][1].split()[-1]
    return answer not in ("403", "404", "405") and not NOTHING_TO_SEND.fullmatch(route)
