// A call's line: the browser plays the carrier's part of the Media Streams protocol, with the microphone and the speaker
// of `devices.js` at its end. Events of the engine come on the same socket.

import { QUIET_DBFS } from "./levels.js";

const FRAME_MS = 20;
const NORMAL = 1000;
const REFUSED = 1008;
const MOST_WAITING_BYTES = 32_768; // about two seconds of frames: beyond that the network is gone and frames are dropped
const RENEW_MS = [0, 400, 1200, 2500]; // the call waits five seconds for its line
const CONNECT_MS = 8_000;

/**
 * Put an open microphone on a call.
 *
 * @param {object} options
 * @param {{socketUrl, ticket, callSid, streamSid, accountSid}} options.pass what the server gave for one stream
 * @param {import("./devices.js").Devices} options.audio closed with the line
 * @param {boolean} [options.relayed] what is heard is a person, not the engine; `setRelayed` says so later
 * @param {(event: {type, atMs, facts, sequence}) => void} [options.onEvent] what happens in the call
 * @param {(levels: {in: number, out: number}) => void} [options.onLevel] dBFS, −100 for silence
 * @param {(state: "connecting"|"up"|"reconnecting"|"closed") => void} [options.onState]
 * @param {(heard: {playing, played, underruns}) => void} [options.onPlayback] how far we are, in 8 kHz samples
 * @param {(name: string, received: number) => void} [options.onMark] a mark came, behind so many samples
 * @param {(received: number) => void} [options.onClear] what was received and not heard yet is dropped
 * @param {(end: {code: number, reason: "hung_up"|"over"|"refused"|"lost"|"unplugged"}) => void} [options.onClosed]
 * @param {(isPaused: boolean) => void} [options.onPaused] the device has taken the sound away, or given it back
 * @param {() => Promise<object>} [options.renew] another pass for the same call, after the socket dropped
 */
export function openLine(options) {
  return new Line(options);
}

class Line {
  #options;
  #audio;
  #socket = null;
  #pass;
  #sequence = 0;
  #frames = 0;
  #levels = { in: QUIET_DBFS, out: QUIET_DBFS };
  #renewals = 0;
  #timer = 0;
  #wasUp = false;

  constructor(options) {
    this.#options = options;
    this.#audio = options.audio;
    this.#audio.onFrame = (bytes, level) => this.#onFrame(bytes, level);
    this.#audio.onPlayback = (report) => this.#onPlayback(report);
    this.#audio.onLost = () => this.#end(0, "unplugged");
    this.#audio.onPaused = (isPaused) => this.#options.onPaused?.(isPaused);
    this.#audio.setRelayed(options.relayed ?? false);
    this.state = "connecting";
    this.muted = false;
    /** 8 kHz samples received so far: what `onPlayback` counts up to. */
    this.received = 0;
    /** Frames that the network did not take. */
    this.dropped = 0;
    this.#connect(options.pass);
  }

  /** End the call. */
  hangUp() {
    if (this.state === "closed") return;
    if (this.#isOpen) this.#send({ event: "stop", stop: { accountSid: this.#pass.accountSid, callSid: this.#pass.callSid } });
    this.#end(NORMAL, "hung_up");
  }

  /** Whether the other party hears silence instead of the microphone. */
  setMuted(muted) {
    this.muted = muted;
    this.#audio.setMuted(muted);
  }

  /** Whether a person is heard from now on. */
  setRelayed(relayed) {
    this.#audio.setRelayed(relayed);
  }

  /** After `onPaused`, when somebody touches the page. */
  resume() {
    if (this.state !== "closed") this.#audio.resume();
  }

  get #isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  #connect(pass) {
    this.#pass = pass;
    this.#sequence = this.#frames = 0;
    const socket = new WebSocket(pass.socketUrl);
    this.#socket = socket;
    this.#timer = setTimeout(() => socket.close(), CONNECT_MS);
    socket.addEventListener("open", () => this.#onOpen());
    socket.addEventListener("message", ({ data }) => this.#onMessage(JSON.parse(data)));
    socket.addEventListener("close", ({ code }) => {
      if (socket === this.#socket) this.#onClose(code);
    });
  }

  #onOpen() {
    clearTimeout(this.#timer);
    const { accountSid, callSid, streamSid, ticket } = this.#pass;
    this.#socket.send(JSON.stringify({ event: "connected", protocol: "Call", version: "1.0.0" }));
    this.#send({
      event: "start",
      start: {
        accountSid,
        streamSid,
        callSid,
        tracks: ["inbound"],
        mediaFormat: { encoding: "audio/x-mulaw", sampleRate: 8000, channels: 1 },
        customParameters: { ticket },
      },
    });
    this.#wasUp = true;
    this.#setState("up");
  }

  #send(message) {
    const { event, ...rest } = message;
    this.#sequence += 1;
    this.#socket.send(JSON.stringify({ event, sequenceNumber: String(this.#sequence), ...rest, streamSid: this.#pass.streamSid }));
  }

