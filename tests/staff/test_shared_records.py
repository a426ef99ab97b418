"""Two people at one record, in every form of the admin: nothing that either typed is lost."""

import json
import re
from types import SimpleNamespace

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from committee.models import Meeting, Opinion
from policies.models import Source
from programs.models import PlanIndicator, Program
from programs.plan_indicators import publish
from reviews import workflow
from staff.record_pages import RecordPages
from tests import factories
from tests.staff.addresses import list_url
from tests.staff.forms import answered, filled


def change(record):
    return reverse(f"admin:{record._meta.label_lower.replace('.', '_')}_change", args=[record.pk])


@pytest.fixture
def source(plan):
    return plan.sources.get()


@pytest.fixture
def windows(cast):
    """Of two people of the office."""
    pair = Client(), Client()
    for client, user in zip(pair, (cast.office, cast.root), strict=True):
        client.force_login(user)
    return pair


def test_two_fields_are_both_kept(windows, source):
    mine, theirs = windows
    opened = filled(mine.get(change(source)))
    assert theirs.post(change(source), filled(theirs.get(change(source))) | {"note": "同僚の備考"}).status_code == 302
    assert mine.post(change(source), opened | {"title": "わたしの題名"}).status_code == 302
    source.refresh_from_db()
    assert (source.title, source.note) == ("わたしの題名", "同僚の備考")
    assert source.history.first().history_user.username == "office"


@pytest.mark.parametrize(("pick", "stays"), [("mine", "わたしの題名"), ("theirs", "同僚の題名")])
def test_one_field_is_asked_about(pick, stays, windows, source):
    mine, theirs = windows
    opened = filled(mine.get(change(source)))
    theirs.post(change(source), filled(theirs.get(change(source))) | {"title": "同僚の題名"})
    asked = mine.post(change(source), opened | {"title": "わたしの題名", "note": "わたしの備考"})
    assert asked.status_code == 409
    assert "管理 六郎が保存しました" in asked.text
    assert "<mark>同僚</mark>の題名" in asked.text
    source.refresh_from_db()
    assert source.title == "同僚の題名"

    again = filled(asked)
    unpicked = mine.post(change(source), again)
    assert unpicked.status_code == 409
    assert "違いのあるところすべてで選んでください" in unpicked.text
    assert mine.post(change(source), filled(unpicked) | {"pick_title": pick}).status_code == 302
    source.refresh_from_db()
    assert (source.title, source.note) == (stays, "わたしの備考")


def test_the_own_second_window_is_told_apart(client, cast, source):
    client.force_login(cast.office)
    opened = filled(client.get(change(source)))
    client.post(change(source), opened | {"title": "一つ目の窓"})
    asked = client.post(change(source), opened | {"title": "二つ目の窓"})
    assert asked.status_code == 409
    assert "別の画面で先に保存されています" in asked.text
    assert "あなた自身が保存しました" in asked.text


def test_a_form_with_a_mistake_still_knows_what_others_wrote(windows, source):
    """The page is shown again with the mistake and with the colleague's words; saving it then loses nothing."""
    mine, theirs = windows
    opened = filled(mine.get(change(source)))
    theirs.post(change(source), filled(theirs.get(change(source))) | {"note": "同僚の備考"})
    wrong = mine.post(change(source), opened | {"title": "", "publisher": "わたしの発行"})
    assert wrong.status_code == 200
    assert "同僚の備考" in wrong.text
    assert mine.post(change(source), filled(wrong) | {"title": "題名"}).status_code == 302
    source.refresh_from_db()
    assert (source.title, source.note, source.publisher) == ("題名", "同僚の備考", "わたしの発行")


def test_what_was_typed_into_a_deleted_record_is_shown(windows, plan):
    mine, theirs = windows
    meeting = Meeting.objects.create(plan=plan, held_on="2014-10-31")
    opened = filled(mine.get(change(meeting)))
    Meeting.objects.all().delete()
    gone = mine.post(change(meeting), opened | {"agenda": "長く考えた次第"})
    assert gone.status_code == 409
    assert "長く考えた次第" in gone.text
    assert theirs.get(change(meeting)).status_code == 404


