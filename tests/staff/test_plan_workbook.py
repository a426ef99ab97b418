"""The plan workbook in the admin: upload, preview, confirmation of exactly the file that this person saw."""

import io

import pandas as pd
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from accounts.models import User
from policies.models import Plan
from programs.models import Program, ProgramEdition, Responsibility
from reviews.models import ReportErratum
from tests.staff.pages import client_of, lines, token
from tests.workbooks.plan import books, full_plan

IMPORT = "/admin/policies/plan/book/import/"
CONFIRM = "/admin/policies/plan/book/confirm/"


def upload(client, data, name="book.xlsx"):
    return client.post(IMPORT, {"file": SimpleUploadedFile(name, data)})


def city_workbook(plan):
    """62 items as a city would prepare them: pandas, names for all, two editions, in its own words."""
    stored = {p.number: p for p in Program.objects.filter(plan=plan)}
    numbers = [str(number) for number in range(1, 63)]
    programs = pd.DataFrame({"number": [int(number) for number in numbers]})
    programs["name"] = [stored[number].name or f"登録した項目{number}" for number in numbers]
    programs["number_is_provisional"] = False
    both = [(number, edition) for number in numbers for edition in ("original", "fy2013-revision")]
    contents = pd.DataFrame(both, columns=["program", "edition"])
    contents["contents"] = [f"項目{number}の実施内容（{edition}）" for number, edition in both]
    contents["departments"] = ["gyokei" if edition == "original" else "gyokei;zaisei" for _number, edition in both]
    years = pd.DataFrame(
        [
            (n, e, f"平成{year - 1988}年度", "実施")
            for n, e in both
            for year in range(2011 if e == "original" else 2014, 2016)
        ],
        columns=["program", "edition", "fiscal_year", "text"],
    )
    file = io.BytesIO()
    with pd.ExcelWriter(file, engine="openpyxl") as writer:
        pd.DataFrame({"slug": ["kodaira-2"]}).to_excel(writer, sheet_name="plan", index=False)
        pd.DataFrame({"code": ["gyokei", "zaisei"], "name": ["行政経営課", "財政課"]}).to_excel(
            writer, sheet_name="departments", index=False
        )
        programs.to_excel(writer, sheet_name="programs", index=False)
        contents.to_excel(writer, sheet_name="program_editions", index=False)
        years.to_excel(writer, sheet_name="year_plans", index=False)
    return file.getvalue()


def test_office_brings_in_62_items_prepared_with_pandas(cast):
    call_command("load_official")
    plan = Plan.objects.get(slug="kodaira-2")
    client = client_of(cast.office)
    preview = upload(client, city_workbook(plan), "小平.xlsx")
    assert preview.status_code == 200
    text = lines(preview)
    table = text[text.index("変更なし") + 1 : text.index("ファイルにない行は変わりません。")]
    assert table == [
        *("計画（plan）", "0", "0", "0", "1"),
        *("部署（departments）", "1", "0", "0", "1"),
        *("実施項目（programs）", "0", "61", "0", "1"),
        *("計画内容（program_editions）", "124", "0", "0", "0"),
        *("年度計画（year_plans）", "434", "0", "0", "0"),
        *("合計", "559", "61", "0", "3"),
    ]
    assert "ほかに41件が変わります。" in text
    assert ProgramEdition.objects.count() == 0

    done = client.post(CONFIRM, {"file": token(preview)}, follow=True)
    assert done.redirect_chain == [(f"/admin/policies/plan/{plan.pk}/change/", 302)]
    assert "計画ブック「小平.xlsx」を取り込みました。追加559件、変更61件、削除0件。" in done.text
    assert Program.objects.exclude(name="").count() == 62
    leading = Responsibility.objects.filter(
        program_edition__program__number="27", program_edition__edition__key="fy2013-revision"
    )
    assert [(row.order, row.department.code) for row in leading.select_related("department").order_by("order")] == [
        (1, "gyokei"),
        (2, "zaisei"),
    ]
    assert ProgramEdition.history.filter(history_user=cast.office, history_type="+").count() == 124
    assert Program.history.filter(history_user=cast.office, history_type="~").count() == 61

    exported = client.get(f"/admin/policies/plan/{plan.pk}/book/export/")
    data = b"".join(exported.streaming_content)
    read = pd.read_excel(io.BytesIO(data), sheet_name="program_editions", dtype=str, engine="openpyxl")
    assert (len(read), read["departments"].value_counts().to_dict()) == (124, {"gyokei": 62, "gyokei;zaisei": 62})
    same = upload(client, data)
    assert any("登録されている内容と同じです" in line for line in lines(same))
    assert 'name="file" value=' not in same.text


