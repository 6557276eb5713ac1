// The week: closed days lose their times, a day is copied to all others, times past midnight say so, the zone its time.

const week = document.querySelector("[data-week]");
const days = [...week.querySelectorAll("[data-day]")];
const parts = (day) => ({
  closed: day.querySelector('input[type="checkbox"]'),
  opens: day.querySelector('[name$=".open"]'),
  closes: day.querySelector('[name$=".close"]'),
  span: day.querySelector(".span"),
  night: day.querySelector("[data-night]"),
});

function show(day) {
  const { closed, opens, closes, span, night } = parts(day);
  span.toggleAttribute("data-closed", closed.checked);
  for (const input of [opens, closes]) input.disabled = closed.checked;
  let text = "";
  if (!closed.checked && opens.value && closes.value) {
    if (opens.value === closes.value) text = night.dataset.whole;
    else if (closes.value < opens.value && closes.value !== "00:00") text = night.dataset.night;
  }
  night.textContent = text;
}

function copy(from) {
  const source = parts(from);
  for (const day of days) {
    const target = parts(day);
    target.closed.checked = source.closed.checked;
    target.opens.value = source.opens.value;
    target.closes.value = source.closes.value;
    show(day);
  }
  const told = week.querySelector("[data-week-told]");
  told.textContent = told.dataset.copied;
  source.opens.dispatchEvent(new Event("input", { bubbles: true }));
}

week.addEventListener("input", (event) => {
  const day = event.target.closest("[data-day]");
  if (day) show(day);
});
week.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy-day]");
  if (button) copy(button.closest("[data-day]"));
});
for (const day of days) {
  day.querySelector("[data-copy-day]").hidden = false;
  show(day);
}

const zone = document.getElementById("timezone");
const now = document.querySelector("[data-zone-now]");
function tell() {
  try {
    const time = new Date().toLocaleTimeString(document.documentElement.lang, { timeZone: zone.value, hour: "numeric", minute: "2-digit" });
    now.textContent = zone.dataset.there.replace("{time}", time);
  } catch {
    now.textContent = ""; // a zone that this browser does not know
  }
}
zone.addEventListener("change", tell);
tell();
