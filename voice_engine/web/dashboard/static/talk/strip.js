// The last seconds of both voices, drawn as they come: the person above the line, the engine below, interruptions as ticks.

import { QUIET_DBFS } from "./levels.js";

const COLUMN_MS = 80;
const CALM_MS = 1000; // between pictures for those who asked their system for less motion
const COLUMN_PX = 4;
const BAR_PX = 2.5;
const FLOOR_DBFS = -55;
const TOP_DBFS = -12;

/** A level in dBFS as a height from 0 to 1, about as loud as it sounds. */
export function loudness(dbfs) {
  return Math.max(0, Math.min(1, (dbfs - FLOOR_DBFS) / (TOP_DBFS - FLOOR_DBFS))) ** 1.4;
}

/** Draws on a canvas; `add` once for each stretch of `COLUMN_MS`. */
export class Strip {
  #canvas;
  #columns = [];
  #loudest = { in: QUIET_DBFS, out: QUIET_DBFS };
  #due = 0;
  #painted = -Infinity;
  #calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  #colours;

  constructor(canvas) {
    this.#canvas = canvas;
    const style = getComputedStyle(canvas);
    this.#colours = {
      in: style.getPropertyValue("--human"),
      out: style.getPropertyValue("--ai"),
      line: style.getPropertyValue("--line"),
      tick: style.getPropertyValue("--fault"),
    };
  }

  /** Levels of now, in dBFS: the loudest of each column counts. */
  hear(levels) {
    this.#loudest.in = Math.max(this.#loudest.in, levels.in);
    this.#loudest.out = Math.max(this.#loudest.out, levels.out);
  }

  /** An interruption happened now. */
  tick() {
    const last = this.#columns.at(-1);
    if (last) last.tick = true;
  }

  /** Draw, if a column is due. */
  draw(nowMs) {
    if (nowMs < this.#due) return;
    this.#due = nowMs + COLUMN_MS;
    this.#columns.push({ in: loudness(this.#loudest.in), out: loudness(this.#loudest.out), tick: false });
    this.#loudest = { in: QUIET_DBFS, out: QUIET_DBFS };
    if (this.#calm && nowMs - this.#painted < CALM_MS) return;
    this.#painted = nowMs;
    this.#paint();
  }

  #paint() {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const scale = window.devicePixelRatio || 1;
    if (this.#canvas.width !== Math.round(width * scale)) {
      this.#canvas.width = Math.round(width * scale);
      this.#canvas.height = Math.round(height * scale);
    }
    const most = Math.ceil(width / COLUMN_PX);
    if (this.#columns.length > most) this.#columns.splice(0, this.#columns.length - most);
    const brush = this.#canvas.getContext("2d");
    brush.setTransform(scale, 0, 0, scale, 0, 0);
    brush.clearRect(0, 0, width, height);
    const middle = height / 2;
    brush.fillStyle = this.#colours.line;
    brush.fillRect(0, middle - 0.5, width, 1);
    this.#columns.forEach((column, at) => {
      const x = width - (this.#columns.length - at) * COLUMN_PX;
      this.#bar(brush, this.#colours.in, x, middle - 2, -column.in * (middle - 4));
      this.#bar(brush, this.#colours.out, x, middle + 2, column.out * (middle - 4));
      if (column.tick) {
        brush.fillStyle = this.#colours.tick;
        brush.fillRect(x, 0, 2, height);
      }
    });
  }

  #bar(brush, colour, x, from, height) {
    if (Math.abs(height) < 0.5) return;
    brush.fillStyle = colour;
    brush.beginPath();
    brush.roundRect(x, Math.min(from, from + height), BAR_PX, Math.abs(height), 1.2);
    brush.fill();
  }
}
