// G.711 μ-law, bit for bit what `voice_engine.audio.mulaw` makes: one byte a sample at 8 kHz.

export const RATE_HZ = 8000;
export const FRAME_BYTES = 160; // 20 ms, the Media Streams frame
export const SILENCE = 0xff; // positive zero of G.711, table 2a

const CLIP = 8158; // 14 bits; what is louder has the same code as this
const BIAS = 33;
const FULL_SCALE = 32768;

/** One sample, int16 → its byte. */
export function encodeSample(sample) {
  let magnitude = sample >> 2;
  let mask = 0xff;
  if (magnitude < 0) {
    magnitude = -magnitude;
    mask = 0x7f;
  }
  magnitude = Math.min(magnitude, CLIP) + BIAS;
  const segment = Math.max(0, 26 - Math.clz32(magnitude)); // segments begin at 2^6, 2^7, …
  return ((segment << 4) | ((magnitude >> (segment + 1)) & 0x0f)) ^ mask;
}

/** One byte → its sample, int16. */
export function decodeSample(byte) {
  const code = ~byte & 0xff;
  const magnitude = ((((code & 0x0f) << 3) + 0x84) << ((code >> 4) & 7)) - 0x84;
  return code & 0x80 ? -magnitude : magnitude;
}

/** Every byte as a sample in −1 … 1. */
export const LINEAR = Float32Array.from({ length: 256 }, (_, byte) => decodeSample(byte) / FULL_SCALE);

/** One sample, −1 … 1 (clipped beyond) → its byte. */
export function encodeFloat(value) {
  const scaled = Math.round(value * FULL_SCALE);
  return encodeSample(Math.max(-FULL_SCALE, Math.min(FULL_SCALE - 1, scaled)));
}
