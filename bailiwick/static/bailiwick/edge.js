// Copies what a button names; shows the activation key of the address, which the browser sends to nobody.

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  field.select();
  await navigator.clipboard?.writeText(field.value);
});

const key = decodeURIComponent(location.hash.slice(1)).trim();
if (/^[A-Za-z0-9]{4}(-[A-Za-z0-9]{4}){3}$/.test(key)) {
  for (const place of document.querySelectorAll("[data-key]")) place.textContent = key;
}
