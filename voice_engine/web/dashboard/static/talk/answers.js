// How long each answer took: a bar each, with its number, as they happen.

const FULL_MS = 2000; // a bar of full height; what is longer is cut and still has its number
const QUICK_MS = 1000; // above it a pause is felt as one

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
    for (const { ms } of latencies.slice(this.#drawn)) this.#add(ms);
    this.#drawn = latencies.length;
    this.#empty.hidden = true;
    this.#median.textContent = this.#words.median.replace("{ms}", String(Math.round(median(latencies.map((each) => each.ms)))));
    this.#bars.scrollLeft = this.#bars.scrollWidth;
  }

  #add(ms) {
    const bar = document.createElement("li");
    const number = this.#bars.childElementCount + 1;
    const whole = Math.round(ms);
    bar.className = ms <= QUICK_MS ? "quick" : "slow";
    bar.style.setProperty("--share", String(Math.min(1, Math.max(0.03, ms / FULL_MS))));
    bar.title = this.#words.answer.replace("{number}", String(number)).replace("{ms}", String(whole));
    const figure = document.createElement("span");
    figure.textContent = String(whole);
    const column = document.createElement("i");
    column.setAttribute("aria-hidden", "true");
    bar.append(figure, column);
    this.#bars.append(bar);
  }
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
