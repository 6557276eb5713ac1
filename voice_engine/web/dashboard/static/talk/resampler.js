// Sample-rate conversion between the telephone's 8 kHz and whatever rate a browser's audio hardware runs at.
//
// A polyphase filter: a sinc in a Kaiser window, flat to 42.5 % and gone from 57.5 % of the lower rate (3.4 and 4.6 kHz
// of 8 kHz), so that nothing above the telephone band folds into speech, nor images of speech stand above it.

const STOPBAND_DB = 70;
const HALF_TRANSITION = 0.075; // of the lower rate, on each side of its half
const KAISER_BETA = 0.1102 * (STOPBAND_DB - 8.7); // Kaiser's formula for more than 50 dB

/** One signal's converter. Its state stays from block to block, so that blocks join without a seam. */
export class Resampler {
  #up;
  #down;
  #taps;
  #phases;
  #ring;
  #at = 0;
  #offset;

  /** Rates in Hz; any two whole ones. */
  constructor(fromHz, toHz) {
    const divisor = gcd(fromHz, toHz);
    this.#up = toHz / divisor;
    this.#down = fromHz / divisor;
    const band = Math.min(fromHz, toHz);
    const transition = (2 * Math.PI * 2 * HALF_TRANSITION * band) / fromHz;
    this.#taps = Math.ceil((STOPBAND_DB - 7.95) / (2.285 * transition)) | 1;
    this.#phases = design(this.#up, this.#taps, band / fromHz);
    this.#ring = new Float32Array(2 * this.#taps); // everything twice: the newest `taps` samples always lie in a row
    this.#offset = this.#up;
    /** How long a sound takes through the filter, in output samples. */
    this.delay = (((this.#taps - 1) / 2) * toHz) / fromHz;
  }

  /** How many samples `push` makes of `length` at most. */
  most(length) {
    return Math.ceil((length * this.#up) / this.#down) + 1;
  }

  /** Convert a block; writes to `output` from its start and returns how many samples. */
  push(input, output) {
    let made = 0;
    for (let at = 0; at < input.length; at++) {
      this.#feed(input[at]);
      while (this.#offset <= 0) output[made++] = this.#next();
    }
    return made;
  }

  /** Fill `output`, asking `source()` for each input sample when it is needed. */
  pull(output, source) {
    for (let at = 0; at < output.length; at++) {
      while (this.#offset > 0) this.#feed(source());
      output[at] = this.#next();
    }
  }

  #feed(sample) {
    this.#at = this.#at === 0 ? this.#taps - 1 : this.#at - 1;
    this.#ring[this.#at] = sample;
    this.#ring[this.#at + this.#taps] = sample;
    this.#offset -= this.#up;
  }

  /** The output sample that is due: `offset` ≤ 0 says how far it lies behind the newest input, in 1/up samples. */
  #next() {
    const row = -this.#offset * this.#taps;
    let sum = 0;
    for (let tap = 0; tap < this.#taps; tap++) sum += this.#ring[this.#at + tap] * this.#phases[row + tap];
    this.#offset += this.#down;
    return sum;
  }
}

/** The filter's phases, one row each, every row with a gain of 1 for a constant. */
function design(up, taps, band) {
  const phases = new Float32Array(up * taps);
  const centre = (taps - 1) / 2;
  const edge = besselI0(KAISER_BETA);
  for (let phase = 0; phase < up; phase++) {
    let gain = 0;
    for (let tap = 0; tap < taps; tap++) {
      const t = tap - phase / up - centre;
      const side = t / centre;
      if (centre > 0 && Math.abs(side) > 1) continue;
      const window = centre > 0 ? besselI0(KAISER_BETA * Math.sqrt(1 - side * side)) / edge : 1;
      phases[phase * taps + tap] = band * sinc(band * t) * window;
      gain += phases[phase * taps + tap];
    }
    for (let tap = 0; tap < taps; tap++) phases[phase * taps + tap] /= gain;
  }
  return phases;
}

function sinc(x) {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** Modified Bessel function of order 0, by its series. */
function besselI0(x) {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-12; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function gcd(a, b) {
  return b === 0 ? a : gcd(b, a % b);
}
