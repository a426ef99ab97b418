"""Who writes an opinion and changes it, its number; and the seats of a committee."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from committee.models import CommitteeMember, Opinion
from committee.opinions import may_edit, record

DAY = datetime.date(2014, 10, 31)


@pytest.fixture
def opinions(plan):
    """Two that nobody signed in wrote; a number between them was taken and is gone."""
    for key in ("2014-4", "2014-6"):
        Opinion.objects.create(plan=plan, key=key, given_on=DAY, text="会議での意見。")
    return plan


def test_a_new_opinion_gets_author_day_and_number(opinions, cast):
    mine = record(Opinion(plan=opinions, text="助言です。", given_on=datetime.date(2014, 11, 1)), by=cast.committee)
    assert (mine.key, mine.author) == ("2014-7", cast.committee)
    assert mine.history.get().history_user == cast.committee
    assert record(Opinion(plan=opinions, text="紙でいただいた意見。"), by=cast.office).author is None


def test_a_member_changes_the_own_opinion_until_it_is_published(opinions, cast):
    mine = record(Opinion(plan=opinions, text="助言です。"), by=cast.committee)
    mine.text = "直した助言です。"
    record(mine, by=cast.committee)
    assert Opinion.objects.get(pk=mine.pk).text == "直した助言です。"
    other = Opinion.objects.get(key="2014-4")
    for by in (cast.committee, cast.reporter, cast.viewer):
        with pytest.raises(PermissionDenied):
            record(other, by=by)
    mine.published_on = DAY
    record(mine, by=cast.office)
    assert not may_edit(mine, cast.committee)
    assert may_edit(mine, cast.office)


def test_a_committee_has_one_chair(plan, cast):
    CommitteeMember.objects.create(plan=plan, user=cast.viewer, is_chair=True)
    CommitteeMember.objects.create(plan=plan, user=cast.committee)
    with pytest.raises(ValidationError, match="委員長は、一つの計画に一人です。"):
        CommitteeMember(plan=plan, user=cast.office, is_chair=True).full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        CommitteeMember.objects.filter(user=cast.committee).update(is_chair=True)