  #onFrame(bytes, level) {
    this.#tellLevels({ in: this.muted ? QUIET_DBFS : level });
    if (!this.#isOpen) return;
    const timestamp = this.#frames * FRAME_MS;
    this.#frames += 1;
    if (this.#socket.bufferedAmount > MOST_WAITING_BYTES) {
      this.dropped += 1;
      return;
    }
    const media = { track: "inbound", chunk: String(this.#frames), timestamp: String(timestamp), payload: toBase64(bytes) };
    this.#send({ event: "media", media });
  }

  #onMessage(message) {
    switch (message.event) {
      case "media": {
        const bytes = fromBase64(message.media.payload);
        this.received += bytes.length;
        this.#audio.play(bytes);
        break;
      }
      case "mark":
        this.#audio.mark(message.mark.name);
        this.#options.onMark?.(message.mark.name, this.received);
        break;
      case "clear":
        this.#audio.clear();
        this.#options.onClear?.(this.received);
        break;
      case "engine":
        this.#renewals = 0;
        this.#options.onEvent?.(message);
        break;
    }
  }

  #onPlayback({ marks, playing, played, underruns, level }) {
    if (this.#isOpen) for (const name of marks) this.#send({ event: "mark", mark: { name } });
    if (level !== null) this.#tellLevels({ out: level });
    this.#options.onPlayback?.({ playing, played, underruns });
  }

  #tellLevels(levels) {
    Object.assign(this.#levels, levels);
    this.#options.onLevel?.(this.#levels);
  }

  #setState(state) {
    if (this.state === state) return;
    this.state = state;
    this.#options.onState?.(state);
  }

  #onClose(code) {
    clearTimeout(this.#timer);
    if (this.state === "closed") return;
    if (code === NORMAL) this.#end(code, "over");
    else if (code === REFUSED || !this.#wasUp) this.#end(code, "refused");
    else this.#renew(code);
  }

  /** The socket dropped: ask for another stream of the same call, while the call waits. */
  #renew(code) {
    const wait = this.#options.renew ? RENEW_MS[this.#renewals] : undefined;
    if (wait === undefined) {
      this.#end(code, "lost");
      return;
    }
    this.#renewals += 1;
    this.#setState("reconnecting");
    this.#audio.clear();
    this.#options.onClear?.(this.received);
    this.#timer = setTimeout(async () => {
      try {
        const pass = await this.#options.renew();
        if (this.state !== "closed") this.#connect(pass);
      } catch (error) {
        if (this.state === "closed") return;
        if (error.status === undefined) this.#renew(code);
        else this.#end(code, "lost");
      }
    }, wait);
  }

  #end(code, reason) {
    if (this.state === "closed") return;
    clearTimeout(this.#timer);
    this.#setState("closed");
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(NORMAL);
    this.#audio.close();
    this.#options.onClosed?.({ code, reason });
  }
}

/** Bytes → base64. A frame is short enough for one call's arguments. */
export function toBase64(bytes) {
  return btoa(String.fromCharCode(...bytes));
}

/** Base64 → bytes. */
export function fromBase64(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}
