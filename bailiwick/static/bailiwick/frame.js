// The frame's behaviour: messages, the thin loading bar, the rail on a phone, Ctrl K, focus in dialogs.

const LATE = 300; // milliseconds without an answer before a bar is shown (look.md: under 100 ms nothing)

export function toast(text, { kind = "info", link = null, label = "" } = {}) {
  const box = document.createElement("div");
  box.className = `toast show toast-${kind}`;
  const body = document.createElement("div");
  body.className = "toast-body";
  body.append(document.createTextNode(text));
  if (link) {
    const anchor = document.createElement("a");
    anchor.href = link;
    anchor.textContent = label;
    body.append(" ", anchor);
  }
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn-close";
  close.setAttribute("aria-label", "Close");
  close.addEventListener("click", () => box.remove());
  box.append(body, close);
  document.getElementById("toasts").append(box);
  if (kind !== "error") setTimeout(() => box.remove(), 8000);
}

// A view shows a message with the header HX-Trigger: {"toast": {"text": …, "link": …, "label": …}}.
document.addEventListener("toast", (event) => toast(event.detail.text, event.detail));

document.addEventListener("htmx:responseError", (event) => {
  const answer = event.detail.xhr;
  const plain = (answer.getResponseHeader("Content-Type") || "").startsWith("text/plain");
  toast(plain ? answer.responseText : `The portal answered with an error (${answer.status}).`, { kind: "error" });
});
for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, () => toast("The portal does not answer. Nothing was changed.", { kind: "error" }));
}

let waiting = 0;
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.requestConfig?.triggeringEvent?.type === "htmx:poll") return;
  waiting += 1;
  setTimeout(() => document.getElementById("progress").classList.toggle("shown", waiting > 0), LATE);
});
document.addEventListener("htmx:afterRequest", () => {
  waiting = Math.max(0, waiting - 1);
  if (!waiting) document.getElementById("progress").classList.remove("shown");
});

document.addEventListener("click", (event) => {
  const root = document.documentElement;
  if (event.target.closest("[data-rail-open]")) root.classList.toggle("rail-open");
  else if (!event.target.closest(".rail")) root.classList.remove("rail-open");
});

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    document.querySelector("[data-search-open]")?.click();
  }
  if (event.key === "Escape") document.documentElement.classList.remove("rail-open");
});

// What is swapped into #dialog is a <dialog>; it is opened modally and the opener gets the focus back.
let opener = null;
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.target?.id === "dialog" && !document.querySelector("#dialog dialog[open]")) opener = document.activeElement;
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id !== "dialog") return;
  const box = document.querySelector("#dialog dialog");
  if (!box || box.open) return;
  // htmx would take hold of it a moment later: a click before that would submit the form as a browser does.
  window.htmx.process(box);
  box.showModal();
  (box.querySelector("[aria-invalid=true]") || box.querySelector("[autofocus]"))?.focus();
  box.addEventListener("close", () => { document.getElementById("dialog").replaceChildren(); requestAnimationFrame(back); });
});
// An opener that went with its menu, or with the selection that the action ended, hands the focus to what still stands there.
const back = () => {
  const button = opener?.closest?.(".dropdown, .dropup, .btn-group")?.querySelector("[data-bs-toggle]");
  [opener, button, document.getElementById("actions"), document.querySelector("main")].find((each) => each?.checkVisibility())?.focus();
};
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-dialog-close]") || event.target.matches("#dialog dialog")) {
    event.target.closest("dialog")?.close();
  }
});
document.addEventListener("close-dialog", () => document.querySelector("#dialog dialog")?.close());

// Ctrl K: arrows walk through what was found, Enter opens the first, Escape closes.
document.addEventListener("keydown", (event) => {
  const box = event.target.closest?.(".search-dialog");
  if (!box || !["ArrowDown", "ArrowUp", "Enter", "Escape"].includes(event.key)) return;
  const found = [box.querySelector("[data-search-field]"), ...box.querySelectorAll("[data-found]")];
  const at = found.indexOf(document.activeElement);
  if (event.key === "Enter" && at > 0) return;
  event.preventDefault();
  if (event.key === "Escape") return void box.close(); // a browser would empty the field first
  if (event.key === "Enter") found[1]?.click();
  else found[(at + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length].focus();
});
