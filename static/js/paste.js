// A table that is pasted from a sheet or a page keeps its merged cells: the page's own form of it goes along, unseen.
// Without this script the cells arrive as text.
(() => {
  const text = document.querySelector("textarea[name=pasted]");
  const page = document.querySelector("input[name=page]");
  if (!text || !page) return;
  let pasting = false;
  text.addEventListener("paste", (event) => {
    const html = event.clipboardData.getData("text/html");
    page.value = text.value.trim() === "" && /<table/i.test(html) ? html : "";
    pasting = true;
  });
  text.addEventListener("input", () => {
    if (!pasting) page.value = ""; // what was typed is what counts
    pasting = false;
  });
})();
