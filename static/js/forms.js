// The staff's forms: leaving one that was changed asks first, and a text that grows towards its limit is counted.
"use strict";

// The page came back with what was typed, and nothing of it is saved (staff/start.py).
const unsaved = "unsaved" in document.currentScript.dataset;
const sent = new Map(); // a form: what it said when it was sent, by which button, and when
const PATIENCE = 10_000; // milliseconds in which the same form by the same button is a second click, and no second act

function ours() {
  return document.querySelectorAll("#content form[method=post]:not(#changelist-form):not(#login-form)");
}

function goesTo(form) {
  return new URL(form.getAttribute("action") || "", location.href).pathname; // a field may be called "action"
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

function asStored(field) {
  if (field.type === "hidden") return;
  if (field.type === "checkbox" || field.type === "radio") field.checked = field.defaultChecked;
  else if (field.options) for (const option of field.options) option.selected = option.defaultSelected;
  else field.value = field.defaultValue ?? "";
}

// Whether what stands unsaved on the page stands in this form: it goes where the page came from. A form that takes
// nothing but a file holds nothing that was typed.
function holdsTyped(form) {
  const takesFile = form.querySelector("input[type=file]") && !form.querySelector("textarea, input[type=text]");
  return unsaved && !takesFile && goesTo(form) === location.pathname;
}

function said(form) {
  return JSON.stringify([...new FormData(form)].map(([name, value]) => [name, value.name ?? value]));
}

function isChanged(form) {
  if (sent.has(form)) return sent.get(form).text !== said(form);
  return holdsTyped(form) || [...form.elements].some(differs);
}

document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  const [form, button, now] = [event.target, event.submitter, Date.now()];
  const [text, before] = [said(form), sent.get(form)];
  const again = before?.text === text && before.button === button && now - before.at < PATIENCE;
  if (again && form.getAttribute("method") === "post") event.preventDefault();
  else sent.set(form, { text, button, at: now });
});
window.addEventListener("beforeunload", (event) => {
  if (![...ours()].some(isChanged)) return;
  sent.clear(); // whoever stays has sent nothing
  event.preventDefault();
  event.returnValue = true; // for browsers that know nothing else
});

// After "back" a browser puts what was typed into the page as it is stored now. The marks of what the page showed when it
// was typed go with it, so that what somebody saved in between is asked about and not written over (staff/shared_records.py).
const MARKS = ["_seen", "seen", "version", "shown", "fingerprint"];

function keepMarks() {
  const [before, now] = [history.state?.marks ?? {}, {}];
  for (const [place, form] of [...ours()].entries()) {
    const key = `${place} ${goesTo(form)}`;
    const marks = [...form.elements].filter((field) => field.type === "hidden" && MARKS.includes(field.name));
    if ([...form.elements].some(differs)) for (const field of marks) field.value = before[key]?.[field.name] ?? field.value;
    now[key] = Object.fromEntries(marks.map((field) => [field.name, field.value]));
  }
  history.replaceState({ ...history.state, marks: now }, "");
}
window.addEventListener("hashchange", keepMarks); // a new place in the history, of the same page

// Into fields, what forms said of them: texts by the name of their field.
function put(fields, values, called = (field) => field.name) {
  const left = new Map(Object.entries(values).map(([name, given]) => [name, [...given]]));
  for (const field of fields) {
    const given = left.get(called(field));
    if (["hidden", "file", "password", "submit"].includes(field.type) || !("value" in field)) continue;
    if (field.type === "checkbox") field.checked = Boolean(given?.includes(field.value));
    else if (!given) continue;
    else if (field.type === "radio") field.checked = given.includes(field.value);
    else if (field.options) for (const option of field.options) option.selected = given.includes(option.value);
    else field.value = given.shift() ?? "";
  }
}

// A browser puts what was typed into a line by the line's number, and by then another record's line, or none, may have it:
// somebody may have saved or deleted one. So what lines said is kept beside the marks, of a saved one by its record, and
// after "back" each line says what it said itself. Lines that were added on the page are added again, by their place among
// those that are not saved; so is a saved one into which something was typed and whose record is gone.
function linesOf(group) {
  return [...group.querySelectorAll(`.dynamic-${group.id.replace(/-group$/, "")}`)];
}

