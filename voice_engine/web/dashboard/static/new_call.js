// The new-call form shows the fields of the chosen kind; what is hidden is not sent.

const form = document.getElementById("new-call");

function show(element, visible) {
  element.hidden = !visible;
  for (const field of element.querySelectorAll("input, select, textarea")) field.disabled = !visible;
}

function settle() {
  const kind = form.elements.task_category.value;
  for (const element of form.querySelectorAll("[data-for]")) show(element, element.dataset.for.split(" ").includes(kind));
  show(form.querySelector("[data-later]"), form.elements.when.value === "later");
}

form.addEventListener("change", settle);
settle();

// One click sends it once; the key in the form makes one call of it in any case.
const button = [...form.elements].find((element) => element.type === "submit"); // it stands below the verdict
form.addEventListener("submit", () => setTimeout(() => (button.disabled = true)));
addEventListener("pageshow", () => (button.disabled = false));
