// A box that narrows the table of items down, for copies of the site that no server answers. Folds like core/text.py.
"use strict";

const table = document.querySelector("table.items");

function fold(text) {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[ァ-ヶ]/g, (kana) => String.fromCharCode(kana.charCodeAt(0) - 0x60))
    .replace(/(.)々/gu, "$1$1")
    .replace(/(?<=[ぁ-ゖー])[ー‐‑–—―−-]+/g, "")
    .replace(/\s+/g, "");
}

if (table) {
  const groups = [...table.tBodies[0].querySelectorAll("tr.heading")];
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
    const wanted = fold(input.value);
    let count = 0;
    for (const group of groups) group.hidden = Boolean(wanted);
    for (const { row, text } of rows) {
      row.hidden = !text.includes(wanted);
      count += row.hidden ? 0 : 1;
    }
    found.textContent = wanted ? `${count}件` : "";
  });
}
