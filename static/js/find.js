// A box that narrows the table of items down, for copies of the site that no server answers. Folds like core/text.py, and knows the
// same letters and words as the search of the server (figures/synonyms.py): the page carries them.
"use strict";

const table = document.querySelector("table.items");
const known = document.getElementById("find-words");

const letters = new Map(known ? known.dataset.letters.split(" ").map((pair) => Array.from(pair)) : []);

function fold(text) {
  const folded = text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[ァ-ヶ]/g, (kana) => String.fromCharCode(kana.charCodeAt(0) - 0x60))
    .replace(/(.)[々〻]/gu, "$1$1")
    .replace(/(?<=[ぁ-ゖー])[ー‐‑–—―−-]+/g, "")
    .replace(/\s+/g, "");
  return Array.from(folded, (letter) => letters.get(letter) ?? letter).join("");
}

const groups = known ? known.dataset.groups.split(";").map((group) => group.split("|").map(fold)) : [];

function variants(word) {
  const written = new Set([word]);
  for (const group of groups) {
    for (const one of group) {
      if (word.includes(one)) for (const other of group) written.add(word.replaceAll(one, other));
    }
  }
  return [...written];
}

if (table) {
  const headings = [...table.tBodies[0].querySelectorAll("tr.heading")];
  const rows = [...table.tBodies[0].querySelectorAll("tr:not(.heading)")].map((row) => ({ row, text: fold(row.textContent) }));
  const box = document.createElement("div");
  const label = document.createElement("label");
  const input = document.createElement("input");
  const found = document.createElement("p");
  box.className = "filter find";
  label.textContent = "この表の中でさがす";
  label.htmlFor = "find";
  input.id = "find";
  input.type = "search";
  found.setAttribute("role", "status");
  box.append(label, input, found);
  table.parentElement.before(box);
  input.addEventListener("input", () => {
    const wanted = input.value.split(/\s+/).map(fold).filter(Boolean).map(variants);
    let count = 0;
    for (const heading of headings) heading.hidden = wanted.length > 0;
    for (const { row, text } of rows) {
      row.hidden = !wanted.every((written) => written.some((word) => text.includes(word)));
      count += row.hidden ? 0 : 1;
    }
    found.textContent = wanted.length ? `${count}件` : "";
  });
}
