// What was received and not heard yet: a jitter buffer on the clock of the samples that it gives out, and its marks.
//
// | state   | gives out          | left by                                                                  |
// |---------|--------------------|--------------------------------------------------------------------------|
// | waiting | silence            | enough is there, or its first sample has waited for as long as enough takes |
// | playing | what was received  | nothing is left (silence follows), or `clear`                               |
//
// A mark stands behind the last sample received before it, and is answered when that sample has left the filter and the
// device. `clear` drops what is left and answers every mark at once, as Media Streams has it.
//
// The engine's speech comes ahead of time, waits as long as it has to, and is followed by pauses in which a late queue runs
// dry. A human's voice never pauses: what the network held back would be heard late for good. So while audio is relayed, a
// quarter of a second may wait, and the oldest goes.

import { LINEAR, RATE_HZ } from "./mulaw.js";
import { levelOf } from "./levels.js";
import { Resampler } from "./resampler.js";

const FIRST_WAIT_MS = 40; // two frames: what a busy page may be late by
const LONGEST_WAIT_MS = 200;
const GAP_MS = 250; // audio that comes within this after the buffer ran dry was late, not new
const LONGEST_QUEUE = 30 * RATE_HZ; // samples; the engine keeps 300 ms ahead
const LONGEST_RELAYED_MS = 250; // more than the buffer may want to begin with
const FADE = 40; // 5 ms: what is cut does not click
const LEVEL_SAMPLES = 320; // a level every 40 ms

/** Pure, driven by the playback worklet. Sizes are in samples of 8 kHz unless their name says otherwise. */
export class Playout {
  #rateHz;
  #resampler;
  #chunks = [];
  #head = 0;
  #queued = 0;
  #received = 0;
  #marks = [];
  #leaving = [];
  #frames = 0;
  #waited = 0;
  #wait = ms(FIRST_WAIT_MS);
  #dry = Infinity;
  #fade = [];
  #loud = new Float32Array(LEVEL_SAMPLES);
  #measured = 0;

  /** `rateHz` is the audio context's; `latencyS` how long the device takes from here to the ear. */
  constructor(rateHz, latencyS = 0) {
    this.#rateHz = rateHz;
    this.#resampler = new Resampler(RATE_HZ, rateHz);
    this.latencyS = latencyS;
    /** What comes is somebody's voice as they speak, not the engine's ahead of time. */
    this.relayed = false;
    this.playing = false;
    /** How far into what was received we are: given out, or dropped. */
    this.played = 0;
    this.underruns = 0;
    /** dBFS of the last 40 ms; null until the next is full. */
    this.level = null;
  }

  /** Samples that wait. */
  get queued() {
    return this.#queued;
  }

  /** μ-law bytes arrived. Beyond half a minute, of a relayed voice beyond a quarter of a second, the oldest go. */
  media(bytes) {
    if (bytes.length === 0) return;
    if (this.#dry < ms(GAP_MS)) {
      this.underruns += 1;
      this.#wait = Math.min(ms(LONGEST_WAIT_MS), this.#wait * 1.5);
    }
    this.#dry = Infinity;
    this.#chunks.push(bytes);
    this.#queued += bytes.length;
    this.#received += bytes.length;
    const most = this.relayed ? ms(LONGEST_RELAYED_MS) : LONGEST_QUEUE;
    while (this.#queued > most) this.#take();
  }

  /** A mark stands behind what was received so far. */
  mark(name) {
    this.#marks.push({ name, at: this.#received });
  }

  /** Drop what waits; the names of all marks that were not answered, in order. */
  clear() {
    const names = [...this.#leaving, ...this.#marks].map((mark) => mark.name);
    if (this.playing) {
      const rest = Math.min(FADE, this.#queued);
      this.#fade = Array.from({ length: rest }, (_, at) => this.#take() * (1 - (at + 1) / (rest + 1)));
    }
    this.#chunks = [];
    this.#head = this.#queued = this.#waited = 0;
    this.played = this.#received;
    this.#marks = [];
    this.#leaving = [];
    this.#dry = Infinity;
    this.playing = false;
    return names;
  }

  /** Fill one block of the context; the names of marks whose audio has been heard by its end. */
  render(output) {
    if (!this.playing && this.#queued > 0) {
      this.#waited += (output.length * RATE_HZ) / this.#rateHz;
      if (this.#queued >= this.#wait || this.#waited >= this.#wait) this.#begin();
    }
    this.#resampler.pull(output, () => this.#next());
    this.#frames += output.length;
    return this.#heard();
  }

  #begin() {
    this.playing = true;
    this.#waited = 0;
    this.#wait = Math.max(ms(FIRST_WAIT_MS), this.#wait * 0.95);
  }

  #next() {
    let sample = 0;
    if (this.#fade.length > 0) {
      sample = this.#fade.shift();
    } else if (this.playing) {
      sample = this.#take();
      if (this.#queued === 0) {
        this.playing = false;
        this.#dry = 0;
      }
    } else if (this.#dry !== Infinity) {
      this.#dry += 1;
    }
    this.#measure(sample);
    return sample;
  }

  #take() {
    const chunk = this.#chunks[0];
    const sample = LINEAR[chunk[this.#head++]];
    if (this.#head === chunk.length) {
      this.#chunks.shift();
      this.#head = 0;
    }
    this.#queued -= 1;
    this.played += 1;
    return sample;
  }

  #heard() {
    while (this.#marks.length > 0 && this.#marks[0].at <= this.played) {
      const after = this.#resampler.delay + this.latencyS * this.#rateHz;
      this.#leaving.push({ name: this.#marks.shift().name, due: this.#frames + after });
    }
    const names = [];
    while (this.#leaving.length > 0 && this.#leaving[0].due <= this.#frames) names.push(this.#leaving.shift().name);
    return names;
  }

  #measure(sample) {
    this.#loud[this.#measured++] = sample;
    if (this.#measured === LEVEL_SAMPLES) {
      this.level = levelOf(this.#loud);
      this.#measured = 0;
    }
  }
}

function ms(milliseconds) {
  return (milliseconds * RATE_HZ) / 1000;
}
