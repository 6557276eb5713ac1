// Runs the pure scripts of the talk page in node: a job as JSON on standard input, its answer on standard output.

import { stdin, stdout } from "node:process";

const [directory] = process.argv.slice(2);
const load = (name) => import(`${directory}/${name}.js`);
const { decodeSample, encodeFloat, encodeSample, LINEAR } = await load("mulaw");
const { Resampler } = await load("resampler");
const { Framer } = await load("framer");
const { Playout } = await load("playout");
const { Conversation } = await load("conversation");

const RUNS = {
  codec() {
    const samples = Array.from({ length: 65_536 }, (_, at) => at - 32_768);
    const bytes = Array.from({ length: 256 }, (_, at) => at);
    return {
      encoded: samples.map(encodeSample),
      fromFloat: samples.map((sample) => encodeFloat(sample / 32_768)),
      beyond: [encodeFloat(1.7), encodeFloat(-1.7)],
      decoded: bytes.map(decodeSample),
      linear: bytes.map((byte) => LINEAR[byte] * 32_768),
    };
  },

  resample({ from, to, signal, block }) {
    const resampler = new Resampler(from, to);
    const room = new Float32Array(resampler.most(block));
    const made = [];
    for (let at = 0; at < signal.length; at += block) {
      const input = Float32Array.from(signal.slice(at, at + block));
      made.push(...room.slice(0, resampler.push(input, room)));
    }
    return { made, delay: resampler.delay };
  },

  pull({ from, to, signal, block, blocks }) {
    const resampler = new Resampler(from, to);
    let at = 0;
    const made = [];
    const room = new Float32Array(block);
    for (let count = 0; count < blocks; count++) {
      resampler.pull(room, () => signal[at++] ?? 0);
      made.push(...room);
    }
    return { made, taken: at };
  },

  frame({ rate, signal, mutedFrom }) {
    const framer = new Framer(rate);
    const frames = [];
    for (let at = 0; at + 128 <= signal.length; at += 128) {
      framer.muted = mutedFrom !== null && at >= mutedFrom;
      framer.push(Float32Array.from(signal.slice(at, at + 128)), (bytes) => frames.push([...bytes]));
    }
    return { frames };
  },

  // Steps: ["media", samples, byte], ["mark", name], ["clear"], ["render", ms], ["latency", s], ["relayed"]
  play({ rate, steps }) {
    const playout = new Playout(rate);
    const happened = [];
    const heard = [];
    let nowMs = 0;
    const block = new Float32Array(128);
    for (const [kind, ...given] of steps) {
      if (kind === "media") playout.media(new Uint8Array(given[0]).fill(given[1] ?? 0x80));
      else if (kind === "mark") playout.mark(given[0]);
      else if (kind === "relayed") playout.relayed = true;
      else if (kind === "latency") playout.latencyS = given[0];
      else if (kind === "clear") for (const name of playout.clear()) happened.push([name, nowMs]);
      else {
        for (const until = nowMs + given[0]; nowMs < until; nowMs += 128_000 / rate) {
          for (const name of playout.render(block)) happened.push([name, nowMs]);
          heard.push(...block);
        }
      }
    }
    const { underruns, playing, played, queued } = playout;
    return { happened, heard, underruns, playing, played, queued };
  },

  // Steps: ["event", type, facts], ["played", {...}], ["marked", name, received], ["cleared", received], ["tick", ms]
  talk({ steps }) {
    const conversation = new Conversation();
    for (const [kind, ...given] of steps) {
      if (kind === "event") conversation.take({ type: given[0], facts: given[1] ?? {} }, given[2] ?? 0);
      else conversation[kind](...given);
    }
    const { lines, floor, latencies, bargeIns, ended } = conversation;
    return { lines, floor, latencies, bargeIns, ended };
  },
};

let text = "";
for await (const chunk of stdin) text += chunk;
const { run, ...job } = JSON.parse(text);
stdout.write(JSON.stringify(RUNS[run](job)));
