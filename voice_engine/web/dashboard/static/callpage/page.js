// A call's page: one listener for a thousand lines, the keyboard, and the parts put together.

import { ask, notify } from "../app.js";
import { Axis } from "./axis.js";
import { follow } from "./follow.js";
import { Player } from "./player.js";

const words = JSON.parse(document.getElementById("call-words").textContent);
const QUIET_AFTER_WHEEL_MS = 3000;
const AGAIN_MS = 2000;
let shown = null;

class CallPage {
  constructor(root) {
    this.root = root;
    this.list = root.querySelector("#call-lines");
    this.parts = root.querySelector("#call-parts");
    this.wheeled = 0;
    this.stop = new AbortController();
    const { signal } = this.stop;
    this.list?.addEventListener("click", (event) => this.clicked(event), { signal });
    root.addEventListener("click", (event) => this.pressed(event), { signal });
    document.addEventListener("keydown", (event) => this.key(event), { signal });
    addEventListener("wheel", () => (this.wheeled = performance.now()), { passive: true, signal });
    addEventListener("touchmove", () => (this.wheeled = performance.now()), { passive: true, signal });
  }

  async open() {
    const { stage, axis, audio, base } = this.root.dataset;
    if (stage === "live") return;
    if (axis === "yes") await this.draw(base, audio === "yes");
  }

  async draw(base, withAudio) {
    const [data, peaks] = await Promise.all([ask(`${base}/axis`), withAudio ? ask(`${base}/peaks`) : null]);
    if (this.stop.signal.aborted) return;
    this.data = data;
    const canvas = this.root.querySelector("#call-axis");
    this.axis = new Axis(canvas, data, words);
    this.point(canvas);
    if (withAudio) {
      this.player = new Player(this.root, data, this.axis, words, (position, asked) => this.mark(position, asked));
      await this.player.drawWave(peaks);
      this.axis.duration = this.player.duration;
      this.axis.window(0, this.player.duration);
    }
    this.root.dataset.ready = "yes";
  }

