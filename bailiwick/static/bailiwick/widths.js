// The widths of columns: a head's edge is dragged, or moved with the arrow keys; the user's choice is kept.
const LEAST = 48, MOST = 960, STEP = 16;

export function startWidths(listing) {
  const widths = JSON.parse(listing.dataset.widths || "{}");
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets.push(sheet);

  function show() {
    const rules = Object.entries(widths).filter(([name, width]) => /^[a-z_0-9]+$/.test(name) && width > 0);
    sheet.replaceSync(rules.map(([name, width]) => `.row-table .col-${name} { width: ${width}px; min-width: ${width}px; max-width: ${width}px; }`).join("\n"));
    for (const edge of listing.querySelectorAll("[data-resize]")) edge.setAttribute("aria-valuenow", now(edge));
  }

  function now(edge) { return Math.round(edge.parentElement.getBoundingClientRect().width); }

  function set(edge, width) {
    widths[edge.dataset.resize] = width && Math.round(Math.min(MOST, Math.max(LEAST, width)));
    show();
  }

  let waiting = 0;
  function keep(edge) {
    const name = edge.dataset.resize;
    clearTimeout(waiting);
    waiting = setTimeout(() => htmx.ajax("POST", listing.dataset.keepWidths, { values: { name, width: widths[name] }, swap: "none" }), 300);
  }

  let dragged = null;
  listing.addEventListener("pointerdown", (event) => {
    const edge = event.target.closest("[data-resize]");
    if (!edge) return;
    event.preventDefault();
    edge.setPointerCapture(event.pointerId);
    dragged = { edge, from: event.clientX, width: now(edge) };
  });
  listing.addEventListener("pointermove", (event) => { if (dragged) set(dragged.edge, dragged.width + event.clientX - dragged.from); });
  listing.addEventListener("pointerup", (event) => {
    if (dragged && event.clientX !== dragged.from) keep(dragged.edge);
    dragged = null;
  });
  listing.addEventListener("dblclick", (event) => {
    const edge = event.target.closest("[data-resize]");
    if (edge) { set(edge, 0); keep(edge); }
  });
  listing.addEventListener("keydown", (event) => {
    const edge = event.target.closest("[data-resize]");
    const by = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key];
    if (!edge || (!by && event.key !== "Delete")) return;
    event.preventDefault();
    event.stopPropagation();
    set(edge, by ? now(edge) + by : 0);
    keep(edge);
  });
  document.addEventListener("htmx:afterSwap", show);
  show();
}
