// The staff's forms: leaving one that was changed asks first, and a text that grows towards its limit is counted.
"use strict";

// The page came back with what was typed, and nothing of it is saved (staff/start.py).
const unsaved = "unsaved" in document.currentScript.dataset;
const sent = new Map(); // a form, and what it said when it was sent

function ours() {
  return document.querySelectorAll("#content form[method=post]:not(#changelist-form):not(#login-form)");
}

// By values, not by events: the calendar and the list of found records write into fields without a word.
function differs(field) {
  if (!field.name || field.disabled || field.type === "hidden") return false;
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.type === "select-one") {
    const first = [...field.options].findLastIndex((option) => option.defaultSelected);
    return field.selectedIndex !== Math.max(first, Math.min(field.options.length, 1) - 1);
  }
  if (field.options) return [...field.options].some((option) => option.selected !== option.defaultSelected);
  return "defaultValue" in field && field.value !== field.defaultValue;
}

// Whether what stands unsaved on the page stands in this form: it goes where the page came from. A form that takes
// nothing but a file holds nothing that was typed.
function holdsTyped(form) {
  const takesFile = form.querySelector("input[type=file]") && !form.querySelector("textarea, input[type=text]");
  const goes = new URL(form.getAttribute("action") || "", location.href); // a field may be called "action"
  return unsaved && !takesFile && goes.pathname === location.pathname;
}

function said(form) {
  return JSON.stringify([...new FormData(form)].map(([name, value]) => [name, value.name ?? value]));
}

function isChanged(form) {
  if (sent.has(form)) return sent.get(form) !== said(form);
  return holdsTyped(form) || [...form.elements].some(differs);
}

document.addEventListener("submit", (event) => {
  if (!event.defaultPrevented) sent.set(event.target, said(event.target));
});
window.addEventListener("beforeunload", (event) => {
  if (![...ours()].some(isChanged)) return;
  sent.clear(); // whoever stays has sent nothing
  event.preventDefault();
  event.returnValue = true; // for browsers that know nothing else
});

for (const field of document.querySelectorAll("[data-most]")) {
  const most = Number(field.dataset.most);
  const counter = document.createElement("span");
  counter.className = "counter help";
  counter.setAttribute("role", "status");
  field.after(counter);
  const count = () => {
    const length = [...field.value.replaceAll("\r\n", "\n")].length;
    const left = most - length;
    field.setAttribute("aria-invalid", String(left < 0));
    counter.classList.toggle("errornote", left < 0);
    if (left < 0) counter.textContent = `${-left}文字多すぎます（${most}文字まで）。このままでは保存できません。`;
    else counter.textContent = left <= most / 5 ? `あと${left}文字` : "";
  };
  field.addEventListener("input", count);
  count();
}
