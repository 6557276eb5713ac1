// How long each answer took: a bar each, with its number and where the time went, as they happen.

const FULL_MS = 1600; // a bar of full height, as long as none is longer
const PARTS = {
  sure: (parts) => parts.endpointing, // until the engine took the turn for over
  understood: (parts) => parts.stt,
  thought: (parts) => parts.policy + parts.llm,
  voiced: (parts) => parts.tts,
  rest: (parts, ms) => ms - parts.endpointing - parts.stt - parts.policy - parts.llm - parts.tts,
};

/** Draws into the list `bars`; `median` says the middle one. */
export class Answers {
  #bars;
  #median;
  #empty;
  #words;
  #drawn = 0;

  constructor({ bars, median, empty, words }) {
    this.#bars = bars;
    this.#median = median;
    this.#empty = empty;
    this.#words = words;
  }

  draw(latencies) {
    if (latencies.length === this.#drawn) return;
    for (const { ms, parts } of latencies.slice(this.#drawn)) this.#add(ms, parts);
    this.#drawn = latencies.length;
    this.#bars.style.setProperty("--full", String(Math.max(FULL_MS, ...latencies.map((each) => each.ms))));
    this.#empty.hidden = true;
    this.#median.textContent = this.#words.median.replace("{ms}", String(Math.round(median(latencies.map((each) => each.ms)))));
    this.#bars.scrollLeft = this.#bars.scrollWidth;
  }

  #add(ms, parts) {
    const bar = document.createElement("li");
    const number = this.#bars.childElementCount + 1;
    const whole = Math.round(ms);
    bar.style.setProperty("--ms", String(whole));
    bar.title = this.#words.answer.replace("{number}", String(number)).replace("{ms}", String(whole));
    const figure = document.createElement("span");
    figure.textContent = String(whole);
    bar.append(figure, column(ms, parts));
    this.#bars.append(bar);
  }
}

/** A bar, its parts on each other; without parts it is of one piece. */
function column(ms, parts) {
  const whole = document.createElement("i");
  whole.setAttribute("aria-hidden", "true");
  for (const [name, share] of Object.entries(parts ? PARTS : {})) {
    const piece = document.createElement("b");
    piece.className = name;
    piece.style.flexGrow = String(Math.max(0, share(parts, ms)));
    whole.append(piece);
  }
  return whole;
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
