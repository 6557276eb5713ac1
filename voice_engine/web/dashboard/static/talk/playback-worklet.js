// The speaker's end on the audio thread: what the line sent, in its own time, and which marks were heard.

import { Playout } from "./playout.js";

class Playback extends AudioWorkletProcessor {
  #playout = new Playout(sampleRate);
  #open = true;
  #told = false;

  constructor() {
    super();
    this.port.onmessage = ({ data }) => this.#on(data);
  }

  #on(message) {
    switch (message.type) {
      case "media":
        this.#playout.media(message.bytes);
        break;
      case "mark":
        this.#playout.mark(message.name);
        break;
      case "clear":
        this.#say(this.#playout.clear());
        break;
      case "latency":
        this.#playout.latencyS = message.seconds;
        break;
      case "relayed":
        this.#playout.relayed = message.relayed;
        break;
      case "close":
        this.#open = false;
        break;
    }
  }

  process(_inputs, [output]) {
    const marks = this.#playout.render(output[0]);
    for (let channel = 1; channel < output.length; channel++) output[channel].set(output[0]);
    const begins = this.#playout.playing !== this.#told;
    if (marks.length > 0 || begins || this.#playout.level !== null) this.#say(marks);
    return this.#open;
  }

  #say(marks) {
    const { playing, played, underruns, level } = this.#playout;
    this.#told = playing;
    this.#playout.level = null;
    this.port.postMessage({ marks, playing, played, underruns, level });
  }
}

registerProcessor("talk-playback", Playback);
