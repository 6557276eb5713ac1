// The time axis: who spoke when, what was decided about whose turn it was, and what each answer waited for.
// One canvas, of which only what is in the window is drawn. What stands still is drawn once and kept as a picture: while
// the call plays, a frame costs a copy and a line.

const ROWS = { human: [8, 16], ai: [30, 16], latency: [54, 12] };
const HEIGHT = 74;
const NEAR_PX = 9;
const KINDS = {
  endpoint: { row: "human", pairs: true, draw: endpoint },
  withdrawn: { row: "human", pairs: false, draw: cross },
  backchannel: { row: "human", pairs: false, draw: dot },
  interrupted: { row: "ai", pairs: false, draw: wedge },
  held: { row: "ai", pairs: false, draw: bars },
  resumed: { row: "ai", pairs: false, draw: wedge },
  barge_in: { row: "ai", pairs: true, draw: diamond },
};

/** Draws `data` (the answer of …/axis) into `canvas`; `words` are the page's. */
export class Axis {
  constructor(canvas, data, words) {
    this.canvas = canvas;
    this.words = words;
    this.from = 0;
    this.to = Math.max(1, data.duration_ms);
    this.duration = this.to;
    this.cursor = -1;
    this.still = document.createElement("canvas");
    this.take(data);
    this.readColours();
    this.resize = new ResizeObserver(() => this.measure());
    this.resize.observe(canvas);
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.onScheme = () => { this.readColours(); this.draw(true); };
    this.scheme.addEventListener("change", this.onScheme);
  }

  destroy() {
    this.resize.disconnect();
    this.scheme.removeEventListener("change", this.onScheme);
    cancelAnimationFrame(this.waiting);
  }

  take(data) {
    const line = data.timeline ?? {};
    this.spans = {
      human: pairs(line.human ?? spansOf(data.lines, 0, 2)),
      ai: pairs(line.ai ?? spansOf(data.lines, 1, 1)),
      noise: pairs(line.noise ?? []),
    };
    this.decisions = [];
    for (const [kind, { pairs: two }] of Object.entries(KINDS)) {
      const flat = line[kind] ?? [];
      for (let i = 0; i < flat.length; i += two ? 2 : 1) this.decisions.push([flat[i], kind, two ? flat[i + 1] : 0]);
    }
    for (const [at, type, detail] of line.marks ?? []) this.decisions.push([at, type, detail]);
    for (const [slot, at] of data.facts ?? []) this.decisions.push([at, "fact", slot]);
    this.decisions.sort((a, b) => a[0] - b[0]);
    this.parts = (data.parts ?? []).slice(0, -1);
    this.latency = [];
    for (const [position, start] of data.lines ?? []) {
      const row = data.latency?.[position];
      if (row) this.latency.push([start - row.at(-1), start, row]);
    }
  }

  /** Show this stretch of time, in ms. */
  window(from, to) {
    this.from = from;
    this.to = Math.max(from + 1, to);
    this.draw(true);
  }

  at(ms) {
    this.cursor = ms;
    this.draw();
  }

  readColours() {
    const style = getComputedStyle(document.documentElement);
    const of = (name) => style.getPropertyValue(name).trim();
    this.colours = { human: of("--human"), ai: of("--ai"), noise: of("--soft"), text: of("--text"), soft: of("--soft"), line: of("--line"), fault: of("--fault"), info: of("--info"), warn: of("--warn") };
    for (const part of ["endpointing", "stt", "policy", "llm", "tts", "engine"]) this.colours[part] = of(`--of-${part}`);
  }

