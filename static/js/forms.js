// The staff's forms: leaving one that was changed asks first, and a text that grows towards its limit is counted.
"use strict";

let changed = false;

function isOurs(form) {
  return form && form.method === "post" && form.closest("#content-main") && form.id !== "changelist-form";
}

document.addEventListener("input", (event) => {
  if (isOurs(event.target.form)) changed = true;
});
document.addEventListener("submit", () => {
  changed = false;
});
window.addEventListener("beforeunload", (event) => {
  if (changed) event.preventDefault();
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