  /** Where a link wants one to be: a line of the transcript (`#line-4`), or what was said at a moment (`?at=`, ms). */
  arrive() {
    const [, position] = location.hash.match(/^#line-(\d+)$/) ?? [];
    const at = position === undefined ? new URLSearchParams(location.search).get("at") : null;
    const line = position === undefined ? this.lineAt(Number(at)) : this.list?.querySelector(`#line-${position}`);
    if ((position === undefined && !/^\d+$/.test(at ?? "")) || !line) return;
    this.player?.seek(at === null ? Number(line.dataset.at) : Number(at));
    this.mark(Number(line.dataset.line), false);
    line.scrollIntoView({ block: "center" });
  }

  /** The line that sounds at `ms`, or sounded last. */
  lineAt(ms) {
    return [...(this.list?.children ?? [])].findLast((line) => Number(line.dataset.at) <= ms) ?? null;
  }

  point(canvas) {
    const tip = this.root.querySelector("#call-tip");
    const { signal } = this.stop;
    canvas.addEventListener("pointermove", (event) => {
      const text = this.axis.describe(event.offsetX, event.offsetY);
      tip.hidden = !text;
      if (!text) return;
      tip.textContent = text;
      const room = canvas.clientWidth - tip.offsetWidth;
      tip.style.left = `${Math.max(0, Math.min(room, event.offsetX - tip.offsetWidth / 2))}px`;
    }, { signal });
    canvas.addEventListener("pointerleave", () => (tip.hidden = true), { signal });
    canvas.addEventListener("click", (event) => {
      const at = this.axis.moment(event.offsetX);
      this.player?.seek(at);
      this.mark(this.player?.lineAt(at) ?? null, true);
    }, { signal });
  }

  clicked(event) {
    const line = event.target.closest(".line");
    if (!line || !this.player || !getSelection().isCollapsed) return;
    this.hear(line);
  }

  async hear(line) {
    try {
      await this.player.playFrom(Number(line.dataset.at));
      this.mark(Number(line.dataset.line), false);
    } catch {
      notify(words.audio_failed, "fault");
    }
  }

  pressed(event) {
    const button = event.target.closest("[data-do], [data-seek]");
    if (!button) return;
    switch (button.dataset.do) {
      case "play": return this.player?.toggle();
      case "in": return this.zoom(1);
      case "out": return this.zoom(-1);
      case "fit": return this.zoom(0);
    }
    if (button.dataset.seek) {
      const at = Number(button.dataset.seek);
      this.player?.seek(at);
      this.mark(button.dataset.goto ? Number(button.dataset.goto) : (this.player?.lineAt(at) ?? null), true);
    }
  }

  zoom(way) {
    if (this.player) this.player.zoom(way);
    else if (this.axis) {
      const span = way === 0 ? this.axis.duration : Math.min(this.axis.duration, Math.max(5000, (this.axis.to - this.axis.from) / (way > 0 ? 1.6 : 0.625)));
      const from = Math.max(0, Math.min(this.axis.duration - span, (this.axis.from + this.axis.to - span) / 2));
      this.axis.window(from, from + span);
    }
  }

  key(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const on = event.target;
    if (on.closest?.("input, select, textarea, dialog, [contenteditable]")) return;
    const isPress = event.key === " " && on.closest?.("button, a, summary") && !on.closest(".at");
    if (isPress || !this.list) return;
    switch (event.key) {
      case " ":
        if (!this.player) return;
        this.player.toggle();
        break;
      case "j": this.step(1); break;
      case "k": this.step(-1); break;
      case "+": this.zoom(1); break;
      case "-": this.zoom(-1); break;
      default: return;
    }
    event.preventDefault();
  }

  /** Go to the next or the last line: from the one in focus, else from the one that sounds. */
  step(way) {
    const from = document.activeElement?.closest?.(".line") ?? this.now;
    const line = from ? (way > 0 ? from.nextElementSibling : from.previousElementSibling) : this.list.firstElementChild;
    if (!line) return;
    line.querySelector(".at").focus({ preventScroll: true });
    line.scrollIntoView({ block: "nearest" });
    this.player?.seek(Number(line.dataset.at));
    this.mark(Number(line.dataset.line), false);
  }

  /** Show which line sounds; `asked`: somebody looks for it, so bring it into view. */
  mark(position, asked) {
    const line = position === null ? null : this.list?.querySelector(`#line-${position}`);
    if (line !== this.now) {
      this.now?.classList.remove("now");
      this.now?.removeAttribute("aria-current");
      line?.classList.add("now");
      line?.setAttribute("aria-current", "true");
      this.now = line;
      this.breakDown(position);
    }
    const follows = this.root.querySelector("#call-follow")?.checked && !this.player?.audio.paused && performance.now() - this.wheeled > QUIET_AFTER_WHEEL_MS;
    if (line && (asked || follows)) line.scrollIntoView({ block: "nearest" });
  }

  /** Where the time before this answer went, in numbers. */
  breakDown(position) {
    const row = this.data?.latency[position];
    if (!this.parts) return;
    this.parts.hidden = !row;
    if (!row) return;
    const spent = this.data.parts.map((part, i) => [part, Math.round(row[i])]).filter(([part, ms]) => ms > 0 || part === "total");
    this.parts.replaceChildren(...spent.map(([part, ms]) => {
      const span = document.createElement("span");
      span.className = part === "total" ? "all" : `of-${part}`;
      const number = document.createElement("b");
      number.textContent = `${ms} ms`;
      span.append(`${words[part]} `, number);
      return span;
    }));
  }

  close() {
    this.stop.abort();
    this.axis?.destroy();
    this.player?.wave?.destroy();
    this.follower?.close();
  }
}

async function show(root, { arrives = false } = {}) {
  shown?.close();
  shown = new CallPage(root);
  const { stage, awaits } = root.dataset;
  if (stage !== "ended" || awaits === "yes") shown.follower = follow(root, words, { refresh });
  try {
    await shown.open();
  } catch (error) {
    notify(error.message, "fault");
  }
  if (arrives) shown.arrive();
}

let refreshing = false;
let stale = false;

/** Fill the page in from the server, in place: the call has begun, is over, or its recording is there. Until it works: the
    stream has told of it once, and nobody tells again. */
async function refresh() {
  stale = true;
  if (refreshing) return;
  refreshing = true;
  while (stale) {
    stale = false;
    const text = await fetched();
    if (text === null) {
      stale = true;
      shown.follower?.tell(true);
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    } else await replace(text);
  }
  refreshing = false;
}

/** The page's body; null: not now. */
async function fetched() {
  try {
    const answer = await fetch(document.getElementById("call").dataset.base, { headers: { "HX-Request": "true" } });
    if (answer.status >= 500 || answer.status === 429) return null;
    if (!answer.ok || answer.headers.has("HX-Redirect")) location.reload();
    return await answer.text();
  } catch {
    return null;
  }
}

async function replace(text) {
  const part = document.createElement("template");
  part.innerHTML = text;
  const fresh = part.content.querySelector("#call");
  if (!fresh) return;
  document.getElementById("call").replaceWith(fresh);
  window.htmx?.process(fresh);
  await show(fresh);
}

await show(document.getElementById("call"), { arrives: true });
