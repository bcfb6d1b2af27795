// The list by keyboard: arrows move (down leaves the search), x ticks, space shows the facts, Enter opens, / searches, a opens
// the actions.

export function startKeys({ list, search, openPanel, closePanel }) {
  const rows = () => [...list().querySelectorAll("tbody tr")];

  function move(step) {
    const all = rows();
    if (!all.length) return;
    const at = all.indexOf(document.activeElement?.closest?.("tbody tr"));
    const next = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + step))];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }

  const onRow = {
    " ": (row) => openPanel(row.dataset.id),
    x: (row) => row.querySelector(".tick input").click(),
    Enter: (row) => row.querySelector(".col-name a")?.click(),
  };
  const anywhere = {
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    j: () => move(1),
    k: () => move(-1),
    "/": () => { search.focus(); search.select(); },
    a: () => document.getElementById("actions")?.click(),
    "]": () => list().querySelector("[rel=next]")?.click(),
    "[": () => list().querySelector("[rel=prev]")?.click(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (document.querySelector("dialog[open], .dropdown-menu.show")) return;
    if (event.key === "Escape") return void closePanel();
    if (event.target === search && event.key === "ArrowDown") {
      event.preventDefault();
      return void move(1);
    }
    if (event.target.matches("input:not([type=checkbox]), select, textarea, [contenteditable]")) return;
    const row = event.target.matches("tbody tr") ? event.target : null;
    const act = row && onRow[event.key] ? () => onRow[event.key](row) : anywhere[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  // One row takes part in the order of Tab: the one that had the focus, or the first.
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest?.("#list tbody tr");
    if (!row) return;
    for (const each of rows()) each.tabIndex = each === row ? 0 : -1;
  });
  const first = () => { if (rows()[0] && !rows().some((row) => row.tabIndex === 0)) rows()[0].tabIndex = 0; };
  document.addEventListener("htmx:afterSettle", first);
  first();
}
