// Where the tabs do not fit, the present one is brought into view, and an edge behind which there are more fades.

import { ask } from "../app.js";

const tabs = document.querySelector("[data-tabs]");
const here = tabs?.querySelector("[aria-current]");

function edges() {
  tabs.toggleAttribute("data-before", tabs.scrollLeft > 1);
  tabs.toggleAttribute("data-after", tabs.scrollLeft + tabs.clientWidth < tabs.scrollWidth - 1);
}

function show() {
  if (here) tabs.scrollLeft = here.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - here.offsetWidth) / 2;
  edges();
}

if (tabs) {
  show();
  tabs.addEventListener("scroll", edges, { passive: true });
  window.addEventListener("resize", edges);
}

// How much waits behind a tab.
if (tabs?.dataset.waiting) {
  const waiting = await ask(tabs.dataset.waiting).catch(() => ({}));
  for (const tab of tabs.querySelectorAll("[data-waits]")) {
    const count = waiting[tab.dataset.waits];
    if (!count) continue;
    const mark = document.createElement("span");
    mark.className = "count num";
    mark.textContent = count > 99 ? "99+" : count;
    tab.append(" ", mark);
  }
  show(); // the counts have made the tabs wider
}