@pytest.mark.parametrize("signed_in_anew", [False, True])
@pytest.mark.parametrize("deleted", [False, True])
def test_what_was_typed_into_a_record_that_is_only_read_by_now_or_gone_is_shown(
    deleted, signed_in_anew, client, plan, cast
):
    opinion = Opinion.objects.create(plan=plan, author=cast.committee, text="もとの意見", given_on="2014-10-31")
    client.force_login(cast.committee)
    sent = filled(client.get(change(opinion))) | {"text": "書き直した意見"}
    Opinion.objects.update(published_on="2014-11-01")
    if deleted:
        Opinion.objects.all().delete()
    shown = answered(client, change(opinion), sent, cast.committee, signed_in_anew=signed_in_anew)
    assert shown.status_code == 409
    assert '<dd class="text">書き直した意見</dd>' in shown.text
    assert ("ほかの人が削除しました" if deleted else "開いたあとに変えられなくなりました") in shown.text
    assert Opinion.objects.filter(text="書き直した意見").count() == 0


def test_choices_of_several_records_and_lines_are_compared_too(windows, plan, source):
    mine, theirs = windows
    meeting = Meeting.objects.create(plan=plan, held_on="2014-10-31")
    other = Source.objects.create(plan=plan, key="S9", title="資料の二")
    opened = filled(mine.get(change(meeting)))
    theirs.post(change(meeting), filled(theirs.get(change(meeting))) | {"documents": [str(other.pk)]})
    assert mine.post(change(meeting), opened | {"agenda": "次第"}).status_code == 302
    meeting.refresh_from_db()
    assert ([*meeting.documents.all()], meeting.agenda) == ([other], "次第")


def test_lines_of_another_record_are_kept(client, cast):
    client.force_login(cast.root)
    other = Client()
    other.force_login(cast.root)
    address = change(cast.reporter)
    opened = filled(client.get(address))
    [place] = re.findall(r"memberships-(\d+)-department", " ".join(name for name in opened if opened.get(name)))[:1]
    changed = filled(other.get(address)) | {f"memberships-{place}-department": str(cast.zeimu.pk)}
    assert other.post(address, changed).status_code == 302
    assert client.post(address, opened | {"name": "新しい氏名"}).status_code == 302
    cast.reporter.refresh_from_db()
    assert (cast.reporter.name, [*cast.reporter.departments.all()]) == ("新しい氏名", [cast.zeimu])


@pytest.fixture
def indicator(plan):
    return PlanIndicator.objects.create(plan=plan, number=1, name="自主財源比率")


def errors(page):
    return re.findall(r"<li>(.*?)</li>", page.text.partition('class="errorlist nonfield')[2].partition("</ul>")[0])


def test_what_was_typed_into_a_field_that_an_act_settled_is_not_passed_over_in_silence(windows, plan, cast, indicator):
    mine, _theirs = windows
    round_ = plan.rounds.first()
    opened = filled(mine.get(change(round_)))
    workflow.open_round(round_, by=cast.root)
    refused = mine.post(change(round_), opened | {"as_of": "2014-10-31", "due_on": "2099-11-10"})
    assert errors(refused) == [
        "「基準日」（平成26年9月30日現在）は、あなたが開いたあとに変えられなくなりました。入力した「2014-10-31」は保存できません。"
    ]
    round_.refresh_from_db()
    assert round_.due_on is None
    assert mine.post(change(round_), filled(refused)).status_code == 302  # all the rest is there, and is saved
    round_.refresh_from_db()
    assert (str(round_.as_of), str(round_.due_on)) == ("2014-09-30", "2099-11-10")

    # A line, and a choice; what nobody touched is not spoken of.
    actual = indicator.actuals.create(fiscal_year=2014, value=50, note="もとの補足")
    opened = filled(mine.get(change(indicator)))
    publish(indicator, by=cast.root)
    typed = {"actuals-0-note": "わたしの補足", "better": "down"}
    assert errors(mine.post(change(indicator), opened | typed)) == [
        "「よい方向」（自主財源比率）は、あなたが開いたあとに変えられなくなりました。変えた内容は保存できません。",
        "「補足」（実績 平成26年度（2014年度） 50）は、あなたが開いたあとに変えられなくなりました。入力した「わたしの補足」は保存できません。",
    ]
    assert mine.post(change(indicator), opened).status_code == 302
    actual.refresh_from_db()
    assert actual.note == "もとの補足"


