// The dialog's own behaviour: the way on that waits for required fields, the typed number that opens a destroying button, and messages that carry buttons.

const digits = (text) => text.replace(/[\s,.'\u00a0\u202f]/g, "");

document.addEventListener("input", (event) => {
  const field = event.target.closest("[data-confirm]");
  if (!field) return;
  field.form.querySelector(".dialog-foot [type=submit]").disabled = digits(field.value) !== field.dataset.confirm;
});

// The way on opens when every required field holds something (NEW-05); what it holds is judged by the server.
const holds = (field) =>
  field.type === "radio" || field.type === "checkbox"
    ? field.form.querySelector(`[name="${CSS.escape(field.name)}"]:checked`) !== null
    : field.value.trim() !== "";
const open = (form) => {
  const missing = [...form.elements].some((field) => field.required && !holds(field));
  form.querySelector("[type=submit]").disabled = missing;
  form.querySelector("[data-missing]").hidden = !missing;
};
for (const name of ["input", "change"]) {
  document.addEventListener(name, (event) => {
    const form = event.target.closest("form[data-complete]");
    if (form) open(form);
  });
}
document.addEventListener("htmx:afterSwap", (event) => {
  const form = event.detail.target?.id === "dialog" && document.querySelector("#dialog form[data-complete]");
  if (form) open(form);
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-toast-close]")) event.target.closest(".toast").remove();
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.elt.matches?.("[data-toast-done]") && event.detail.successful) event.detail.elt.closest(".toast")?.remove();
});

// A message with Undo stays longer than others, and as long as somebody is at it.
const STAYS = 20000;
const leave = (toast) => setTimeout(() => (toast.matches(":hover, :focus-within") ? leave(toast) : toast.remove()), STAYS);
document.addEventListener("htmx:oobAfterSwap", () => {
  for (const toast of document.querySelectorAll("#toasts [data-toast]:not([data-timed])")) {
    toast.dataset.timed = "";
    leave(toast);
  }
});

// A disabled entry of the menu says why and does nothing.
document.addEventListener("click", (event) => {
  if (event.target.closest(".menu-closed")) { event.preventDefault(); event.stopPropagation(); }
}, true);
