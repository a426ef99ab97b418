"""Random interleavings of three people over all forms of the admin: nothing is written over a value that nobody saw."""

import itertools
import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, models
from django.test import Client
from zeal import zeal_ignore

from accounts.models import User
from tests.staff.addresses import url
from tests.staff.forms import filled as fields_of
from tests.staff.record_forms import FORMS, ONLY_READ
from tests.workbooks.plan import books
from tests.workbooks.plan.filled import filled

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = {models.CharField, models.TextField}  # and no class below them: an address or a key is not any text


def free_texts(client, record):
    """The fields of a record that take any words, by trying it."""
    with zeal_ignore():
        sent = fields_of(client.get(url(record)))
        names = [field.name for field in record._meta.concrete_fields if type(field) in WORDS and field.name in sent]
        found = []
        for name in names:
            shown = fields_of(client.get(url(record)))
            if client.post(url(record), shown | {name: "試し"}).status_code == 302:
                found.append(name)
    return found


class Person:
    """Changes one text of a form at a time, by what its page showed."""

    def __init__(self, user, records, seed):
        self.user, self.records = user, records
        self.random = random.Random(seed)  # noqa: S311 - the same run every time
        self.client = Client()
        self.client.force_login(user)
        self.written, self.met = [], Counter()

    def act(self, label, start):
        start.wait(60)
        model, pk, names, _begun = self.records[label]
        name = self.random.choice(names)
        record = model._default_manager.get(pk=pk)
        with zeal_ignore():  # a form with several choices of one kind looks up each
            sent = fields_of(self.client.get(url(record)))
            seen, new = sent[name], f"{self.user.username}{len(self.written)}の{self.met.total()}"
            answer = self.client.post(url(record), sent | {name: new})
        if answer.status_code == 302:
            self.written.append((label, name, seen, new))
        else:
            assert answer.status_code == 409, (
                label,
                name,
                answer.status_code,
                answer.context and answer.context.get("errors"),
            )
        self.met[answer.status_code] += 1


def close(start):
    """Every thread, each its own connection."""
    start.wait(60)
    connection.close()


@pytest.mark.parametrize(
    ("interleavings", "labels"),
    [
        (4, ["accounts.department", "committee.meeting", "programs.program"]),
        pytest.param(1000, list(FORMS), marks=pytest.mark.soak),
    ],
    ids=["some", "1000"],
)
def test_no_interleaving_of_three_people_writes_over_what_nobody_saw(cast, interleavings, labels):
    books.bring_in(books.written(filled()), cast.root)
    others = [User.objects.create_superuser(username=name, name=name, password="pass") for name in ("two", "three")]
    records, looked = {}, Client()
    looked.force_login(cast.root)
    for label in labels:
        one = FORMS[label]
        record = one.model._default_manager.order_by("pk").first()
        if label in ONLY_READ or record is None:
            continue
        if names := free_texts(looked, record):
            begun = one.model.history.order_by("-history_id").values_list("history_id", flat=True)[0]
            records[label] = one.model, record.pk, names, begun
    assert len(records) >= min(len(labels), 20)
    people = [Person(user, records, seed) for seed, user in enumerate((cast.root, *others))]
    chance = random.Random(9)  # noqa: S311
    with ThreadPoolExecutor(len(people)) as threads:
        for _ in range(interleavings):
            start, label = threading.Barrier(len(people)), chance.choice(sorted(records))
            for running in [threads.submit(person.act, label, start) for person in people]:
                running.result(120)
        start = threading.Barrier(len(people))
        for closing in [threads.submit(close, start) for _ in people]:
            closing.result(60)
    met = sum((person.met for person in people), Counter())
    assert met.total() == interleavings * len(people)
    assert met[409] > 0  # they did meet
    written = sorted(entry for person in people for entry in person.written)
    kept = []
    for label, (model, pk, names, begun) in records.items():
        rows = list(model.history.filter(**{model._meta.pk.attname: pk}, history_id__gte=begun).order_by("history_id"))
        for name in names:
            values = [getattr(row, name) for row in rows]
            kept += [(label, name, before, after) for before, after in itertools.pairwise(values) if before != after]
    assert sorted(kept) == written
    print(f"{interleavings} interleavings over {len(records)} forms: {dict(met)}")
