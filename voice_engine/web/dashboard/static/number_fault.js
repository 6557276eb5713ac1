// What the checks say against the number stands below its field too, once one has left it: on a phone the verdict is further
// down. While one types half a number nothing is wrong yet.

const field = document.getElementById("respondent_phone");
const place = document.getElementById("number-fault");
const hint = field.getAttribute("aria-describedby");

function show() {
  const said = document.querySelector("#verdict [data-number]");
  if (said && document.activeElement === field) return;
  place.hidden = !said;
  place.textContent = said?.textContent ?? "";
  field.setAttribute("aria-invalid", String(Boolean(said || hint)));
  const described = [hint, said ? place.id : null].filter(Boolean).join(" ");
  if (described) field.setAttribute("aria-describedby", described);
  else field.removeAttribute("aria-describedby");
}

document.addEventListener("htmx:after:swap", show);
field.addEventListener("blur", show);
show();
