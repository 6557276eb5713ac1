// The microphone's end on the audio thread: every block becomes part of a 20 ms frame for the line.

import { Framer } from "./framer.js";

const BLOCK = 128; // samples, the render quantum

class Capture extends AudioWorkletProcessor {
  #framer = new Framer(sampleRate, BLOCK);
  #nothing = new Float32Array(BLOCK);
  #open = true;

  constructor() {
    super();
    this.port.onmessage = ({ data }) => {
      if (data.type === "mute") this.#framer.muted = data.muted;
      else if (data.type === "close") this.#open = false;
    };
  }

  process([input]) {
    this.#framer.push(input[0] ?? this.#nothing, (bytes, level) => {
      this.port.postMessage({ bytes, level }, [bytes.buffer]);
    });
    return this.#open;
  }
}

registerProcessor("talk-capture", Capture);