def test_a_new_plan_comes_in_from_the_list_of_plans(cast):
    client = client_of(cast.office)
    assert IMPORT in client.get("/admin/policies/plan/").text
    preview = upload(client, books.written(full_plan.full()))
    assert any(line.startswith("新しい計画「みどり改革プラン」（midori）を登録します。") for line in lines(preview))
    client.post(CONFIRM, {"file": token(preview)})
    plan = Plan.objects.get(slug="midori")
    page = client.get(f"/admin/policies/plan/{plan.pk}/change/").text
    assert f"/admin/policies/plan/{plan.pk}/book/export/" in page
    assert IMPORT in page


def test_every_error_stands_on_the_page_and_nothing_is_written(cast):
    tables = full_plan.full()
    tables["programs"][0]["policy"] = 9
    tables["sources"][0]["date"] = "平成40年1月1日"
    client = client_of(cast.office)
    page = upload(client, books.written(tables))
    assert page.status_code == 400
    text = lines(page)
    start = text.index("理由と直し方") + 1
    assert text[start : start + 10] == [
        *("出典（sources）", "2", "発行日（date）", "平成40年1月1日"),
        "「平成40年1月1日」は平成の日付ではありません。令和10年1月1日ではありませんか。",
        *("実施項目（programs）", "2", "方針（policy）", "9"),
        "シート「方針（policies）」にありません。そのシートに行を加えるか、この値を直してください。",
    ]
    assert Plan.objects.count() == 0
    refused = upload(client, b"a,b\n", "book.csv")
    assert refused.status_code == 400
    assert "文字だけのファイル（CSVなど）です。" in refused.text
    assert "取り込む計画ブックを選んでください。" in client.post(IMPORT, {"file": ""}).text


def test_only_what_was_seen_is_written(cast, plan):
    """Another person's file, a file seen before, and data that changed meanwhile."""
    office, root = client_of(cast.office), client_of(cast.root)
    data = books.written({"plan": [{"slug": plan.slug}], "programs": [{"number": 1, "name": "新しい名前"}]})
    first, second = token(upload(office, data)), token(upload(office, data))
    assert first != second
    for client, waiting in ((root, second), (office, first), (office, "x")):
        done = client.post(CONFIRM, {"file": waiting}, follow=True)
        assert "確かめたファイルが見つかりません。" in done.text
    assert Program.objects.get(number="1").name == "項目1の取組"

    Program.objects.filter(number="1").update(name="途中で変えた名前")
    done = office.post(CONFIRM, {"file": second})
    assert done.status_code == 409
    assert "確認の画面を開いたあとに、計画が変更されました。何も取り込んでいません。" in done.text
    assert Program.objects.get(number="1").name == "途中で変えた名前"
    assert "確かめたファイルが見つかりません。" in office.post(CONFIRM, {"file": second}, follow=True).text

    waiting = token(upload(office, data))
    plan.rounds.all().delete()
    Responsibility.objects.all().delete()
    ProgramEdition.objects.all().delete()
    Program.objects.filter(number="1").delete()  # the row would now be new, and lacks what a new row needs
    done = office.post(CONFIRM, {"file": waiting})
    assert done.status_code == 409
    assert "新しい行には、この列が必要です。" in done.text
    assert not Program.objects.filter(number="1").exists()


