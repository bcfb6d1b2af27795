// A form with data-passkey asks the browser to make or to use a passkey, puts its answer into the field and is sent.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const keys = (list) => (list || []).map((key) => ({ ...key, id: bytes(key.id) }));

function readable(options) {
  const read = { ...options, challenge: bytes(options.challenge) };
  if (options.user) read.user = { ...options.user, id: bytes(options.user.id) };
  if (options.excludeCredentials) read.excludeCredentials = keys(options.excludeCredentials);
  if (options.allowCredentials) read.allowCredentials = keys(options.allowCredentials);
  return read;
}

function written({ id, rawId, type, response }) {
  const names = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const given = names.filter((name) => response[name]).map((name) => [name, text(response[name])]);
  return JSON.stringify({ id, rawId: text(rawId), type, clientExtensionResults: {}, response: Object.fromEntries(given) });
}

async function answer(form) {
  const publicKey = readable(JSON.parse(form.dataset.passkey));
  const isNew = "user" in publicKey;
  const credential = await (isNew ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey }));
  form.elements.passkey.value = written(credential);
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-passkey]");
  if (!form || form.elements.passkey.value) return;
  event.preventDefault();
  const problem = form.querySelector("[data-passkey-problem]");
  problem.hidden = true;
  try {
    await answer(form);
    form.submit();
  } catch (error) {
    // Only cancelled or refused by the browser: what the server refuses, it says itself.
    problem.hidden = false;
    problem.querySelector("[data-reason]").textContent = error.message;
  }
});
