// Where the tabs do not fit, the present one is brought into view, and an edge behind which there are more fades.

const tabs = document.querySelector("[data-tabs]");
const here = tabs?.querySelector("[aria-current]");

function edges() {
  tabs.toggleAttribute("data-before", tabs.scrollLeft > 1);
  tabs.toggleAttribute("data-after", tabs.scrollLeft + tabs.clientWidth < tabs.scrollWidth - 1);
}

if (here) tabs.scrollLeft = here.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - here.offsetWidth) / 2;
if (tabs) {
  edges();
  tabs.addEventListener("scroll", edges, { passive: true });
  window.addEventListener("resize", edges);
}
