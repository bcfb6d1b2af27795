// "Take mine" and "Take theirs" write the value into the field beside them; saving is still the person's.

function write(form, name, value) {
  const boxes = form.querySelectorAll(`[name="${CSS.escape(name)}"]`);
  for (const box of boxes) {
    if (box.type === "checkbox" && boxes.length === 1) box.checked = value === true;
    else if (box.type === "radio") box.checked = box.value === String(value);
    else if (box.type === "checkbox") box.checked = (value || []).map(String).includes(box.value);
    else box.value = value ?? "";
  }
  boxes[0]?.focus();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-take]");
  if (!button) return;
  write(button.form, button.closest("[data-field]").dataset.field, JSON.parse(button.dataset.take));
});

// After one section was saved the others are as fresh as before: they take the new version along.
document.addEventListener("htmx:afterSwap", (event) => {
  const saved = event.detail.target?.isConnected ? event.detail.target : document.getElementById(event.detail.target?.id);
  const version = saved?.matches?.("form.section") && !saved.querySelector(".alert") ? saved.elements.version?.value : null;
  if (!version) return;
  for (const form of document.querySelectorAll("form.section")) form.elements.version.value = version;
});
