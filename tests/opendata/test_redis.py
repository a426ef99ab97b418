"""Several machines count together and give one date in a real Redis (CACHE_URL)."""

import json
import os
import subprocess
import sys
from uuid import uuid4

import pytest
import redis
from django.core.cache import caches

from kodaira_reform import settings as product
from reviews.redaction import redact
from tests.run import REDIS

pytestmark = pytest.mark.redis

# A machine: a process with the product's settings that asks from one address as often as it is told, at one moment.
MACHINE = """
import json, sys
import django
import time_machine
django.setup()
from django.conf import settings
from django.db import connection
from django.test import Client
from figures.models import PublishedVersion
settings.API_REQUESTS_PER_MINUTE = 10
with connection.schema_editor() as schema:
    schema.create_model(PublishedVersion)  # all that the address below reads
client = Client(headers={"host": "localhost"})
print("ready", flush=True)
for line in sys.stdin:
    moment, address, times = json.loads(line)
    with time_machine.travel(moment, tick=False):
        answers = [client.get("/api/v1/openapi.json", REMOTE_ADDR=address) for _ in range(times)]
    print(json.dumps([[a.status_code, a.headers.get("Retry-After")] for a in answers]), flush=True)
"""


@pytest.fixture
def prefix():
    """The beginning of our keys in the Redis of this machine; they are gone after the test."""
    name = f"plan-test-{uuid4().hex}"
    yield name
    with redis.Redis.from_url(REDIS) as server:
        for key in server.scan_iter(f"{name}:*"):
            server.delete(key)


@pytest.fixture
def machines(prefix):
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "kodaira_reform.settings",
        "DATABASE_URL": "sqlite:///:memory:",  # each has its own: Redis alone is shared
        "SECRET_KEY": "x" * 50,
        "HTTPS": "0",
        "DEBUG": "0",
        "CACHE_URL": f"{REDIS}?key_prefix={prefix}",
        "PYTHONWARNINGS": "ignore",  # there are no collected static files
    }
    started = [
        subprocess.Popen(
            [sys.executable, "-c", MACHINE], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    assert [machine.stdout.readline() for machine in started] == ["ready\n"] * 2
    yield started
    for machine in started:
        machine.stdin.close()
        machine.wait(timeout=30)
        machine.stdout.close()


def ask(machines, *arguments):
    """What the machines answered, who were all asked before any answer was read."""
    for machine in machines:
        machine.stdin.write(json.dumps(arguments) + "\n")
        machine.stdin.flush()
    return [json.loads(machine.stdout.readline()) for machine in machines]


def test_machines_count_together(machines, prefix):
    one, other = ask(machines, "2026-04-01 09:00:20+09:00", "192.0.2.1", 8)
    assert sorted([*one, *other]) == [[200, None]] * 10 + [[429, "40"]] * 6
    # Another reader, and the next minute.
    one, other = ask(machines, "2026-04-01 09:00:50+09:00", "192.0.2.2", 5)
    assert [*one, *other] == [[200, None]] * 10
    one, other = ask(machines, "2026-04-01 09:01:00+09:00", "192.0.2.1", 5)
    assert [*one, *other] == [[200, None]] * 10
    with redis.Redis.from_url(REDIS) as server:
        keys = list(server.scan_iter(f"{prefix}:requests:*"))
        assert len(keys) == 3
        assert [key for key in keys if not 0 < server.ttl(key) <= 120] == []  # nothing stays
        assert [key for key in keys if b"192.0.2" in key] == []


def test_a_connection_that_redis_has_closed_is_opened_again(settings, monkeypatch, prefix):
    monkeypatch.setenv("CACHE_URL", f"{REDIS}?key_prefix={prefix}")
    settings.CACHES = settings.CACHES | {"requests": product._shared_cache("requests", timeout=60, entries=9)}
    requests = caches["requests"]
    assert requests.add("asked", 1)
    with redis.Redis.from_url(REDIS) as server:
        assert server.client_kill_filter(_id=requests._cache.get_client(write=True).client_id()) == 1
    assert requests.incr("asked") == 2


def test_what_is_cleared_is_our_own(settings, monkeypatch, prefix):
    """A prefix is taken as it is, also where Redis would read a pattern in it."""
    monkeypatch.setenv("CACHE_URL", f"{REDIS}?key_prefix={prefix}:[a-z]*")
    settings.CACHES = settings.CACHES | {
        name: product._shared_cache(name, timeout=60, entries=9) for name in ("shared", "requests")
    }
    caches["shared"].set_many({"one": 1, "two": 2})
    caches["requests"].set("three", 3)
    with redis.Redis.from_url(REDIS) as server:
        server.set(f"{prefix}:b:shared:of-another", 4)
        server.set(f"{prefix}:of-another", 5)
        caches["shared"].clear()
        assert sorted(server.scan_iter(f"{prefix}:*")) == [
            f"{prefix}:{key}".encode() for key in ("[a-z]*:requests:1:three", "b:shared:of-another", "of-another")
        ]


@pytest.mark.django_db(transaction=True)
def test_a_redaction_stands_where_redis_is_away(settings, plan, cast, monkeypatch, caplog):
    monkeypatch.setenv("CACHE_URL", "redis://127.0.0.1:1/0")
    settings.CACHES = settings.CACHES | {"shared": product._shared_cache("shared", timeout=60, entries=9)}
    plan.summary = "担当の山田サクラ"
    plan.save()
    redact("山田サクラ", reason="氏名が載っていたため", by=cast.root)
    plan.refresh_from_db()
    assert plan.summary == "担当の［個人情報を削除］"
    assert [record.message.partition("(")[0] for record in caplog.records if record.levelname == "ERROR"] == [
        "Error calling SharedRedisCache.clear in on_commit"
    ]
