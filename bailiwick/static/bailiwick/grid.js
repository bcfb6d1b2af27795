// A list of customers or partners: what happens around a swap of the list. Selection, keys and pickers have modules of their own.
import { startKeys } from "./keys.js";
import { startPickers } from "./pickers.js";
import { startSelection } from "./selection.js";
import { startWidths } from "./widths.js";

const list = () => document.getElementById("list");
const search = document.getElementById("search");

startSelection(list);
startKeys({ list, search, openPanel, closePanel });
startPickers();
startWidths(document.querySelector("[data-widths]"));

// A refresh in place keeps the scroll; another page or sort begins at the top.
let kept = null;
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.id !== "list") return;
  const scroll = document.querySelector(".grid-scroll");
  const sameList = event.detail.requestConfig?.elt?.id === "list";
  kept = sameList && scroll ? [scroll.scrollTop, scroll.scrollLeft] : scroll ? [0, scroll.scrollLeft] : null;
});
document.addEventListener("htmx:afterSettle", () => {
  const scroll = document.querySelector(".grid-scroll");
  if (kept && scroll) [scroll.scrollTop, scroll.scrollLeft] = kept;
  kept = null;
  if (document.activeElement !== search) search.value = JSON.parse(list().dataset.filter || "{}").search || "";
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-refresh]")) document.body.dispatchEvent(new Event(list().dataset.changed));
  const button = event.target.closest("[data-panel]");
  if (button) openPanel(button.dataset.panel);
  if (event.target.closest("[data-panel-close]")) closePanel();
  // The link stands outside the list: it follows the view that is shown now.
  const file = event.target.closest("[data-view-file]");
  if (file) file.href = list().dataset.file;
});

document.addEventListener("change", (event) => {
  const size = event.target.closest("[data-page-size]");
  const page = event.target.closest("[data-page-number]");
  if (size) htmx.ajax("POST", size.dataset.keep, { values: { limit: size.value }, swap: "none" });
  if (size) go("limit", size.value);
  else if (page?.value > 0) go("page", page.value);
});

function go(name, value) {
  const address = new URL(location.href);
  for (const other of ["after", "before", "page"]) address.searchParams.delete(other);
  address.searchParams.set(name, value);
  htmx.ajax("GET", address.pathname + address.search, { target: "#list", swap: "outerHTML" });
}

// The menu is asked for when it opens: the server knows what this many customers allow, and of a few what these allow.
document.addEventListener("show.bs.dropdown", (event) => {
  if (!event.target.matches("[data-actions]")) return;
  const menu = event.target.nextElementSibling;
  const { selected = "0", ids = "" } = list().dataset;
  htmx.ajax("GET", `/actions/menu?count=${selected}&ids=${ids}`, { target: menu, swap: "innerHTML" });
});

function openPanel(id) {
  const panel = document.getElementById("panel");
  if (!panel) return;
  panel.hidden = false;
  htmx.ajax("GET", `/customers/${id}/panel`, { target: panel, swap: "innerHTML" });
}

function closePanel() {
  const panel = document.getElementById("panel");
  const wasOpen = panel && !panel.hidden;
  if (panel) panel.hidden = true;
  return wasOpen;
}

// The column chooser: the order of the boxes is the order of the columns.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-chooser] [data-move]");
  if (!button) return;
  const row = button.closest("li");
  const other = button.dataset.move === "up" ? row.previousElementSibling : row.nextElementSibling;
  if (!other || !other.querySelector("[data-move]")) return;
  if (button.dataset.move === "up") other.before(row); else other.after(row);
  button.focus();
});

// A column is compared in the ways of its kind: numbers by size, texts by their letters.
document.addEventListener("change", (event) => {
  const column = event.target.closest("[data-advanced] [data-field]");
  if (!column) return;
  const operator = column.parentElement.querySelector("[data-operator]");
  const kind = column.selectedOptions[0].dataset.kind;
  for (const option of operator.options) option.hidden = option.disabled = !option.dataset.kinds.split(" ").includes(kind);
  operator.disabled = !kind;
  if (operator.selectedOptions[0]?.disabled) operator.value = [...operator.options].find((option) => !option.disabled)?.value;
});

// An advanced filter becomes a field of the form named column.comparison.
document.addEventListener("htmx:configRequest", (event) => {
  const advanced = event.detail.elt.querySelector?.("[data-advanced]");
  if (event.detail.elt.id !== "filter-form" || !advanced) return;
  const [field, operator, value] = ["field", "operator", "value"].map((name) => advanced.querySelector(`[data-${name}]`).value);
  const needsNone = operator.endsWith("Null");
  if (field && (value || needsNone)) event.detail.parameters[`${field}.${operator}`] = needsNone ? "1" : value;
});
