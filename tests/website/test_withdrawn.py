"""What is withdrawn is gone from everything that citizens can get."""

import datetime

from committee.models import Opinion
from core.redaction import stands_in_file
from tests.website.whole_site import some_of_each_kind, texts_of_site

SAID = "窓口を夜まで開ける案"


@some_of_each_kind
def test_a_withdrawn_opinion_is_gone_from_pages_files_feeds_and_api(filled, client, most):
    opinion = Opinion.objects.published().first()
    opinion.text = SAID
    opinion.save()
    before = [path for path, body in texts_of_site(client, filled, most).items() if stands_in_file(body, SAID)]
    for name in ("committee/", "feed.xml", "data.zip"):
        assert f"/plans/{filled.slug}/{name}" in before
    assert f"/api/v1/plans/{filled.slug}/opinions" in before
    opinion.published_on = None
    opinion.save()
    assert [path for path, body in texts_of_site(client, filled, most).items() if stands_in_file(body, SAID)] == []
    opinion.published_on = datetime.date(2199, 1, 1)
    opinion.save()
    assert [path for path in before if stands_in_file(client.get(path).getvalue(), SAID)] == []