def test_page_has_the_same_number_of_queries_for_any_number_of_rows(cast, plan, django_assert_num_queries):
    client = client_of(cast.office)

    def book(count):
        rows = [{"number": number, "name": f"項目{number}", "policy": 1} for number in range(1, count + 1)]
        return books.written({"plan": [{"slug": plan.slug}], "programs": rows})

    small, large = book(3), book(300)
    upload(client, small)  # the session is written
    with django_assert_num_queries(17):
        upload(client, small)
    with django_assert_num_queries(17):
        page = upload(client, large)
    assert "ほかに277件を追加します。" in page.text


def test_commands_say_what_they_did(cast, tmp_path, capsys):
    path = tmp_path / "book.xlsx"
    path.write_bytes(books.written(full_plan.full()))
    call_command("import_plan", str(path), "--dry-run")
    assert Plan.objects.count() == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "計画（plan）: 追加 1件、変更 0件、削除 0件、変更なし 0件"
    assert out[-1] == "確認だけです。何も取り込んでいません。"
    call_command("import_plan", str(path))
    assert capsys.readouterr().out.splitlines()[-1] == "取り込みました。"
    path.write_bytes(books.written({"plan": [{"slug": "midori"}], "programs": [{"number": "10", "name": "新名"}]}))
    call_command("import_plan", str(path), "--by", "office")
    assert "  10 の項目名: （空欄） → 新名" in capsys.readouterr().out.splitlines()
    assert Program.history.filter(history_user=cast.office).count() == 1

    path.write_bytes(books.written({"plan": [{"slug": "midori"}], "programs": [{"number": "10", "policy": 9}]}))
    with pytest.raises(CommandError) as refused:
        call_command("import_plan", str(path))
    assert str(refused.value) == (
        f"{path}: 1件の誤りがあります。何も取り込んでいません。\n"
        "  シート「実施項目（programs）」 2行目 列「方針（policy）」: シート「方針（policies）」にありません。そのシートに行を加えるか、この値を直してください。（値「9」）"
    )
    for arguments, message in (
        ((str(tmp_path / "none.xlsx"),), "ファイルを開けません"),
        ((str(path), "--by", "nobody"), "利用者「nobody」はいません。"),
        ((str(path), "--by", "reporter"), "計画ブックを取り込む権限がありません。"),
    ):
        with pytest.raises(CommandError, match=message):
            call_command("import_plan", *arguments)
    with pytest.raises(CommandError, match="計画「x」はありません。登録されている計画: midori"):
        call_command("export_plan", "x", str(path))
    with pytest.raises(CommandError, match=r"ファイル名の終わりを \.xlsx にしてください。"):
        call_command("export_plan", "midori", str(tmp_path / "a.csv"))
    with pytest.raises(CommandError, match="書き込めません"):
        call_command("export_plan", "midori", str(tmp_path / "none" / "a.xlsx"))


def test_an_archive_comes_into_a_database_without_people(db, tmp_path):
    """With its errata, which name who corrected: then it is the import that is named."""
    path = tmp_path / "book.xlsx"
    path.write_bytes(books.written(full_plan.full()))
    call_command("import_plan", str(path), "--dry-run")
    assert User.objects.count() == 0
    call_command("import_plan", str(path))
    person = User.objects.get()
    assert (str(person), person.is_active, person.has_usable_password()) == ("計画ブックの取り込み", False, False)
    assert {erratum.corrected_by for erratum in ReportErratum.objects.select_related("corrected_by")} == {person}
    again = tmp_path / "again.xlsx"
    call_command("export_plan", "midori", str(again))
    first = tmp_path / "first.xlsx"
    first.write_bytes(books.exported("midori"))
    assert books.cells(again.read_bytes()) == books.cells(first.read_bytes())
