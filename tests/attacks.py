"""The attack list: what was tried against the site, and which test tries it. `make soak` runs all and prints a result for each.

`python -m tests.attacks` runs the tests on the database that DATABASE_URL names, then on SQLite those that had no result there
because they are about SQLite alone, and ends with one table. A case without a result is a failure. As a plugin of pytest
(`-p tests.attacks`) it notes how each test ended in the file that ATTACK_RESULTS names; what the files that it is started
with already tell is not run a second time.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

SQLITE, RESULTS, DONE = "sqlite://:memory:", "ATTACK_RESULTS", "ATTACK_DONE"
Noted = dict[str, Any]  # outcomes of each test, and the names of those deselected

_ACCESS, _LEAKS, _FAULTS = "repository/test_access.py", "website/test_leaks.py", "opendata/test_faults.py"
_SIGN_INS, _CONFINED, _REDACTION = (
    "staff/test_sign_ins.py",
    "core/spreadsheets/test_confined.py",
    "reviews/test_redaction.py",
)
_API, _LIMIT = "opendata/test_api.py", "opendata/test_api_limit.py"
_KEPT, _FLOODS = "opendata/test_page_cache.py", "opendata/test_floods.py"
_PUBLIC, _VERSION, _WORKFLOW = "policies/test_publicity.py", "figures/test_version.py", "reviews/test_workflow.py"
_BACKUPS, _EVERYWHERE, _ROBUST = (
    "tools/test_backups.py",
    "figures/test_version_everywhere.py",
    "website/test_robustness.py",
)
_SHARED, _OPERATIONS, _SETTINGS = (
    "staff/test_shared_records.py",
    "repository/test_operations.py",
    "repository/test_settings.py",
)

# By what is attacked: what is tried, and the test below tests/.
ATTACKS: dict[str, list[tuple[str, str, str]]] = {
    "役割と住所": [
        ("各役割が全アドレスを開き、空の書式を送る", _ACCESS, "test_every_address_answers_each_person_as_the_table_says"),
        ("公開していない計画を各役割が開く", _ACCESS, "test_nobody_sees_a_plan_that_is_not_public"),
        ("市民のページへ書き込む", _ACCESS, "test_public_pages_are_only_read"),
        ("ないもの、巨大な番号、NUL を求める", _ACCESS, "test_what_does_not_exist_is_said_in_japanese"),
        ("管理画面の意味のないアドレス", _ACCESS, "test_an_address_of_the_admin_that_makes_no_sense"),
        ("管理画面の壊れた条件（_to_field、%00）", _FAULTS, "test_malformed_addresses_of_the_admin_are_no_error_of_ours"),
        ("すべての一覧に、意味のない条件・番号・選択を送る", "staff/test_malformed.py", "test_what_is_malformed_is_refused"),
        ("どの書式も送らない値（NUL、空の _to_field）", _FAULTS, "test_what_no_form_sends_is_no_error_of_ours"),
        ("他課の報告の版を古くして送り、内容を見る", _WORKFLOW, "test_who_may_not_write_is_refused_before_a_conflict_shows_what_others_wrote"),
        ("API を GET 以外で呼ぶ、他のサイトから呼ぶ", _API, "test_methods_and_other_sites"),
        ("API に誤った条件を送る", _API, "test_what_is_refused"),
    ],
    "公開前の内容": [
        ("受付中の調査がページとファイルに出るか", _LEAKS, "test_an_open_round_changes_no_page_and_no_file"),
        ("ログインした人に違うページが出るか", _LEAKS, "test_staff_see_on_public_pages_what_citizens_see"),
        ("承認していない報告", _LEAKS, "test_unapproved_reports_of_a_published_round_stay_hidden"),
        ("確定していない版の部署", _LEAKS, "test_departments_of_an_edition_that_is_not_frozen_are_hidden"),
        ("別の計画の項目", _LEAKS, "test_items_of_another_plan_stay_out"),
        ("API の全ての答えとタグと日付", _API, "test_nothing_unpublished_in_any_answer"),
        ("保存しただけの項目、会議、出典", _PUBLIC, "test_it_is_seen_after_the_act_and_is_gone_after_it_is_withdrawn"),
        ("保存しただけの調査", _PUBLIC, "test_a_round_is_known_when_it_is_said"),
        ("権限のない人が公開、取り下げる", _PUBLIC, "test_a_plan_is_taken_off_with_a_reason_and_an_opinion_keeps_its_number"),
        ("公開したものを消す（画面、計画ブック）", _PUBLIC, "test_what_was_public_is_not_deleted"),
        ("計画ブックで公開日を書き換える", _PUBLIC, "test_a_workbook_says_what_is_public_and_moves_it_for_new_rows_only"),
        ("書式に is_public を足して送る", _PUBLIC, "test_the_admin_shows_and_withdraws_and_does_not_publish_by_saving"),
        ("市民に出ない欄を全ページで探す", "repository/test_who_may_see.py", "test_fields_that_citizens_do_not_see_stand_on_no_page"),
    ],
    "サインイン": [
        ("一つのアドレスから10回誤る", _SIGN_INS, "test_ten_wrong_passwords_from_elsewhere_do_not_lock_the_person_out"),
        ("多くのアドレスから一人を狙う", _SIGN_INS, "test_many_addresses_together_lock_the_name_but_not_where_the_person_was_before"),
        ("長すぎる名前", _SIGN_INS, "test_a_name_that_no_account_can_have_is_refused_before_the_database"),
        ("記録に改行を入れる", _SIGN_INS, "test_the_log_says_who_and_from_where_on_one_line"),
        ("X-Forwarded-For を偽る", "core/test_client_address.py", "test_the_address_is_what_our_own_proxies_saw"),
        ("代理のない所で X-Forwarded-For を送る", _LIMIT, "test_the_proxy_is_believed_only_where_there_is_one"),
    ],
    "取り込むファイル": [
        ("悪意のあるファイルの全種類（理由）", _CONFINED, "test_every_hostile_file_has_its_reason"),
        ("悪意のあるファイルの全種類（時間、メモリー）", _CONFINED, "test_a_hostile_file_costs_little_and_leaves_nothing"),
        ("読み手のメモリーを使い切る", _CONFINED, "test_the_memory_of_the_reader_is_bounded"),
        ("終わらないファイル", _CONFINED, "test_a_reader_that_does_not_end_is_ended"),
        ("待つ人のいなくなった読み手", _CONFINED, "test_a_reader_ends_when_nobody_waits_for_it_any_more"),
        ("三つを同時に送る", _CONFINED, "test_a_worker_reads_two_files_at_once_and_the_third_waits_a_while"),
        ("その間のほかのページ", _CONFINED, "test_other_threads_go_on_meanwhile"),
        ("読み手に秘密を読ませる", _CONFINED, "test_the_reader_knows_no_secret_and_imports_little"),
        ("サイト全体で測る", "tools/test_uploads_bench.py", "test_the_site_refuses_and_answers_meanwhile"),
    ],
    "見出しと保存したページ": [
        ("読む人によって違う答え、Cookie", _LEAKS, "test_answers_are_the_same_for_all_readers_and_may_be_kept"),
        ("偽の Host", _FAULTS, "test_a_wrong_host_is_one_line"),
        ("別の Host の保存したページ", _KEPT, "test_each_host_has_its_own_pages"),
        ("保存したページの安全の見出し", _KEPT, "test_a_kept_page_has_the_headers_of_all_others"),
        ("誤りを保存させる", _KEPT, "test_errors_and_the_health_check_are_not_kept"),
        ("問い合わせを変えてメモリーを使い切る", _KEPT, "test_what_is_kept_is_bounded_in_bytes"),
        ("取り下げたあとの保存したページ", _KEPT, "test_what_is_withdrawn_is_gone_with_the_act"),
        ("別のプロセスの古いページ", _EVERYWHERE, "test_each_act_is_read_by_another_process_within_a_second"),
        ("下書きがタグや日付を動かすか", _EVERYWHERE, "test_no_draft_moves_a_byte_an_etag_or_a_date"),
        ("全てのモデルで公開版が動くか", _VERSION, "test_a_public_row_moves_it_in_every_way_of_writing_and_a_draft_in_none"),
        ("ページに埋め込んだスクリプト", _ROBUST, "test_no_inline_styles_or_scripts"),
    ],
    "止まるデータベース": [
        ("データベースがない", _FAULTS, "test_without_a_database_pages_say_so_in_japanese"),
        ("ない間の保存したページ", _FAULTS, "test_kept_pages_go_on_for_a_day"),
        ("ない間の API", _FAULTS, "test_the_api_says_it_as_json"),
        ("セッションを保存できない", _FAULTS, "test_a_session_that_cannot_be_stored_is_said_too"),
        ("答えないデータベース、消えるデータベース", "opendata/test_hanging_database.py", "test_the_site_goes_on_without_its_database"),
        ("途中で止めた公表", "reviews/test_interleavings.py", "test_a_publication_that_is_killed_is_in_as_a_whole_or_not_at_all_and_can_be_repeated"),
        ("途中で止めた調査票の確定", "workbooks/survey/test_killed.py", "test_a_confirmation_that_is_killed_is_in_as_a_whole_or_not_at_all_and_can_be_repeated"),
        ("途中で止めた取り込み", "workbooks/test_killed.py", "test_an_import_that_is_killed_is_in_as_a_whole_or_not_at_all_and_can_be_repeated"),
        ("途中で止めた書き出し", "workbooks/test_killed.py", "test_an_export_that_is_killed_gives_the_whole_file_or_none_and_can_be_repeated"),
        ("途中で止めた控え", _BACKUPS, "test_what_a_killed_backup_leaves_is_whole"),
        ("途中で止めた復元", _BACKUPS, "test_killed_in_the_middle_it_is_all_or_nothing"),
        ("調査のファイルが壊れた控え", "tools/test_kept_files.py", "test_what_is_damaged_or_cannot_be_brought_back_changes_nothing"),
        ("壊れた控え", _BACKUPS, "test_what_is_no_whole_copy_changes_nothing"),
        ("思いがけない誤りの中身", _API, "test_an_unexpected_error_is_json_without_internals"),
    ],
    "大量の要求": [
        ("PDF、zip、Excel、検索を同時に求める", _FLOODS, "test_what_is_dear_has_a_share_and_the_rest_goes_on"),
        ("失敗で場所を取り続ける", _FLOODS, "test_a_failure_gives_its_place_back"),
        ("ファイルを続けて求める", _FLOODS, "test_files_are_made_as_often_as_the_api_answers"),
        ("API を続けて求める", _LIMIT, "test_who_asks_too_often_waits"),
        ("多くのプロセスへ分けて求める", _LIMIT, "test_workers_count_together"),
        ("数えられないとき", _LIMIT, "test_an_api_whose_cache_cannot_be_used_answers_all_the_same"),
    ],
    "個人情報の削除": [
        ("全ての表の全ての欄に残るか", _REDACTION, "test_a_secret_in_every_text_of_every_model_is_found_and_taken_out_of_every_table"),
        ("全ての文字コードのファイルに残るか", _REDACTION, "test_a_file_is_opened"),
        ("壊れたファイルで止まるか", _REDACTION, "test_a_damaged_file_is_named_and_stops_nothing_and_a_table_on_its_way_goes"),
        ("待っているファイルと書式に残るか", _REDACTION, "test_sheets_forms_and_files_that_wait_go_too"),
        ("データベースのファイルに残るか", _REDACTION, "test_the_file_of_the_database_holds_it_no_more_after_vacuum"),
        ("ページとファイルに残るか", _REDACTION, "test_no_public_page_or_file_holds_it_afterwards"),
        ("20 MB の読みにくいファイルで止まるか", _REDACTION, "test_as_many_beginnings_of_references_as_a_file_may_hold_are_read_in_seconds"),
        ("管理者でない人が削除する", _REDACTION, "test_nobody_but_a_superuser"),
    ],
    "書き込みの重なりと設置": [
        ("二人の同じ欄", _SHARED, "test_one_field_is_asked_about"),
        ("三人の書式の全ての順", "staff/test_form_interleavings.py", "test_no_interleaving_of_three_people_writes_over_what_nobody_saw"),
        ("二人の報告の全ての順", "reviews/test_interleavings.py", "test_no_interleaving_of_reporters_the_office_and_a_supporting_department_loses_an_update"),
        ("足りない設置の点検", _OPERATIONS, "test_check_finds_what_an_installation_lacks"),
        ("秘密の鍵なしで始める", _SETTINGS, "test_the_server_does_not_start_without_a_secret_key"),
    ],
}  # fmt: skip


def cases() -> list[tuple[str, str, str]]:
    """(area, case, id of the test) of all."""
    return [(area, case, f"tests/{file}::{name}") for area, found in ATTACKS.items() for case, file, name in found]


def table(outcomes: dict[str, list[str]]) -> list[str]:
    """A line for each case; `outcomes` are those of each test, with all its parameters."""
    lines = []
    for number, (area, case, test) in enumerate(cases(), 1):
        found = outcomes.get(test, [])
        bad = [one for one in found if one != "passed"]
        said = (
            "行っていない" if not found else f"{len(bad)}/{len(found)} 失敗" if bad else f"防いだ（{len(found)}通り）"
        )
        lines.append(f"{number:3} {area}：{case} … {said}")
    return lines


def without_result(outcomes: dict[str, list[str]]) -> list[str]:
    """The tests of the list that did not run to an end."""
    return list(dict.fromkeys(test for _area, _case, test in cases() if not outcomes.get(test)))


def verdict(outcomes: dict[str, list[str]], codes: list[int], *, needing_a_server: set[str]) -> int:
    """The exit code of the list. Where there is no server (`needing_a_server` are the tests that want one), what needs one
    may be without a result, unless REQUIRE_ALL is set; nothing else may."""
    known = {test for _area, _case, test in cases()}
    bad = any(one != "passed" for test in known for one in outcomes.get(test, []))
    missing = set(without_result(outcomes))
    if os.environ.get("REQUIRE_ALL") != "1":
        missing -= needing_a_server
    return 1 if missing or bad or any(codes) else 0


# As a plugin: what became of each test, with its parameters

_outcomes: dict[str, list[str]] = defaultdict(list)
_deselected: set[str] = set()


def pytest_collection_modifyitems(config, items) -> None:  # type: ignore[no-untyped-def]
    if not (done := _noted(os.environ.get(DONE, "").split(os.pathsep))["outcomes"]):
        return
    again = [item for item in items if item.nodeid in done]
    config.hook.pytest_deselected(items=again)
    items[:] = [item for item in items if item.nodeid not in done]


def pytest_runtest_logreport(report) -> None:  # type: ignore[no-untyped-def]
    if report.when == "call" or report.outcome != "passed":
        _outcomes[report.nodeid].append(report.outcome)


def pytest_deselected(items) -> None:  # type: ignore[no-untyped-def]
    _deselected.update(item.nodeid.partition("[")[0] for item in items)


def pytest_sessionfinish() -> None:
    if file := os.environ.get(RESULTS):
        Path(file).write_text(json.dumps({"outcomes": _outcomes, "deselected": sorted(_deselected)}))


# As a program: both runs and the table


def _noted(files: Iterable[str | Path]) -> Noted:
    """What runs have noted of their tests, together; a file that was never written tells nothing."""
    together: Noted = {"outcomes": {}, "deselected": []}
    for file in filter(os.path.exists, files):
        one = json.loads(Path(file).read_text())
        for test, outcomes in one["outcomes"].items():
            together["outcomes"].setdefault(test, []).extend(outcomes)
        together["deselected"] += one["deselected"]
    return together


def added(one: dict[str, list[str]], other: dict[str, list[str]]) -> dict[str, list[str]]:
    return {test: one.get(test, []) + other.get(test, []) for test in one | other}


def by_name(outcomes: dict[str, list[str]]) -> dict[str, list[str]]:
    """Outcomes of tests with parameters, under the name of the function."""
    found: dict[str, list[str]] = defaultdict(list)
    for test, ended in outcomes.items():
        found[test.partition("[")[0]] += ended
    return dict(found)


def _run(tests: list[str], url: str, left: str, done: list[str]) -> tuple[int, dict[str, list[str]], set[str]]:
    """Run tests on a database, without those that the files `done` tell: exit code, outcomes, and what was left out for
    its marks."""
    folder = Path(os.environ["TEST_DIR"]) / url.partition(":")[0]
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        results = Path(place) / "results.json"
        env = os.environ | {
            "DATABASE_URL": url,
            "TEST_DIR": str(folder),
            RESULTS: str(results),
            DONE: os.pathsep.join(done),
        }
        command = [sys.executable, "-m", "pytest", "-q", "-m", left, "-p", "tests.attacks", *tests]
        code = subprocess.run(command, env=env, check=False).returncode
        found = _noted([results])
    return (
        0 if code == pytest.ExitCode.NO_TESTS_COLLECTED else code,
        by_name(found["outcomes"]),
        set(found["deselected"]),
    )


def main(done: list[str]) -> int:
    tests, url = list(dict.fromkeys(test for _area, _case, test in cases())), os.environ["DATABASE_URL"]
    has_server = not url.startswith("sqlite")
    earlier = by_name(_noted(done)["outcomes"])
    code, found, left_out = _run(tests, url, "not sqlite" if has_server else "not postgresql", done)
    codes, outcomes = [code], added(earlier, found)
    rest = without_result(outcomes)
    if has_server and rest:
        code, more, _left_out = _run(rest, SQLITE, "not postgresql", done)
        codes.append(code)
        outcomes = added(outcomes, more)
    print(f"\n{'攻撃の一覧':=^60}", *table(outcomes), sep="\n", flush=True)
    for test in without_result(outcomes):
        print(f"!!! 結果がない: {test}", flush=True)
    return verdict(outcomes, codes, needing_a_server=set() if has_server else left_out)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