def test_a_line_that_somebody_deleted_goes_unless_something_was_typed_into_it(windows, indicator):
    mine, _theirs = windows
    for year in (2013, 2014, 2015):
        indicator.actuals.create(fiscal_year=year, value=50, note=f"{year}年度の補足")
    opened = filled(mine.get(change(indicator)))
    indicator.actuals.filter(fiscal_year__lt=2015).delete()
    typed = {"name": "新しい名前", "actuals-2-note": "わたしの補足"}
    assert mine.post(change(indicator), opened | typed).status_code == 302
    indicator.refresh_from_db()
    assert indicator.name == "新しい名前"
    assert list(indicator.actuals.values_list("fiscal_year", "note")) == [(2015, "わたしの補足")]

    opened = filled(mine.get(change(indicator)))
    indicator.actuals.all().delete()
    refused = mine.post(change(indicator), opened | {"actuals-0-note": "消えては困る補足"})
    assert errors(refused) == [
        "入力した全体の指標の実績の行は、あなたが開いたあとにほかの人が削除しました。入力した内容は新しい行にあります。"
        "登録し直すときはそのまま、要らないときはその行を空にして、もう一度保存してください。"
    ]
    assert not indicator.actuals.exists()
    assert mine.post(change(indicator), filled(refused)).status_code == 302
    assert list(indicator.actuals.values_list("fiscal_year", "note")) == [(2015, "消えては困る補足")]


@pytest.mark.parametrize("done", ["written", "published"])
def test_a_line_that_somebody_changed_is_not_deleted_unseen(done, windows, cast, indicator):
    mine, _theirs = windows
    actual = indicator.actuals.create(fiscal_year=2014, value=50)
    sent = filled(mine.get(change(indicator))) | {"actuals-0-DELETE": "on"}
    if done == "written":
        indicator.actuals.update(note="同僚の補足")
    else:
        publish(indicator, by=cast.root)
    asked = mine.post(change(indicator), sent)
    assert errors(asked) == [
        "「実績 平成26年度（2014年度） 50」の行は、あなたが開いたあとにほかの人が変えたため、削除していません。"
    ]
    actual.refresh_from_db()
    if done == "written":  # and is seen now
        assert filled(asked)["actuals-0-note"] == "同僚の補足"
        assert mine.post(change(indicator), filled(asked) | {"actuals-0-DELETE": "on"}).status_code == 302
        assert not indicator.actuals.exists()


def test_a_page_with_a_mistake_names_each_line_by_its_own_record(windows, indicator):
    mine, _theirs = windows
    indicator.actuals.create(fiscal_year=2014, value=50)
    opened = filled(mine.get(change(indicator)))
    indicator.actuals.create(fiscal_year=2013, value=49)
    refused = mine.post(change(indicator), opened | {"actuals-0-value": "五十くらい"})
    [lines] = [each for each in refused.context_data["inline_admin_formsets"] if each.formset.prefix == "actuals"]
    named = [(str(line.original), line.form["fiscal_year"].value()) for line in lines if line.original]
    assert named == [("実績 平成26年度（2014年度） 50", "2014")]


def test_a_line_that_somebody_deleted_comes_back_with_its_text_after_signing_in(client, cast, indicator):
    client.force_login(cast.office)
    for year in (2014, 2015):
        indicator.actuals.create(fiscal_year=year, value=50)
    opened = filled(client.get(change(indicator)))
    client.logout()
    client.post(change(indicator), opened | {"actuals-0-note": "わたしの補足"})
    indicator.actuals.filter(fiscal_year=2014).delete()
    client.force_login(cast.office)
    shown = client.get(change(indicator))
    assert [text[:10] for text in errors(shown)] == ["ログインの前に入力し", "入力した全体の指標の"]
    assert client.post(change(indicator), filled(shown)).status_code == 302
    assert list(indicator.actuals.values_list("fiscal_year", "note")) == [(2014, "わたしの補足"), (2015, "")]


def test_every_form_of_the_admin_has_this_page():
    """But those that have it of their own, with tests of their own: reports and contents. The log of notices is only read."""
    of_their_own = {
        model._meta.label_lower
        for model, one in admin.site._registry.items()
        if not isinstance(one, RecordPages) or one.has_own_page
    }
    assert of_their_own == {"programs.programedition", "reviews.notice", "reviews.report"}


# The session ends


def test_what_was_sent_without_a_session_comes_back_after_signing_in(client, cast, plan):
    item = Program.objects.get(number="1")
    client.force_login(cast.office)
    opened = filled(client.get(change(item)))
    client.logout()
    away = client.post(change(item), opened | {"note": "三十分かけて書いた備考"})
    assert away.status_code == 302
    client.force_login(cast.office)
    back = client.get(change(item))
    assert "ログインの前に入力した内容を戻しました" in back.text
    assert "三十分かけて書いた備考" in back.text
    item.refresh_from_db()
    assert item.note == ""
    assert client.post(change(item), filled(back)).status_code == 302
    item.refresh_from_db()
    assert item.note == "三十分かけて書いた備考"
    assert "ログインの前に" not in client.get(change(item)).text