  measure() {
    const ratio = window.devicePixelRatio || 1;
    const width = this.canvas.clientWidth;
    if (!width) return;
    this.width = width;
    for (const canvas of [this.canvas, this.still]) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(HEIGHT * ratio);
      canvas.getContext("2d").setTransform(ratio, 0, 0, ratio, 0, 0);
    }
    this.paint();
  }

  /** Paint with the next frame; `changed`: more than the cursor has. */
  draw(changed = false) {
    this.stale ||= changed;
    this.waiting ??= requestAnimationFrame(() => { this.waiting = null; this.paint(this.stale); });
  }

  x(ms) {
    return ((ms - this.from) / (this.to - this.from)) * this.width;
  }

  paint(changed = true) {
    if (!this.width) return;
    if (changed) this.paintStill();
    this.stale = false;
    const pen = this.canvas.getContext("2d");
    pen.clearRect(0, 0, this.width, HEIGHT);
    pen.drawImage(this.still, 0, 0, this.width, HEIGHT);
    if (this.cursor >= this.from && this.cursor <= this.to) {
      pen.fillStyle = this.colours.text;
      pen.fillRect(this.x(this.cursor) - 0.75, 0, 1.5, HEIGHT);
    }
  }

  paintStill() {
    this.pen = this.still.getContext("2d");
    const { pen, colours } = this;
    pen.clearRect(0, 0, this.width, HEIGHT);
    this.grid();
    for (const [name, row] of [["human", "human"], ["ai", "ai"]]) this.lane(this.spans[name], ROWS[row], colours[name], 1);
    this.lane(this.spans.noise, ROWS.human, colours.noise, 0.45);
    this.bars();
    const crowded = this.to - this.from > 600_000;
    for (let i = lowest(this.decisions, this.from, (d) => d[0]); i < this.decisions.length && this.decisions[i][0] <= this.to; i++) this.glyph(this.decisions[i], crowded);
  }

  grid() {
    const { pen, colours } = this;
    const step = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600].map((s) => s * 1000).find((s) => (s / (this.to - this.from)) * this.width >= 70) ?? 1_200_000;
    pen.fillStyle = colours.line;
    for (let at = Math.ceil(this.from / step) * step; at <= this.to; at += step) pen.fillRect(Math.round(this.x(at)), 0, 1, HEIGHT);
  }

  lane(spans, [top, height], colour, alpha) {
    const { pen } = this;
    pen.fillStyle = colour;
    pen.globalAlpha = alpha;
    for (let i = lowest(spans, this.from, (s) => s[1]); i < spans.length && spans[i][0] <= this.to; i++) {
      const left = this.x(spans[i][0]);
      pen.fillRect(left, top, Math.max(1, this.x(spans[i][1]) - left), height);
    }
    pen.globalAlpha = 1;
  }

  bars() {
    const { pen, colours } = this;
    const [top, height] = ROWS.latency;
    for (let i = lowest(this.latency, this.from, (l) => l[1]); i < this.latency.length && this.latency[i][0] <= this.to; i++) {
      const [start, end, row] = this.latency[i];
      let at = start;
      this.parts.forEach((part, index) => {
        const left = this.x(at);
        pen.fillStyle = colours[part];
        pen.fillRect(left, top, Math.max(row[index] ? 0.75 : 0, this.x(at + row[index]) - left), height);
        at += row[index];
      });
      pen.fillStyle = colours.text;
      pen.fillRect(this.x(end), top - 2, 1, height + 4);
    }
  }

  glyph([at, kind, value], crowded) {
    const { pen, colours } = this;
    const x = this.x(at);
    const known = KINDS[kind];
    if (known) {
      if (crowded && kind !== "barge_in") return;
      const [top, height] = ROWS[known.row];
      pen.fillStyle = pen.strokeStyle = kind === "withdrawn" || kind === "barge_in" ? colours.fault : colours.text;
      known.draw(pen, x, top, height, this, at, value);
      return;
    }
    pen.fillStyle = kind === "fact" ? colours.info : colours.warn;
    pen.beginPath();
    pen.moveTo(x, 0); pen.lineTo(x + 4, 6); pen.lineTo(x - 4, 6);
    pen.fill();
  }

  /** What is under the pointer, in words; null: nothing. */
  describe(x, y) {
    const at = this.from + (x / this.width) * (this.to - this.from);
    const near = (NEAR_PX / this.width) * (this.to - this.from);
    const words = this.words;
    let best = null;
    for (let i = lowest(this.decisions, at - near, (d) => d[0]); i < this.decisions.length && this.decisions[i][0] <= at + near; i++) {
      const away = Math.abs(this.decisions[i][0] - at);
      if (!best || away < best.away) best = { away, decision: this.decisions[i] };
    }
    if (best && y < ROWS.latency[0]) return sentence(best.decision, words);
    const over = this.latency.find(([start, end]) => start - near <= at && at <= end + near);
    if (over && y >= ROWS.latency[0] - 4) return fill(words.latency, { ms: Math.round(over[2].at(-1)) }) + ": " + this.parts.map((part, i) => [part, over[2][i]]).filter(([, ms]) => ms >= 0.5).map(([part, ms]) => `${words[part]} ${Math.round(ms)}`).join(" · ");
    for (const name of ["human", "ai", "noise"]) {
      const [top, height] = ROWS[name === "ai" ? "ai" : "human"];
      const i = lowest(this.spans[name], at, (s) => s[1]);
      if (y >= top && y <= top + height && this.spans[name][i]?.[0] <= at) return words[name];
    }
    return best ? sentence(best.decision, words) : null;
  }

  /** The moment under the pointer, in ms. */
  moment(x) {
    return Math.max(0, Math.min(this.duration, this.from + (x / this.width) * (this.to - this.from)));
  }
}

