"""公開する and 取り下げる on a record where nothing is left to be done: said at once, on its page."""

import pytest

from policies.publicity import make_public, withdraw
from programs.models import Program


@pytest.mark.parametrize("method", ["get", "post"])
def test_where_nothing_is_to_be_done_that_is_said_at_once(client, filled, cast, method):
    client.force_login(cast.office)
    item = Program.objects.create(plan=filled, policy=filled.policies.first(), number="99", name="新しい項目")
    page = f"/admin/programs/program/{item.pk}"

    def told(act, **data):
        answer = getattr(client, method)(f"{page}/{act}/", data, follow=True)
        assert answer.redirect_chain == [(f"{page}/change/", 302)]
        return answer.content.decode()

    hidden = "「99 新しい項目」は公開していないため、取り下げるものがありません。"
    assert hidden in told("withdraw")
    item = make_public(item, by=cast.office)
    assert "「99 新しい項目」は、もう公開しています。" in told("public")
    withdraw(item, reason="誤って公開した", by=cast.office)
    assert hidden in told("withdraw")
    item.refresh_from_db()
    assert (item.public_at, item.withdrawn) == (None, "誤って公開した")


def test_the_reason_is_not_lost_where_somebody_was_first(client, filled, cast):
    client.force_login(cast.office)
    item = Program.objects.create(plan=filled, policy=filled.policies.first(), number="99", name="新しい項目")
    withdraw(make_public(item, by=cast.office), reason="先の理由", by=cast.root)
    answer = client.post(f"/admin/programs/program/{item.pk}/withdraw/", {"reason": "三十分かけて書いた理由"})
    assert answer.status_code == 409
    assert "「99 新しい項目」は公開していないため、取り下げるものがありません。" in answer.text
    assert "三十分かけて書いた理由</textarea>" in answer.text
    item.refresh_from_db()
    assert item.withdrawn == "先の理由"


def test_what_something_public_stands_on_says_at_once_that_it_stays(client, published, cast):
    client.force_login(cast.office)
    item = Program.objects.get(plan=published, number="1")
    answer = client.get(f"/admin/programs/program/{item.pk}/withdraw/", follow=True)
    assert f"「{item}」は取り下げられません。{item.why_it_stays_public()}" in answer.content.decode()
