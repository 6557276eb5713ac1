// The microphone and the speaker of a call: opened together, closed together.

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

/**
 * Ask for the microphone and start both worklets. To be called while a person's click is being handled, or browsers keep
 * the speaker shut. Raises AudioFault.
 */
export async function openMicrophone() {
  if (!window.isSecureContext) throw new AudioFault("insecure");
  if (!navigator.mediaDevices?.getUserMedia || !window.AudioWorkletNode) throw new AudioFault("unsupported");
  const context = new AudioContext({ latencyHint: "interactive" });
  try {
    const [stream] = await Promise.all([microphone(), loadWorklets(context), context.resume()]);
    return new Devices(context, stream);
  } catch (error) {
    await context.close();
    throw error;
  }
}

async function microphone() {
  try {
    return await navigator.mediaDevices.getUserMedia(WANTED);
  } catch (error) {
    throw new AudioFault(CODES[error.name] ?? "unsupported", error);
  }
}

async function loadWorklets(context) {
  const files = ["capture-worklet.js", "playback-worklet.js"];
  await Promise.all(files.map((file) => context.audioWorklet.addModule(new URL(file, import.meta.url))));
}

/** Two open ends. `onFrame(bytes, levelDbfs)` has each 20 ms of the microphone, `onPlayback(report)` what was played. */
export class Devices {
  #context;
  #stream;
  #capture;
  #playback;
  #closed = false;

  constructor(context, stream) {
    this.#context = context;
    this.#stream = stream;
    this.onFrame = () => {};
    this.onPlayback = () => {};
    this.onLost = () => {};
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
    stream.getAudioTracks()[0].addEventListener("ended", () => this.onLost());
    this.tellLatency();
  }

  /** How long sound takes from the worklet to the ear, as far as the browser knows, in seconds. */
  get latencyS() {
    return this.#context.outputLatency || this.#context.baseLatency || 0;
  }

  /** Have marks wait for the device too. It may change when headphones are plugged in. */
  tellLatency() {
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

  /** While muted the microphone's frames are silence. */
  setMuted(muted) {
    this.#capture.port.postMessage({ type: "mute", muted });
  }

  /** Let go of microphone and speaker; idempotent. */
  async close() {
    if (this.#closed) return;
    this.#closed = true;
    this.onFrame = this.onPlayback = this.onLost = () => {};
    for (const track of this.#stream.getTracks()) track.stop();
    for (const node of [this.#capture, this.#playback]) {
      node.port.postMessage({ type: "close" });
      node.disconnect();
      node.port.close();
    }
    await this.#context.close();
  }
}