def test_an_opinion_that_was_begun_comes_back_to_the_member(client, cast, plan):
    client.force_login(cast.committee)
    address = reverse("admin:committee_opinion_add")
    opened = filled(client.get(f"{address}?plan={plan.pk}"))
    client.logout()
    client.post(address, opened | {"text": "書きかけの意見"})
    client.force_login(cast.committee)
    assert "書きかけの意見" in client.get(address).text
    assert Opinion.objects.count() == 0


def before_sign_in(page):
    """What the script of the page fills in."""
    found = re.search(r'<script id="typed-before" type="application/json">(.*?)</script>', page.text)
    return json.loads(found[1])


@pytest.fixture
def handed_in(plan, cast):
    opened = workflow.open_round(plan.rounds.first(), by=cast.office)
    return factories.handed_in(opened, 1, by=cast.reporter)


def test_an_act_without_a_page_leads_to_its_record_with_the_words(client, cast, handed_in):
    """A 差し戻し that was written for half an hour: it was not done, and its reason is there to be copied."""
    client.force_login(cast.office)
    record = change(handed_in)
    fields = filled(client.get(record))
    client.logout()
    act = reverse("admin:reviews_report_return", args=[handed_in.pk])
    assert client.post(act, fields | {"reason": "数字の根拠を書いてください。"}).status_code == 302
    client.force_login(cast.office)
    back = client.get(act, follow=True)
    assert back.redirect_chain == [(record, 302)]
    assert "まだ行っていません" in back.text
    assert back.context_data["typed_before"]["words"] == [("reason", "数字の根拠を書いてください。")]
    assert before_sign_in(back)["to"] == act
    handed_in.refresh_from_db()
    assert handed_in.state == "submitted"
    again = client.get(act, follow=True)  # once
    assert ("まだ行っていません" in again.text, again.context_data["typed_before"]) == (False, None)


def test_an_act_with_a_page_says_above_it_what_was_typed(client, cast, plan):
    item = Program.objects.get(number="1")
    client.force_login(cast.office)
    address = reverse("admin:programs_program_end", args=[item.pk])
    fields = filled(client.get(address))
    client.logout()
    sent = {name: value for name, value in fields.items() if name != "_opened_by"} | {
        "on": "2014-04-01",
        "reason": "completed",
        "note": "経常の業務にしたため",
    }
    client.post(address, fields | sent)
    client.force_login(cast.office)
    back = client.get(address)
    assert back.status_code == 200
    assert before_sign_in(back) == {"to": address, "values": {name: [value] for name, value in sent.items()}}
    assert back.context_data["typed_before"]["words"] == [("on", "2014-04-01"), ("note", "経常の業務にしたため")]
    assert "入力していた内容：「経常の業務にしたため」" in back.text
    item.refresh_from_db()
    assert item.ended_on is None


def test_a_form_that_is_too_long_to_be_kept_says_so(client, cast, plan):
    item = Program.objects.get(number="1")
    client.force_login(cast.office)
    opened = filled(client.get(change(item)))
    client.logout()
    client.post(change(item), opened | {"note": "長" * 222_222})  # nine characters each, as browsers send it
    client.force_login(cast.office)
    back = client.get(change(item))
    assert "入力した内容は長すぎるため、残っていません。" in back.text
    assert before_sign_in(back)["values"] == {}
    assert "長すぎる" not in client.get(change(item)).text


def test_what_is_kept_holds_no_secret_words_and_several_forms(client, cast, plan):
    first, second = Program.objects.get(number="1"), Program.objects.get(number="2")
    client.force_login(cast.root)
    adding = reverse("admin:accounts_user_add")
    pages = {address: filled(client.get(address)) for address in (change(first), change(second), adding)}
    client.logout()
    client.post(adding, pages[adding] | {"username": "new", "password1": "ひみつ", "password2": "ひみつ"})
    for item in (first, second):
        client.post(change(item), pages[change(item)] | {"note": f"備考{item.number}"})
    kept = client.session["typed_before_sign_in"]
    assert (len(kept), "password" in json.dumps(kept)) == (3, False)
    redacting = {"_opened_by": pages[adding]["_opened_by"], "words": "secret", "reason": "reason"}
    client.post("/admin/reviews/redaction/redact/", redacting)
    redacting = client.session["typed_before_sign_in"]["/admin/reviews/redaction/redact/"]["typed"]
    assert ("reason=reason" in redacting, "secret" in redacting) == (True, False)
    client.force_login(cast.root)
    assert 'value="new"' in client.get(adding).text
    assert "備考1" in client.get(change(first)).text
    assert "備考2" in client.get(change(second)).text


