// Type-ahead: a text field, a hidden value, and options that the server finds.

export function startPickers() {
  let timer = 0;
  const parts = (box) => ({ text: box.querySelector("[role=combobox]"), value: box.querySelector("input[type=hidden]"), options: box.querySelector("[role=listbox]") });

  function open(box) {
    const { text, options } = parts(box);
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const typed = text.dataset.chosen === text.value ? "" : text.value;
      await htmx.ajax("GET", `${box.dataset.picker}?none=1&q=${encodeURIComponent(typed)}`, { target: options, swap: "innerHTML" });
      options.classList.add("show");
      text.setAttribute("aria-expanded", "true");
    }, 120);
  }

  function close(box) {
    const { text, options } = parts(box);
    clearTimeout(timer);
    options.classList.remove("show");
    text.setAttribute("aria-expanded", "false");
    text.removeAttribute("aria-activedescendant");
  }

  function choose(box, option) {
    const { text, value } = parts(box);
    value.value = option.dataset.value;
    text.value = text.dataset.chosen = option.querySelector("bdi")?.textContent ?? option.textContent.trim();
    close(box);
    value.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function step(box, by) {
    const { text, options } = parts(box);
    const all = [...options.querySelectorAll("[data-value]")];
    const at = all.findIndex((option) => option.classList.contains("active"));
    all[at]?.classList.remove("active");
    const next = all[(at + by + all.length) % all.length];
    next?.classList.add("active");
    if (next) text.setAttribute("aria-activedescendant", next.id);
  }

  document.addEventListener("focusin", (event) => {
    const box = event.target.closest("[data-picker]");
    if (box && event.target.matches("[role=combobox]")) { event.target.dataset.chosen ??= event.target.value; open(box); }
  });
  document.addEventListener("input", (event) => {
    const box = event.target.closest("[data-picker]");
    if (!box) return;
    parts(box).value.value = "";
    open(box);
  });
  document.addEventListener("mousedown", (event) => {
    const option = event.target.closest("[data-picker] [data-value]");
    if (option) { event.preventDefault(); choose(option.closest("[data-picker]"), option); }
  });
  document.addEventListener("focusout", (event) => {
    const box = event.target.closest("[data-picker]");
    if (box) close(box);
  });
  document.addEventListener("keydown", (event) => {
    const box = event.target.closest("[data-picker]");
    if (!box) return;
    const active = box.querySelector(".active[data-value]");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); step(box, event.key === "ArrowDown" ? 1 : -1); }
    if (event.key === "Enter" && active) { event.preventDefault(); choose(box, active); }
    if (event.key === "Escape" && box.querySelector(".show")) { event.preventDefault(); close(box); }
  });
}
