// The rules' order: by dragging the grip (mouse, pen, finger), by the arrows beside a rule, and by Alt with an arrow key.
import { ask, notify } from "../app.js";

const place = document.getElementById("rules");
const said = document.createElement("p");
said.className = "sr";
said.setAttribute("role", "status");
place?.after(said);

const list = () => place.querySelector(".rules");
const items = () => [...list().children];

/** Tell the server the order that is shown; the list comes back as it is kept. */
async function keep(item) {
  const order = items();
  const text = list().dataset.moved;
  said.textContent = text.replace("{name}", item.dataset.name).replace("{place}", order.indexOf(item) + 1).replace("{total}", order.length);
  let fault = null;
  try {
    await ask("/app/rules/order", { method: "POST", body: { ids: order.map((each) => each.dataset.id) } });
  } catch (error) {
    fault = error.message;
  }
  await htmx.ajax("GET", "/app/rules/list", { target: "#rules", swap: "innerHTML" });
  if (fault) notify(fault, "fault");
  const tester = document.getElementById("tester");
  if (tester && document.querySelector("#answer .answer")) tester.requestSubmit();
}

/** Move a rule by steps; the focus stays on what moved it. */
async function move(item, steps, focus) {
  const order = items();
  const to = order.indexOf(item) + steps;
  if (to < 0 || to >= order.length) return;
  if (steps < 0) order[to].before(item);
  else order[to].after(item);
  await keep(item);
  const moved = items().find((each) => each.dataset.id === item.dataset.id);
  const wanted = moved?.querySelector(focus);
  (wanted?.disabled ? moved.querySelector("[data-grip]") : wanted)?.focus();
}

place?.addEventListener("click", (event) => {
  const button = event.target.closest("[data-move]");
  if (button) move(button.closest(".rule"), Number(button.dataset.move), `[data-move="${button.dataset.move}"]`);
});

place?.addEventListener("keydown", (event) => {
  const steps = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const item = event.target.closest(".rule");
  if (!steps || !item) return;
  if (!event.altKey && !event.target.closest("[data-grip]")) return;
  event.preventDefault();
  move(item, steps, "[data-grip]");
});

/** Follow the pointer with a rule; its neighbours step aside, so that what is held never leaves the page. */
function follow(item, startY) {
  let grabbed = startY;
  return (event) => {
    item.style.transform = `translateY(${event.clientY - grabbed}px)`;
    for (const step of [-1, 1]) {
      const other = step < 0 ? item.previousElementSibling : item.nextElementSibling;
      if (!other) continue;
      const mine = item.getBoundingClientRect();
      const theirs = other.getBoundingClientRect();
      const distance = mine.top + mine.height / 2 - (theirs.top + theirs.height / 2);
      if (distance * step <= 0) continue;
      const top = item.offsetTop;
      if (step < 0) item.after(other);
      else item.before(other);
      grabbed += item.offsetTop - top;
      item.style.transform = `translateY(${event.clientY - grabbed}px)`;
      return;
    }
  };
}

place?.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest("[data-grip]");
  if (!grip || event.button !== 0) return;
  const item = grip.closest(".rule");
  const before = items().indexOf(item);
  const onMove = follow(item, event.clientY);
  item.classList.add("held");
  const onEnd = () => {
    document.removeEventListener("pointermove", onMove);
    document.removeEventListener("pointerup", onEnd);
    document.removeEventListener("pointercancel", onEnd);
    item.classList.remove("held");
    item.style.transform = "";
    if (items().indexOf(item) !== before) keep(item);
  };
  document.addEventListener("pointermove", onMove);
  document.addEventListener("pointerup", onEnd);
  document.addEventListener("pointercancel", onEnd);
});
