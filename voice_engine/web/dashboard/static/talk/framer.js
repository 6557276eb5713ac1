// What the microphone gives, as the frames that the line carries: 20 ms of μ-law at 8 kHz, without a gap.

import { FRAME_BYTES, RATE_HZ, SILENCE, encodeFloat } from "./mulaw.js";
import { levelOf } from "./levels.js";
import { Resampler } from "./resampler.js";

/** Pure, driven by the capture worklet. `rateHz` is the audio context's. */
export class Framer {
  #resampler;
  #narrow;
  #pending = new Float32Array(FRAME_BYTES);
  #filled = 0;

  constructor(rateHz, blockLength = 128) {
    this.#resampler = new Resampler(rateHz, RATE_HZ);
    this.#narrow = new Float32Array(this.#resampler.most(blockLength));
    /** While true the frames are silence, and still come. */
    this.muted = false;
  }

  /** One block of samples (mono); calls `onFrame(bytes, levelDbfs)` for each frame that is full. */
  push(block, onFrame) {
    const made = this.#resampler.push(block, this.#narrow);
    for (let at = 0; at < made; at++) {
      this.#pending[this.#filled++] = this.#narrow[at];
      if (this.#filled === FRAME_BYTES) {
        onFrame(this.#encode(), levelOf(this.#pending));
        this.#filled = 0;
      }
    }
  }

  #encode() {
    const bytes = new Uint8Array(FRAME_BYTES);
    if (this.muted) return bytes.fill(SILENCE);
    for (let at = 0; at < FRAME_BYTES; at++) bytes[at] = encodeFloat(this.#pending[at]);
    return bytes;
  }
}
