// What forms of these pages share: no form is left with unsaved words unasked, and a message of the past goes.

const dirty = new Set();

document.addEventListener("input", (event) => {
  if (event.target.form?.method === "post") dirty.add(event.target.form);
});
document.addEventListener("submit", (event) => dirty.delete(event.target));
window.addEventListener("beforeunload", (event) => {
  if (dirty.size) event.preventDefault();
});

// "Saved" is said once: a reload does not say it again.
const here = new URL(location.href);
if (here.searchParams.has("done")) {
  here.searchParams.delete("done");
  history.replaceState(null, "", here);
}