# The person signed in anew in another tab


@pytest.fixture
def two_tabs(cast, plan):
    """A page that was opened before the person signed in once more: what it sends, and the browser."""
    browser = Client(enforce_csrf_checks=True)

    def sign_in(user):
        login = browser.get("/admin/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', login.text)[1]
        given = {"username": user.username, "password": "pass", "csrfmiddlewaretoken": token, "next": "/admin/"}
        assert browser.post("/admin/login/", given).status_code == 302

    def open_in_old_tab(address, then):
        sign_in(cast.office)
        page = browser.get(address)
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)[1]
        browser.cookies.pop("sessionid")
        sign_in(then)
        return filled(page) | {"csrfmiddlewaretoken": token}

    return browser, open_in_old_tab


def test_an_old_tab_brings_its_text_back_after_a_new_sign_in(two_tabs, cast):
    browser, open_in_old_tab = two_tabs
    item = Program.objects.get(number="1")
    old = open_in_old_tab(change(item), cast.office)
    answer = browser.post(change(item), old | {"note": "古い画面で書いた備考"})
    assert (answer.status_code, answer.url) == (302, change(item))
    back = browser.get(change(item))
    assert "ログインの前に入力した内容を戻しました" in back.text
    assert "古い画面で書いた備考" in back.text
    item.refresh_from_db()
    assert item.note == ""
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', back.text)[1]
    assert browser.post(change(item), filled(back) | {"csrfmiddlewaretoken": token}).status_code == 302
    item.refresh_from_db()
    assert item.note == "古い画面で書いた備考"


def test_what_comes_from_elsewhere_or_from_somebody_else_is_not_kept(two_tabs, cast):
    browser, open_in_old_tab = two_tabs
    item = Program.objects.get(number="1")
    old = open_in_old_tab(change(item), cast.root)
    for sent in (old | {"note": "別の人の備考"}, {"note": "よそから"}, {"note": "よそから", "_opened_by": "1:forged"}):
        refused = browser.post(change(item), sent)
        assert refused.status_code == 403
        assert "送信を確かめられませんでした" in refused.text
    assert "typed_before_sign_in" not in browser.session
    away = browser.post("/admin/login/", {"next": "https://elsewhere.example/"})  # signed in meanwhile
    assert (away.status_code, away.url) == (302, "/admin/")
    assert browser.post("/admin/login/", {"next": change(item)}).url == change(item)
    browser.cookies.pop("sessionid")
    assert browser.post(change(item), old).status_code == 403


# Acts that have no page


@pytest.mark.parametrize(
    ("act", "page"),
    [
        ("reviews/report/{report}/return/", "reviews/report/{report}/change/"),
        ("reviews/report/999999/return/", "reviews/report/"),
        ("reviews/round/process_import/", "reviews/round/"),
        ("policies/plan/book/confirm/", "policies/plan/"),
        ("logout/", ""),
    ],
)
def test_looking_at_an_act_leads_to_where_it_is_done(act, page, client, cast, handed_in):
    client.force_login(cast.office)
    back = client.get(f"/admin/{act.format(report=handed_in.pk)}", follow=True)
    assert back.redirect_chain == [(f"/admin/{page.format(report=handed_in.pk)}", 302)]
    assert (back.status_code, "何も行っていません。" in back.text) == (200, True)
    assert client.put(f"/admin/{act.format(report=handed_in.pk)}").status_code == 405


def test_every_text_of_every_form_is_read_by_the_grammar(rf, cast):
    """So that control characters are refused and line ends are one kind, wherever a text is typed."""
    request = rf.get("/")
    request.user, request.resolver_match = cast.root, SimpleNamespace(kwargs={})
    strange = {}
    for model, one in admin.site._registry.items():
        if not one.has_change_permission(request):
            continue
        for change in (True, False):
            fields = one.get_form(request, None, change=change).base_fields
            for name, field in fields.items():
                if type(field).__name__ in ("CharField", "DateField", "DecimalField") and "password" not in name:
                    strange.setdefault(model._meta.label_lower, {})[name] = type(field).__name__
    assert strange == {}


def test_the_list_of_departments_says_from_when_until_when(client, cast):
    for department, days in ((cast.zaisei, ("2014-04-01", None)), (cast.zeimu, (None, "2015-03-31"))):
        department.valid_from, department.valid_to = days
        department.save()
    client.force_login(cast.office)
    page = client.get(list_url("accounts.department")).text
    assert ">平成26年4月1日から<" in page
    assert ">平成27年3月31日まで<" in page
