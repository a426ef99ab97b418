"""Texts that a spreadsheet would run come out of a survey sheet as they went in, and change nothing."""

from reviews.models import Report
from tests.hostile import TEXTS
from tests.workbooks.survey.sheets import changes, faults

LIMIT = 2000  # of a report's texts


def test_hostile_texts_survive_the_sheet(desk, opened):
    texts = [text[:LIMIT].strip() for text in TEXTS]
    for first, second in zip(texts[::2], [*texts[1::2], texts[0]], strict=False):
        for number, text in (("1", first), ("3", second)):
            Report.objects.filter(round=opened, program__number=number).update(progress=text)
        book = desk.download()
        cells = [book.cell("報告", row, "取組状況") for row in (4, 5)]
        assert [(cell.value, cell.data_type) for cell in cells] == [(first, "s"), (second, "s")]
        uploaded = desk.upload(book)
        assert (changes(uploaded), faults(uploaded)) == ({}, []), (first, second)
