// Which rows are selected: ticked ids, kept over pages and sorts, or everything that matches the filter.

const FEW = 50; // of so many the menu looks at each

export function startSelection(list) {
  const bar = document.getElementById("selection");
  const key = bar.dataset.key || "selection";
  const says = bar.querySelector("[data-selection-says]");
  const offer = bar.querySelector("[data-select-matching]");
  let ids = new Set();
  let matching = null; // the filter, as text, once everything that matches it is selected
  let lastTicked = null;
  let asked = false; // whether the dialog that is open took the selection, not a row of its own

  const boxes = () => [...list().querySelectorAll("tbody .tick input")];
  const idOf = (box) => Number(box.closest("tr").dataset.id);
  const filled = (words, count) => words.replace("#", count);

  function total() {
    const { total: count, exact } = list().dataset;
    const grouped = Number(count || 0).toLocaleString(document.documentElement.lang);
    return exact ? grouped : filled(bar.dataset.more, grouped);
  }

  function show() {
    const all = matching !== null;
    for (const box of boxes()) {
      box.checked = all || ids.has(idOf(box));
      box.closest("tr").classList.toggle("selected", box.checked);
    }
    const ticked = boxes().filter((box) => box.checked).length;
    const head = list().querySelector("[data-tick-page]");
    if (head) {
      head.checked = ticked > 0 && ticked === boxes().length;
      head.indeterminate = ticked > 0 && ticked < boxes().length;
    }
    const count = all ? Number(list().dataset.total) + (list().dataset.exact ? 0 : 1) : ids.size;
    list().dataset.selected = count;
    list().dataset.ids = all || ids.size > FEW ? "" : [...ids].join();
    bar.hidden = count === 0;
    const wholePage = ids.size === boxes().length && ticked === ids.size && ids.size > 1;
    const words = all ? bar.dataset.all : ids.size === 1 ? bar.dataset.one : wholePage ? bar.dataset.page : bar.dataset.many;
    const elsewhere = all || ids.size <= ticked ? "" : ` ${filled(bar.dataset.elsewhere, ids.size - ticked)}`;
    const said = filled(words, all ? total() : ids.size.toLocaleString(document.documentElement.lang)) + elsewhere;
    if (says.textContent !== said) says.textContent = said;
    offer.hidden = all || !head?.checked || Number(list().dataset.total) <= ids.size;
    offer.textContent = filled(bar.dataset.offer, total());
    keep();
  }

  function keep() {
    try {
      sessionStorage.setItem(key, JSON.stringify({ ids: [...ids], matching }));
    } catch { /* too large or not allowed: the selection lives as long as the page */ }
  }

  function tick(box, checked) {
    if (matching !== null) {
      // Taking one row out of "everything" leaves the rows that can be seen.
      matching = null;
      ids = new Set(boxes().map(idOf));
    }
    if (checked) ids.add(idOf(box)); else ids.delete(idOf(box));
  }

  function clear() {
    ids.clear();
    matching = null;
    show();
  }

  try {
    const kept = JSON.parse(sessionStorage.getItem(key) || "{}");
    ids = new Set(kept.ids || []);
    matching = kept.matching === list().dataset.filter ? kept.matching : null;
  } catch { /* nothing usable was kept */ }

  document.addEventListener("click", (event) => {
    const box = event.target.closest?.("#list tbody .tick input");
    if (box) {
      const all = boxes();
      const [from, to] = [all.indexOf(lastTicked), all.indexOf(box)];
      const span = event.shiftKey && from >= 0 ? all.slice(Math.min(from, to), Math.max(from, to) + 1) : [box];
      for (const each of span) tick(each, box.checked);
      lastTicked = box;
      show();
    }
    if (event.target.matches?.("[data-tick-page]")) {
      for (const each of boxes()) tick(each, event.target.checked);
      show();
    }
    if (event.target.closest?.("[data-select-none]")) clear();
    if (event.target.closest?.("[data-select-matching]")) {
      matching = list().dataset.filter;
      ids.clear();
      show();
    }
  });
  // A refresh after a deletion: rows that were on this page and are gone take no further part.
  let before = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target?.id !== "list" || event.detail.requestConfig?.elt?.id !== "list") return;
    before = { total: Number(list().dataset.total), ids: boxes().map(idOf) };
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target?.id !== "list" && event.target?.id !== "list") return;
    if (before && Number(list().dataset.total) < before.total) {
      const there = new Set(boxes().map(idOf));
      for (const id of before.ids) if (!there.has(id)) ids.delete(id);
    }
    before = null;
    if (matching !== null && matching !== list().dataset.filter) matching = null;
    show();
  });
  // Whatever action is asked for gets the selection; the server freezes it into a ticket.
  document.addEventListener("htmx:configRequest", (event) => {
    if (!/^\/(actions\/[a-z-]+\/dialog|customers\/selection-file|partners\/(delete|add-profiles))$/.test(event.detail.path)) return;
    if (event.detail.path.endsWith("/dialog")) asked = !event.detail.formData.has("select");
    if (event.detail.formData.has("select")) return;
    const select = matching !== null ? { matching: JSON.parse(matching) } : { ids: [...ids] };
    event.detail.formData.set("select", JSON.stringify(select));
    if (event.detail.path.endsWith("-file")) event.detail.formData.set("view", list().dataset.file);
  });
  // What was submitted took these rows: the next action begins with none.
  document.addEventListener("selection-spent", () => { if (asked) clear(); });
  show();
}
