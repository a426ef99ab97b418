"""Lists as people and programs really leave them, through the door of the admin."""

import pytest

from committee.models import Opinion
from programs.models import Program
from tests.cases.files import data_of
from tests.reading import messages
from tests.staff.files import problems

ITEMS, OPINIONS = "programs.program", "committee.opinion"
MERGED = "「data」シートの{}のセルが結合されています。結合を解除し、1つのセルに1つの値を入れてください。"
FAR = "「data」シートの21,500行目に値があります。読めるのは21,000行までです。表から離れた値を消すか、シートを分けてください。"
DATE = "セルの値が日付（2027-03-01）になっています。セルの書式を「文字列」にして、文字を入力し直してください。"

# File → whose list it is, and what is refused: (row, column, message) of all problems; the blank cell far away is in none.
REFUSED = {
    "l04_merged_source_down_over_optional": (ITEMS, [(None, "import_file", MERGED.format("F2:F4"))]),
    "l71_opinion_key_typed_2027-3": (OPINIONS, [(2, "", DATE)]),
    "l73_merged_note_erases_28": (ITEMS, [(None, "import_file", MERGED.format("E2:E3"))]),
    "l74_row_after_21000_blank_rows": (ITEMS, [(None, "import_file", FAR)]),
    "l76_4000_rows_and_XFD1": (ITEMS, [(row, "", "「番号」を入力してください。") for row in range(2, 4002)]),
}
READ = {"l06_strict": (ITEMS, "実施項目を取り込みました。新規1件、更新0件、変更なし0件。")}


def rows():
    return [list(model.objects.order_by("pk").values()) for model in (Program, Opinion)]


@pytest.mark.parametrize("name", REFUSED)
def test_a_list_that_is_refused_with_its_place(name, bugs, client, cast, preview):
    label, expected = REFUSED[name]
    client.force_login(cast.office)
    before = rows()
    answer = preview(label, data_of(name))
    assert problems(answer) == expected
    assert (answer.context_data.get("confirm_form"), rows()) == (None, before)


@pytest.mark.parametrize("name", READ)
def test_a_list_that_is_read(name, bugs, client, cast, preview, confirm):
    label, said = READ[name]
    client.force_login(cast.office)
    answer = preview(label, data_of(name))
    assert problems(answer) == []
    assert "まだ保存していません。新規1件、更新0件、変更なし0件です。" in answer.text
    assert "ファイル「list.xlsx」の内容（下の表）でよければ" in answer.text
    assert "変更のない" not in answer.text
    assert messages(confirm(label, answer)) == [said]
    made = Program.objects.get(plan=bugs.plan, number="49")
    assert (made.name, made.policy.number) == ("x", 1)
