"""What a browser sends of the staff's forms."""

from html.parser import HTMLParser

from reviews.models import Report
from tests import factories


def typed(report, code="A", **values):
    """What the form sends."""
    filled = factories.content(report.round.plan, code, **values)
    filled["grade"] = filled["grade"].pk if filled["grade"] else ""
    return {**dict.fromkeys(Report.RECOVERY, ""), **filled, "version": report.version}


class _Form(HTMLParser):
    """The fields of the form that saves: that with the field `name`, or the first that is sent by POST."""

    def __init__(self):
        super().__init__()
        self.forms, self._select, self._area = [], None, None

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "form":
            self.forms.append((given.get("method", "get").lower(), {}))
        if not self.forms:
            return
        fields = self.forms[-1][1]
        name, kind = given.get("name"), given.get("type", "text")
        if tag == "select":
            self._select = name, "multiple" in given
            if not self._select[1]:
                fields[name] = ""
        elif tag == "option" and self._select and "selected" in given:
            self._put(fields, *self._select, given.get("value", ""))
        elif tag == "textarea":
            self._area = name
            fields[name] = ""
        elif tag == "input" and name and kind not in ("submit", "button", "file"):
            if kind in ("checkbox", "radio"):
                if "checked" in given:
                    self._put(fields, name, kind == "checkbox" and name in fields, given.get("value", "on"))
            else:
                fields[name] = given.get("value", "")

    def _put(self, fields, name, several, value):
        before = fields.get(name, [])
        fields[name] = [*([before] if isinstance(before, str) else before), value] if several else value

    def handle_data(self, data):
        if self._area:
            self.forms[-1][1][self._area] += data

    def handle_endtag(self, tag):
        if tag == "select":
            self._select = None
        elif tag == "textarea":
            # A browser drops the line break that stands first.
            self.forms[-1][1][self._area] = self.forms[-1][1][self._area].removeprefix("\n")
            self._area = None


def answered(client, address, sent, person, *, signed_in_anew):
    """What comes of a form that is sent, or that was sent after the session had ended and whose page is opened again."""
    if not signed_in_anew:
        return client.post(address, sent)
    client.logout()
    client.post(address, sent)
    client.force_login(person)
    return client.get(address)


def filled(response):
    """What a browser would send of a page's form that nobody has touched."""
    reader = _Form()
    reader.feed(response.content.decode())
    posted = [fields for method, fields in reader.forms if method == "post" and "csrfmiddlewaretoken" in fields]
    found = next((fields for fields in posted if "_seen" in fields or "_opened_by" in fields), posted[0])
    return {name: value for name, value in found.items() if name != "csrfmiddlewaretoken"}