export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

function sentence([, kind, value], words) {
  if (kind === "fact") return fill(words.fact, { detail: value });
  if (KINDS[kind]) return fill(words[kind], { ms: value });
  return fill(words[`mark_${kind.replaceAll(".", "_")}`] ?? kind, { detail: value });
}

/** The first place whose value is not below `limit`; `of` grows along the list. */
export function lowest(list, limit, of) {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (of(list[middle]) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

function pairs(flat) {
  const spans = [];
  for (let i = 0; i + 1 < flat.length; i += 2) spans.push([flat[i], flat[i] + flat[i + 1]]);
  return spans;
}

function spansOf(lines, ...kinds) {
  return (lines ?? []).filter((line) => kinds.includes(line[3])).flatMap(([, start, end]) => [start, end - start]);
}

function endpoint(pen, x, top, height, axis, at, waited) {
  const left = axis.x(at - waited);
  pen.globalAlpha = 0.35;
  pen.fillRect(left, top + height / 2 - 1, x - left, 2);
  pen.globalAlpha = 1;
  pen.fillRect(x - 0.75, top - 2, 1.5, height + 4);
}

function cross(pen, x, top, height) {
  const y = top + height / 2;
  pen.lineWidth = 2;
  pen.beginPath();
  pen.moveTo(x - 4, y - 4); pen.lineTo(x + 4, y + 4); pen.moveTo(x + 4, y - 4); pen.lineTo(x - 4, y + 4);
  pen.stroke();
}

function dot(pen, x, top, height) {
  pen.beginPath();
  pen.arc(x, top + height / 2, 3, 0, 2 * Math.PI);
  pen.fill();
}

function wedge(pen, x, top, height) {
  const y = top + height / 2;
  pen.beginPath();
  pen.moveTo(x - 3, y - 5); pen.lineTo(x + 5, y); pen.lineTo(x - 3, y + 5);
  pen.fill();
}

function bars(pen, x, top, height) {
  pen.fillRect(x - 4, top + 3, 2.5, height - 6);
  pen.fillRect(x + 0.5, top + 3, 2.5, height - 6);
}

function diamond(pen, x, top, height) {
  const y = top + height / 2;
  pen.beginPath();
  pen.moveTo(x, y - 6); pen.lineTo(x + 6, y); pen.lineTo(x, y + 6); pen.lineTo(x - 6, y);
  pen.fill();
}
