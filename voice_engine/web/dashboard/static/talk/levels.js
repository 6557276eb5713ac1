// How loud a stretch of samples is.

export const QUIET_DBFS = -100;

/** Root mean square of samples in −1 … 1, as dBFS; silence is −100. */
export function levelOf(samples, length = samples.length) {
  let power = 0;
  for (let at = 0; at < length; at++) power += samples[at] * samples[at];
  return power === 0 ? QUIET_DBFS : Math.max(QUIET_DBFS, 10 * Math.log10(power / length));
}
