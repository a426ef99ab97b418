"""The forms of a page that are sent by POST, as a browser has them: where each goes and what its fields hold."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

TYPED = ("text", "search", "email", "url", "tel", "number", "date", "textarea")


@dataclass
class Form:
    goes_to: str
    values: dict[str, list[str]] = field(default_factory=dict)  # what is sent if nobody touches it
    texts: dict[str, str] = field(default_factory=dict)  # the fields that people type into, and their kind
    takes_file: bool = False
    has_button: bool = False
    id: str = ""


class _Reader(HTMLParser):
    def __init__(self, address):
        super().__init__()
        self.address, self.forms, self._form, self._select, self._area = address, [], None, None, None

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "form":
            self._form = Form(urljoin(self.address, given.get("action") or self.address), id=given.get("id", ""))
            if given.get("method", "").lower() == "post":
                self.forms.append(self._form)
        if self._form is None or "disabled" in given or "__prefix__" in given.get("name", ""):
            return  # no field, or the pattern of a further line, which nobody sees
        self._form.has_button |= (tag, given.get("type", "submit" if tag == "button" else "")) in (
            ("button", "submit"),
            ("input", "submit"),
        )
        name, kind = given.get("name"), "textarea" if tag == "textarea" else given.get("type", "text")
        if tag == "option" and self._select and "selected" in given:
            self._put(self._select, given.get("value", ""))
        elif tag == "select":
            self._select = name
        elif tag in ("input", "textarea") and name:
            self._take(name, kind, given)

    def _take(self, name, kind, given):
        self._form.takes_file |= kind == "file"
        secret = given.get("autocomplete") == "off"  # browsers do not keep it, and neither do we
        if kind in TYPED and not secret and "readonly" not in given and given.get("class") != "hidden":
            self._form.texts[name] = kind
        if kind == "textarea":
            self._area = []
            self._form.values.setdefault(name, [])
            self._form.values[name].append(self._area)
        elif kind in ("checkbox", "radio"):
            if "checked" in given:
                self._put(name, given.get("value", "on"))
        elif kind not in ("submit", "button", "image", "reset", "file"):
            self._put(name, given.get("value", ""))

    def _put(self, name, value):
        self._form.values.setdefault(name, []).append(value)

    def handle_data(self, data):
        if self._area is not None:
            self._area.append(data)

    def handle_endtag(self, tag):
        if tag == "select":
            self._select = None
        elif tag == "form":
            self._form = None
        elif tag == "textarea":
            self._area = None


def forms_of(page, address):
    """The forms of a page at an address; a browser drops the line break that stands first in a text."""
    reader = _Reader(address)
    reader.feed(page.text)
    for form in reader.forms:
        for values in form.values.values():
            values[:] = ["".join(value).removeprefix("\n") if isinstance(value, list) else value for value in values]
    return reader.forms
