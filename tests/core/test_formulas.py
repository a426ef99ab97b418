"""Texts that a spreadsheet would run, made harmless and read back."""

import pytest

from core.formulas import defused, undefused


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n", "'=", "''＝"])
def test_what_excel_would_run_gets_an_apostrophe_and_is_read_as_it_was(sign):
    text = f"{sign}HYPERLINK(1)"
    assert defused(text) == f"'{text}"
    assert undefused(defused(text)) == text


@pytest.mark.parametrize("text", ["-", "－", "", "令和7年度", "'引用'", "1－2", " =1"])
def test_other_texts_stay_as_they_are(text):
    assert (defused(text), undefused(text)) == (text, text)
