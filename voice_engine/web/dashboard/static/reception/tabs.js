// Where the tabs do not fit, the present one is brought into view.

const tabs = document.querySelector("[data-tabs]");
const here = tabs?.querySelector("[aria-current]");
if (here) tabs.scrollLeft = here.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - here.offsetWidth) / 2;
