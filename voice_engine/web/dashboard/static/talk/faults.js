// What stands in the way of a call, in words: what is wrong, and what to do.

const LINKS = {
  quota_exceeded: ["/app/figures", "see_figures"],
  minutes_exhausted: ["/app/figures", "see_figures"],
  no_active_assistant: ["/app/reception/assistant", "see_reception"],
};

/** The code under which an error is worded. */
export function codeOf(error, words) {
  const code = error.code ?? (error instanceof TypeError ? "offline" : "unknown");
  return `fault_${code}` in words ? code : "unknown";
}

/** Show a fault in `place`; null hides it. */
export function showFault(place, code, words) {
  place.hidden = code === null;
  if (code === null) {
    place.replaceChildren();
    return;
  }
  const local = `http://localhost${location.port ? `:${location.port}` : ""}${location.pathname}`;
  const what = document.createElement("strong");
  what.textContent = words[`fault_${code}`];
  const next = document.createElement("p");
  next.textContent = words[`fault_${code}_next`].replace("{local}", local);
  place.dataset.code = code;
  place.replaceChildren(what, next);
  if (LINKS[code]) {
    const [path, word] = LINKS[code];
    const link = document.createElement("a");
    link.href = path;
    link.textContent = words[word];
    place.append(link);
  }
}
