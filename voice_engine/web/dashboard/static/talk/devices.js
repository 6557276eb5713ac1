// The microphone and the speaker of a call: opened together, closed together.

import { chooseMicrophone, chosenMicrophone } from "./microphones.js";

/** Why there is no sound. `code`: insecure, unsupported, permission_denied, no_device, device_busy. */
export class AudioFault extends Error {
  constructor(code, cause) {
    super(code, { cause });
    this.code = code;
  }
}

const CODES = {
  NotAllowedError: "permission_denied",
  SecurityError: "permission_denied",
  NotFoundError: "no_device",
  OverconstrainedError: "no_device",
  NotReadableError: "device_busy",
  AbortError: "device_busy",
};
const WANTED = {
  audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: { ideal: 1 } },
};

const LATENCY_MS = 1000;

/**
 * Ask for the microphone and start both worklets. To be called while a person's click is being handled, or browsers keep
 * the speaker shut. Raises AudioFault, or the reason of `signal` as soon as that is aborted: nobody has to answer the
 * browser's question first. A microphone that comes after either is let go at once.
 */
export async function openMicrophone({ signal } = {}) {
  signal?.throwIfAborted();
  if (!window.isSecureContext) throw new AudioFault("insecure");
  if (!navigator.mediaDevices?.getUserMedia || !window.AudioWorkletNode) throw new AudioFault("unsupported");
  const context = new AudioContext({ latencyHint: "interactive" });
  const asked = microphone();
  try {
    const opening = Promise.all([asked, loadWorklets(context), context.resume()]);
    const [stream] = await (signal ? Promise.race([opening, aborted(signal)]) : opening);
    return new Devices(context, stream);
  } catch (error) {
    asked.then(stopTracks, () => {});
    await context.close();
    throw error;
  }
}

async function microphone() {
  const chosen = chosenMicrophone();
  const audio = chosen ? { ...WANTED.audio, deviceId: { exact: chosen } } : WANTED.audio;
  try {
    return await navigator.mediaDevices.getUserMedia({ audio });
  } catch (error) {
    if (chosen && CODES[error.name] === "no_device") {
      chooseMicrophone(null); // unplugged since
      return microphone();
    }
    throw new AudioFault(CODES[error.name] ?? "unsupported", error);
  }
}

function aborted(signal) {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
}

function stopTracks(stream) {
  for (const track of stream.getTracks()) track.stop();
}

async function loadWorklets(context) {
  const files = ["capture-worklet.js", "playback-worklet.js"];
  await Promise.all(files.map((file) => context.audioWorklet.addModule(new URL(file, import.meta.url))));
}

/**
 * Two open ends. `onFrame(bytes, levelDbfs)` has each 20 ms of the microphone, `onPlayback(report)` what was played,
 * `onLost()` that the microphone is gone, `onPaused(isPaused)` that the device has taken the sound away or given it back:
 * another call on a phone, for instance. The last two are told whenever they happened, also to whoever listens later.
 */
export class Devices {
  #context;
  #stream;
  #capture;
  #playback;
  #timer;
  #onLost = null;
  #onPaused = null;
  #isLost = false;
  #isPaused = false;
  #closed = false;

  constructor(context, stream) {
    this.#context = context;
    this.#stream = stream;
    this.onFrame = () => {};
    this.onPlayback = () => {};
    this.#capture = new AudioWorkletNode(context, "talk-capture", {
      numberOfOutputs: 1,
      channelCount: 1,
      channelCountMode: "explicit",
    });
    this.#playback = new AudioWorkletNode(context, "talk-playback", {
      numberOfInputs: 0,
      outputChannelCount: [1],
    });
    this.#capture.port.onmessage = ({ data }) => this.onFrame(data.bytes, data.level);
    this.#playback.port.onmessage = ({ data }) => this.onPlayback(data);
    context.createMediaStreamSource(stream).connect(this.#capture);
    this.#capture.connect(context.destination); // gives out silence: a node that leads nowhere may be left out
    this.#playback.connect(context.destination);
    this.#watch(stream.getAudioTracks()[0]);
    this.#tellLatency();
    this.#timer = setInterval(() => this.#tellLatency(), LATENCY_MS);
  }

  #watch(track) {
    track.addEventListener("ended", () => this.#lose());
    if (track.readyState === "ended") this.#lose();
    const look = () => this.#pause(this.#context.state !== "running" || track.muted);
    for (const kind of ["mute", "unmute"]) track.addEventListener(kind, look);
    this.#context.addEventListener("statechange", () => {
      look();
      this.resume();
    });
    look();
  }

  #lose() {
    this.#isLost = true;
    this.#onLost?.();
  }

  #pause(isPaused) {
    if (this.#closed || isPaused === this.#isPaused) return;
    this.#isPaused = isPaused;
    this.#onPaused?.(isPaused);
  }

  set onLost(act) {
    this.#onLost = act;
    if (this.#isLost) queueMicrotask(() => this.#onLost?.());
  }

  set onPaused(act) {
    this.#onPaused = act;
    if (this.#isPaused) queueMicrotask(() => this.#onPaused?.(this.#isPaused));
  }

  /** Take the sound up again where the device stopped it; some devices want a person's touch for that. */
  resume() {
    if (!this.#closed && this.#context.state !== "running") this.#context.resume().catch(() => {});
  }

  /** How long sound takes from the worklet to the ear, as far as the browser knows, in seconds. */
  get latencyS() {
    return this.#context.outputLatency || this.#context.baseLatency || 0;
  }

  /** Have marks wait for the device too. It changes when headphones are plugged in. */
  #tellLatency() {
    this.#playback.port.postMessage({ type: "latency", seconds: this.latencyS });
  }

  /** μ-law bytes to be heard after those before. */
  play(bytes) {
    this.#playback.port.postMessage({ type: "media", bytes }, [bytes.buffer]);
  }

  /** Have `onPlayback` tell when all that was given so far has been heard. */
  mark(name) {
    this.#playback.port.postMessage({ type: "mark", name });
  }

  /** Fall silent now. */
  clear() {
    this.#playback.port.postMessage({ type: "clear" });
  }

  /** Whether what comes is a person's voice as they speak: it is never heard late for long. */
  setRelayed(relayed) {
    this.#playback.port.postMessage({ type: "relayed", relayed });
  }

  /** While muted the microphone's frames are silence. */
  setMuted(muted) {
    this.#capture.port.postMessage({ type: "mute", muted });
  }

  /** Let go of microphone and speaker; idempotent. */
  async close() {
    if (this.#closed) return;
    this.#closed = true;
    this.onFrame = this.onPlayback = () => {};
    this.#onLost = this.#onPaused = null;
    clearInterval(this.#timer);
    stopTracks(this.#stream);
    for (const node of [this.#capture, this.#playback]) {
      node.port.postMessage({ type: "close" });
      node.disconnect();
      node.port.close();
    }
    await this.#context.close();
  }
}
