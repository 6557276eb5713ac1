// A call's page: one listener for a thousand lines, the keyboard, and the parts put together.

import { ask, notify } from "../app.js";
import { Axis } from "./axis.js";
import { follow } from "./follow.js";
import { Player } from "./player.js";

const words = JSON.parse(document.getElementById("call-words").textContent);
const QUIET_AFTER_WHEEL_MS = 3000;
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
    this.parts.replaceChildren(...this.data.parts.map((part, i) => {
      const span = document.createElement("span");
      span.className = part === "total" ? "all" : `of-${part}`;
      const number = document.createElement("b");
      number.textContent = `${Math.round(row[i])} ms`;
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

async function show(root) {
  shown?.close();
  shown = new CallPage(root);
  const { stage, awaits } = root.dataset;
  if (stage !== "ended" || awaits === "yes") shown.follower = follow(root, words, { refresh });
  try {
    await shown.open();
  } catch (error) {
    notify(error.message, "fault");
  }
}

/** Fill the page in from the server, in place: the call has begun, is over, or its recording is there. */
async function refresh() {
  const root = document.getElementById("call");
  const answer = await fetch(root.dataset.base, { headers: { "HX-Request": "true" } });
  if (!answer.ok || answer.headers.has("HX-Redirect")) return location.reload();
  const part = document.createElement("template");
  part.innerHTML = await answer.text();
  const fresh = part.content.querySelector("#call");
  root.replaceWith(fresh);
  window.htmx?.process(fresh);
  await show(fresh);
}

await show(document.getElementById("call"));
