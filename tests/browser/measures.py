"""How tall the pages of every kind are, how much of the width they use, and what is wider than its box.

python -m tests.browser.measures http://127.0.0.1:8000
"""

import subprocess
import sys
from collections.abc import Iterator

from playwright.sync_api import Page, sync_playwright

from tests.browser.chromium import FLAGS, find_chromium
from tests.browser.kinds import kinds

WIDTHS = (360, 768, 1280, 1920)
HEIGHT = 800

# What holds more than it shows. Words for screen readers alone are one pixel wide on purpose; what is folded is not laid out.
_WIDER = """
() => [...document.querySelectorAll("body *")]
  .filter(box => box.clientWidth > 1 && box.scrollWidth > box.clientWidth + 1 && !box.closest("svg, .visually-hidden, details:not([open]) > :not(summary)"))
  .map(box => `${box.tagName.toLowerCase()}.${box.className}: ${box.scrollWidth} > ${box.clientWidth}`)
"""
# The share of the screen between the leftmost and the rightmost text or picture of the page's own part.
_USED = """
() => {
  const range = document.createRange(), words = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  let left = innerWidth, right = 0;
  while (words.nextNode()) {
    if (!words.currentNode.data.trim()) continue;
    range.selectNodeContents(words.currentNode);
    for (const box of range.getClientRects()) {
      if (box.width > 1 && box.right <= innerWidth) { left = Math.min(left, box.left); right = Math.max(right, box.right); }
    }
  }
  return Math.round(100 * Math.max(right - left, 0) / innerWidth);
}
"""


# What a narrow column breaks letter by letter: three lines and more of fewer than five letters on two.
_BROKEN = """
() => {
  const range = document.createRange(), words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = new Set();
  while (words.nextNode()) {
    const text = words.currentNode.data.trim();
    if (text.length < 3 || words.currentNode.parentElement.closest("svg, .visually-hidden, .cell-label")) continue;
    range.selectNodeContents(words.currentNode);
    const lines = new Set([...range.getClientRects()].filter(box => box.width > 1).map(box => Math.round(box.top)));
    if (lines.size > 2 && text.length < 2.5 * lines.size) found.add(text);
  }
  return [...found];
}
"""


# Years, days, amounts, editions, 未登録 and what the ledger says, and names of departments that stand alone: what nobody reads in
# two halves, and stands on two lines.
_HALVED = """
() => {
  const pieces = /(?:平成|令和|昭和)(?:元|\\d+)年度?|\\d+月\\d+日|第[\\d０-９一二三四五六七八九十]+[版次回期章]|\\d[\\d,.]*(?:[千百万]+円|円|項目|件)|未登録|未報告|照合できません|不?一致/g;
  const department = /^[一-龠ァ-ヶー]{2,7}[課室部係]$/g;
  const range = document.createRange(), words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = new Set();
  while (words.nextNode()) {
    const node = words.currentNode, text = node.data;
    if (node.parentElement.closest("svg, .visually-hidden, .cell-label, option")) continue;
    for (const match of [...text.matchAll(pieces), ...text.trim().matchAll(department)]) {
      const start = text.indexOf(match[0], match.index);
      range.setStart(node, start);
      range.setEnd(node, start + match[0].length);
      const lines = [...range.getClientRects()].filter(box => box.width > 1);
      if (lines.some(box => box.top > lines[0].bottom - 2)) found.add(match[0]);
    }
  }
  return [...found];
}
"""


# Brackets and stops that a line may not end or begin with, and what stands there. (Browsers keep them, but not beside what is
# laid out as a block of its own.) An address may be broken anywhere.
_TORN = r"""
() => {
  const opening = "（「『【", closing = "）」』】、。";
  const range = document.createRange(), words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = new Set();
  let before = null;
  while (words.nextNode()) {
    const node = words.currentNode, text = node.data;
    if (!text.trim() || node.parentElement.closest("svg, .visually-hidden, .cell-label, option, textarea, script")) continue;
    for (const { 0: sign, index: at } of text.matchAll(/\S/g)) {
      range.setStart(node, at);
      range.setEnd(node, at + 1);
      const box = range.getBoundingClientRect();
      if (before && box.width > 1 && box.top > before.box.bottom - 2 && box.left < before.box.left
          && before.sign !== "/" && (opening.includes(before.sign) || closing.includes(sign)))
        found.add(`${before.text} | ${text.slice(at, at + 12)}`);
      before = { box, sign, text: text.slice(Math.max(0, at - 12), at + 1) };
    }
  }
  return [...found];
}
"""


# What is folded is part of a page too.
_UNFOLD = "document.querySelectorAll('details').forEach(each => { each.open = true })"


def unfold(page: Page) -> None:
    page.evaluate(_UNFOLD)


def broken_letter_by_letter(page: Page) -> list[str]:
    return list(page.evaluate(_BROKEN))


def halved(page: Page) -> list[str]:
    return list(page.evaluate(_HALVED))


def torn(page: Page) -> list[str]:
    return list(page.evaluate(_TORN))


def wider_than_its_box(page: Page) -> list[str]:
    return list(page.evaluate(_WIDER))


def measured(page: Page, address: str) -> Iterator[tuple[int, int, int]]:
    """(height, used width in percent, boxes that scroll sideways) at each width."""
    page.goto(address)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        yield (
            page.evaluate("document.documentElement.scrollHeight"),
            page.evaluate(_USED),
            len(wider_than_its_box(page)),
        )


def main(site: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
        page = browser.new_page()
        print("| page |", " | ".join(f"{width} px" for width in WIDTHS), "|")
        print("|---" * (len(WIDTHS) + 1), end="|\n")
        for address in kinds().values():
            cells = (
                f"{tall:,} ({used} %{f', {wider} wider' if wider else ''})"
                for tall, used, wider in measured(page, site + address)
            )
            print(f"| {address} |", " | ".join(cells), "|", flush=True)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"))


# What axe looks at unasked, and what WCAG 2.2 asks of the size of links and buttons.
AXE = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}


def printed(page, file):
    """The lines of each sheet of paper that a browser makes of a page."""
    page.pdf(path=file, prefer_css_page_size=True)
    text = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, text=True, check=True).stdout
    return [[" ".join(line.split()) for line in sheet.splitlines() if line.strip()] for sheet in text.split("\f")[:-1]]
