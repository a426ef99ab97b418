"""Pages of the admin as a test reads them: who asks, what they say, and what leads from a preview to its confirmation."""

import re

from django.test import Client

CONFIRM_BOOK = "/admin/policies/plan/book/confirm/"


def table_page(plan, step=""):
    return f"/admin/policies/plan/{plan.pk}/tables/{step}"


def figure_table_page(plan, step=""):
    return f"/admin/figures/publishedfigure/tables/{plan.pk}/{step}"


def client_of(user):
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def token(response):
    return re.search(r'name="file" value="([0-9a-f]+)"', response.text)[1]


def lines(response):
    """The page's words, one line a cell or paragraph."""
    text = re.sub(r"</(?:td|th|p|li|h\d)>", "\n", response.text.partition('id="content"')[2])
    text = re.sub(r"<[^>]+>", "", text)
    return [line for line in (re.sub(r"\s+", " ", line).strip() for line in text.splitlines()) if line]


def sent(page, **changes):
    """What the form of a page would send: every field as it is shown, with some changed."""
    form = page.text.partition('id="content-main"')[2]
    data = {}
    for tag in re.findall(r"<input[^>]*>", form):
        found = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        kind = found.get("type", "text")
        if kind in ("submit", "file") or (kind in ("checkbox", "radio") and " checked" not in tag):
            continue
        data[found["name"]] = found.get("value", "on" if kind in ("checkbox", "radio") else "")
    for name, options in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        shown = (re.findall(r'value="([^"]*)" selected', options) or re.findall(r'value="([^"]*)"', options))[0]
        data[name] = (
            [*data[name], shown] if isinstance(data.get(name), list) else [data[name], shown] if name in data else shown
        )
    return data | changes
