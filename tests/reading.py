"""What a reader gets out of an answer: the tables and texts of a page, messages, the rows of a file."""

import csv
import html
import io
import re
from html.parser import HTMLParser

from django.contrib.messages import get_messages


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tables, self.captions, self.texts, self.definitions, self.lists = [], [], {}, {}, {}
        self._open, self._lists, self._cell, self._term = [], [], None, None
        self._data = []  # of the page so far; an open element knows where in it its own begins

    def handle_starttag(self, tag, attributes):
        if tag in ("input", "meta", "link", "br", "wbr", "line", "rect"):
            return
        self._open.append((tag, len(self._data)))
        if tag == "ol":
            self._lists.append((dict(attributes).get("class", ""), []))
        if tag == "table":
            self.tables.append([])
            self.captions.append("")
        elif tag == "tr":
            self.tables[-1].append([])

    def handle_startendtag(self, tag, attributes):
        pass

    def handle_data(self, data):
        self._data.append(data)

    def handle_endtag(self, tag):
        name, begin = self._open.pop()
        assert name == tag, f"</{tag}> closes <{name}>"
        text = " ".join("".join(self._data[begin:]).split())
        if tag in ("td", "th"):
            self.tables[-1][-1].append(text)
        elif tag == "caption":
            self.captions[-1] = text
        elif tag == "dt":
            self._term = text
        elif tag == "dd":
            self.definitions.setdefault(self._term, text)
        elif tag == "li" and self._lists:
            self._lists[-1][1].append(text)
        elif tag == "ol":
            self.lists.update([self._lists.pop()])
        self.texts.setdefault(tag, []).append(text)


def read(response):
    """A page's `tables` (rows of cell texts) with their `captions`, `definitions` ({term: first value}), `lists` ({class of
    an ol: [text]}) and `texts` ({tag: [text]})."""
    reader = _Reader()
    reader.feed(response.content.decode())
    reader.close()
    assert reader._open == []
    return reader


def items_of(table):
    """The rows of a list of items, without its header and the headings of its groups (one cell each)."""
    return [row for row in table[1:] if len(row) > 1]


def finish(response):
    """Read an answer to its end and close its files; response.close() would close the test's database too."""
    content = response.getvalue()
    for close in response._resource_closers:
        close()
    return content


def messages(response):
    """What is told above the page."""
    return [str(message) for message in get_messages(response.wsgi_request)]


def csv_rows(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def words_of(client, address):
    """The words of a page, in a line."""
    page = client.get(address).content.decode().partition("<main")[2]
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())