function fieldsOf(line) {
  return [...line.querySelectorAll("[name]")].filter((field) => !field.disabled);
}

function recordOf(line) {
  return line.classList.contains("has_original") ? line.querySelector(`[name="${line.id}-id"]`)?.value : undefined;
}

function saidBy(line) {
  const [values, begins] = [{}, `${line.id}-`];
  for (const [name, value] of new FormData(line.closest("form"))) {
    if (name.startsWith(begins) && !value.name) (values[name.slice(begins.length)] ??= []).push(value);
  }
  return { record: recordOf(line), values, typed: fieldsOf(line).some(differs) };
}

function keepLines() {
  const groups = [...document.querySelectorAll(".inline-group[id]")];
  if (!groups.length) return;
  const lines = Object.fromEntries(groups.map((group) => [group.id, linesOf(group).map(saidBy)]));
  history.replaceState({ ...history.state, lines }, "");
}

function putInto(line, { values }) {
  put(fieldsOf(line), values, (field) => field.name.slice(line.id.length + 1));
}

function addLines() {
  for (const [id, kept] of Object.entries(history.state?.lines ?? {})) {
    const group = document.getElementById(id);
    if (!group) continue;
    const saved = new Map(linesOf(group).flatMap((line) => (recordOf(line) ? [[recordOf(line), line]] : [])));
    for (const [record, line] of saved) {
      const said = kept.find((one) => one.record === record);
      if (said?.typed) putInto(line, said);
      else fieldsOf(line).forEach(asStored);
    }
    const others = kept.filter((one) => (one.record ? one.typed && !saved.has(one.record) && !one.values.DELETE : true));
    const added = () => linesOf(group).filter((line) => !recordOf(line));
    const adds = group.querySelector(".add-row a");
    for (let shown = added().length; adds && shown < others.length; shown += 1) adds.click();
    for (const [place, line] of added().entries()) {
      if (others[place]) putInto(line, others[place]);
      else fieldsOf(line).forEach(asStored);
    }
  }
}
document.addEventListener("change", keepLines);
window.addEventListener("beforeunload", keepLines);
window.addEventListener("pageshow", (event) => {
  const begin = () => {
    if (event.persisted) sent.clear(); // the page is as it was left
    else addLines();
    keepMarks();
  };
  // Django makes its buttons of lines when jQuery finds the page ready, which may be after it is shown.
  if (window.django?.jQuery) django.jQuery(begin);
  else begin();
});

// What was typed before the person signed in goes back into the form from which it came, but for what forms carry along.
function isCarried(field, values) {
  const own = field.name.startsWith("_") || field.name === "csrfmiddlewaretoken" || field.name === "version";
  return field.type !== "hidden" || own || !(field.name in values) || values[field.name].includes(field.value);
}

function fillIn({ to, values }) {
  const forms = [...ours()].filter((form) => goesTo(form) === to);
  const form = forms.length > 1 ? forms.find((one) => [...one.elements].every((f) => isCarried(f, values))) : forms[0];
  if (!form) return;
  put(form.elements, values);
  const now = new FormData(form);
  for (const word of document.querySelectorAll("[data-typed]")) {
    const wanted = values[word.dataset.typed].map((text) => text.replaceAll("\r\n", "\n"));
    if (wanted.every((text) => now.getAll(word.dataset.typed).includes(text))) word.remove();
  }
}

const typedBefore = document.getElementById("typed-before");
if (typedBefore) fillIn(JSON.parse(typedBefore.textContent));

function counted(field) {
  const most = Number(field.dataset.most);
  // A line that is added is a copy, with the counter of what it was copied from.
  const counter = field.parentNode.querySelector(".counter") ?? document.createElement("span");
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

document.querySelectorAll("[data-most]").forEach(counted);
document.addEventListener("formset:added", (event) => event.target.querySelectorAll("[data-most]").forEach(counted));
