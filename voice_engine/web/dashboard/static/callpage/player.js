// The recording in step with transcript and time axis: one audio element is the clock of all three.

import WaveSurfer from "../vendor/wavesurfer-8.0.1.esm.js";
import { lowest } from "./axis.js";
import { notify } from "../app.js";

const NONCE = document.querySelector('meta[name="style-nonce"]').content;
const ZOOM = 1.6;
const MOST_PX_PER_S = 250;

const clock = (ms) => {
  const s = Math.round(ms / 1000);
  const rest = `${Math.floor((s % 3600) / 60)}:${String(s % 60).padStart(2, "0")}`;
  return s >= 3600 ? `${Math.floor(s / 3600)}:${rest.padStart(5, "0")}` : rest;
};

/** Plays the call's audio. `onLine` hears the position of the line that is being played. */
export class Player {
  constructor(root, data, axis, words, onLine) {
    this.audio = root.querySelector("#call-audio");
    this.root = root;
    this.axis = axis;
    this.words = words;
    this.onLine = onLine;
    this.duration = data.duration_ms;
    this.lines = data.lines.map(([position, start, end]) => [start, end, position]).sort((a, b) => a[0] - b[0]);
    this.button = root.querySelector('[data-do="play"]');
    this.now = root.querySelector("#call-now");
    this.seekBar = root.querySelector("#call-seek");
    this.px = 0;
    this.listen();
  }

  listen() {
    const { audio } = this;
    audio.addEventListener("play", () => { this.state(true); this.run(); });
    audio.addEventListener("pause", () => this.state(false));
    audio.addEventListener("seeked", () => this.show());
    audio.addEventListener("timeupdate", () => this.show());
    this.seekBar.addEventListener("input", () => this.seek(Number(this.seekBar.value)));
    this.root.querySelector("#call-speed").addEventListener("change", (event) => { audio.playbackRate = Number(event.target.value); });
  }

  async drawWave(peaks) {
    if (!peaks.count) return;
    const style = getComputedStyle(document.documentElement);
    const channel = (text) => Float32Array.from(atob(text), (byte) => byte.charCodeAt(0) / 255);
    const colours = ["--human", "--ai"].map((name) => style.getPropertyValue(name).trim());
    this.duration = Math.max(this.duration, Math.round((peaks.count / peaks.per_s) * 1000));
    const container = this.root.querySelector("#call-wave");
    const height = Math.floor(container.clientHeight / peaks.channels.length);
    this.wave = WaveSurfer.create({
      container,
      media: this.audio,
      peaks: peaks.channels.map(channel),
      duration: peaks.count / peaks.per_s,
      splitChannels: peaks.channels.map((_, i) => ({ waveColor: mix(colours[i] ?? colours[1], 0.55), progressColor: colours[i] ?? colours[1], height })),
      height,
      normalize: true,
      barWidth: 2, barGap: 1, barRadius: 1,
      cursorColor: style.getPropertyValue("--text").trim(),
      cursorWidth: 1.5,
      hideScrollbar: false,
      autoScroll: true, autoCenter: true,
      minPxPerSec: 0,
      cspNonce: NONCE,
    });
    this.wave.on("scroll", (from, to) => this.axis.window(from * 1000, to * 1000));
    this.wave.on("interaction", (at) => this.onLine(this.lineAt(at * 1000), true));
  }

  /** Play, and say so when the browser cannot. The element's own error events tell of more: while wavesurfer takes
      it over its source is empty for a moment. */
  async play() {
    try {
      await this.audio.play();
    } catch (error) {
      if (error.name !== "AbortError") notify(this.words.audio_failed, "fault");
    }
  }

  /** Zoom in (1), out (-1), or show the whole call (0). */
  zoom(way) {
    const width = this.root.querySelector(".scope").clientWidth;
    const whole = width / (this.duration / 1000);
    if (way === 0) this.px = 0;
    else this.px = Math.min(MOST_PX_PER_S, Math.max(whole, (this.px || whole) * (way > 0 ? ZOOM : 1 / ZOOM)));
    if (this.px <= whole * 1.01) this.px = 0;
    this.wave?.zoom(this.px);
    if (this.px === 0) this.axis.window(0, this.duration);
    else {
      const span = (width / this.px) * 1000;
      const from = Math.max(0, Math.min(this.duration - span, this.at - span / 2));
      this.wave?.setScrollTime(from / 1000);
      this.axis.window(from, from + span);
    }
  }

  get at() {
    return this.audio.currentTime * 1000;
  }

  seek(ms) {
    this.audio.currentTime = Math.max(0, ms) / 1000;
    this.show();
  }

  async playFrom(ms) {
    this.seek(ms);
    await this.play();
  }

  toggle() {
    if (this.audio.paused) this.play();
    else this.audio.pause();
  }

  state(playing) {
    this.button.setAttribute("aria-pressed", String(playing));
    this.button.querySelector(".sr").textContent = playing ? this.words.pause : this.words.play;
  }

  run() {
    if (this.audio.paused) return;
    this.show();
    requestAnimationFrame(() => this.run());
  }

  show() {
    const at = this.at;
    const text = clock(at);
    if (text !== this.shown) {
      this.shown = this.now.textContent = text;
      this.seekBar.value = at;
      this.seekBar.setAttribute("aria-valuetext", text);
    }
    if (Math.abs(at - (this.drawn ?? -1000)) >= 40) {
      this.drawn = at;
      this.axis.at(at);
    }
    const line = this.lineAt(at);
    if (line !== this.line) {
      this.line = line;
      this.onLine(line, false);
    }
  }

  /** The position of the line that sounds at `ms`, or sounded last; null before the first. */
  lineAt(ms) {
    const after = lowest(this.lines, ms + 1, (line) => line[0]);
    return after ? this.lines[after - 1][2] : null;
  }
}

function mix(colour, share) {
  return `color-mix(in srgb, ${colour} ${Math.round(share * 100)}%, transparent)`;
}
