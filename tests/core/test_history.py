"""Histories say who wrote a row and by which act, and one place says how they are told."""

import re

import pytest
from django.utils import timezone

from accounts.models import Department
from core.history import create_with_history, signed, update_with_history
from tests.repository.packages import PRODUCT


def last(department):
    row = Department.history.filter(id=department.pk).latest()
    return row.history_type, row.history_user, row.history_change_reason


@pytest.mark.django_db
def test_a_signed_row_tells_its_history_who_and_what(cast):
    row = Department(city="小平市", code="kikaku", name="企画課")
    assert signed(row, cast.office, "新設") is row
    row.save()
    assert last(row) == ("+", cast.office, "新設")
    signed(row, cast.reporter, "改称").save()
    assert last(row) == ("~", cast.reporter, "改称")
    pk = row.pk
    signed(row, None, "廃止").delete()
    row.pk = pk
    assert last(row) == ("-", None, "廃止")


@pytest.mark.django_db
def test_many_rows_are_written_with_their_histories(cast):
    rows = [Department(city="小平市", code=code, name=code) for code in ("a", "b")]
    create_with_history(Department, rows, by=cast.office, reason="新設")
    assert [last(row) for row in rows] == [("+", cast.office, "新設")] * 2
    rows[0].name = "甲課"
    update_with_history(Department, rows[:1], by=cast.reporter, reason="改称")
    assert [last(row) for row in rows] == [("~", cast.reporter, "改称"), ("+", cast.office, "新設")]
    assert Department.objects.get(code="a").name == "甲課"
    told = Department.history.filter(id=rows[0].pk).order_by("history_id")
    assert [(one.name, one.city, one.valid_from, one.instance.code) for one in told] == [
        ("a", "小平市", None, "a"),
        ("甲課", "小平市", None, "a"),
    ]
    row = Department(city="小平市", code="c", name="丙課")
    signed(row, None, "新設").save()
    assert (
        told[0].history_date <= told[1].history_date <= Department.history.get(id=row.pk).history_date <= timezone.now()
    )


def test_rows_are_signed_in_one_place():
    told = [path for path in PRODUCT if re.search(r"\b_(history_user|change_reason)\b", path.read_text())]
    assert ["/".join(path.parts[-2:]) for path in told] == ["core/history.py"]
