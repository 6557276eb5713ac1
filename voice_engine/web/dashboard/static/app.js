// What every page does: the form token for htmx, the menu on a phone, questions before what cannot be undone.

const csrf = document.querySelector('meta[name="csrf-token"]').content;

document.addEventListener("htmx:config:request", (event) => {
  event.detail.ctx.request.headers["X-CSRF-Token"] = csrf;
});

/** `fetch` for scripts of ours: JSON both ways, the form token, errors as `{code, message}`. */
export async function ask(path, { method = "GET", body, signal } = {}) {
  const headers = { Accept: "application/json", "X-CSRF-Token": csrf };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const answer = await fetch(path, { method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body) });
  const value = answer.headers.get("content-type")?.startsWith("application/json") ? await answer.json() : null;
  if (!answer.ok) {
    const error = new Error(value?.error?.message ?? answer.statusText);
    error.code = value?.error?.code ?? "unknown";
    error.status = answer.status;
    throw error;
  }
  return value;
}

/** Say something in the page's live region; `kind` is "good" or "fault". */
export function notify(text, kind = "good") {
  const notice = document.getElementById("notice");
  const line = document.createElement("p");
  line.className = `alert ${kind}`;
  line.textContent = text;
  notice.replaceChildren(line);
}

/** Ask before what cannot be undone; resolves to whether to go on. */
export function confirmed(text) {
  const dialog = document.getElementById("confirm");
  dialog.querySelector("[data-text]").textContent = text;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

// <form data-confirm="…"> and <button data-confirm="…"> ask first, with htmx or without.
document.addEventListener(
  "submit",
  async (event) => {
    const text = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
    if (!text || event.target.dataset.confirmed === "yes") {
      delete event.target.dataset.confirmed;
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    if (await confirmed(text)) {
      event.target.dataset.confirmed = "yes";
      event.target.requestSubmit(event.submitter);
    }
  },
  true,
);

// <button data-copy="#id"> copies the text of an element.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(document.querySelector(button.dataset.copy).textContent.trim());
  const before = button.textContent;
  button.textContent = button.dataset.copied ?? "✓";
  setTimeout(() => (button.textContent = before), 1500);
});

const menuButton = document.querySelector(".menu-button");
menuButton?.addEventListener("click", () => {
  const open = menuButton.getAttribute("aria-expanded") !== "true";
  menuButton.setAttribute("aria-expanded", String(open));
  document.body.classList.toggle("menu-open", open);
  if (open) document.querySelector("#menu a")?.focus();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && document.body.classList.contains("menu-open")) menuButton.click();
});
