// The page of talking: one call at a time, from the click to what it came to.
//
//   idle ─click─▶ opening (microphone) ─▶ connecting ─▶ up ⇄ reconnecting ─▶ closed ─▶ result ─▶ again
//                     ├──────── a fault: idle, with what is missing and what to do ◀────┤
//                     └──────── hung up: idle ◀─────────────────────────────────────────┘

import { ask } from "../app.js";
import { Answers } from "./answers.js";
import { Captions } from "./captions.js";
import { Conversation } from "./conversation.js";
import { openMicrophone } from "./devices.js";
import { codeOf, showFault } from "./faults.js";
import { openLine } from "./line.js";
import { chooseMicrophone, offerMicrophones } from "./microphones.js";
import { Strip, loudness } from "./strip.js";
import { Task } from "./task.js";

const RESULT_TRIES = 20;
const RESULT_MS = 500;
const RELAYED = { "call.takeover": true, "call.transferred": true, "call.handed_back": false }; // a person speaks
const SILENT_DBFS = -70; // a microphone that is on has more noise than that
const SILENT_MS = 12_000;

const { words, language: pageLanguage, examples, timezone } = JSON.parse(document.getElementById("talk-data").textContent);
const part = (name) => document.getElementById(`talk-${name}`);
const task = new Task(part("task"), part("summary"), examples, spoken());

/** The call that is up or was last; null before the first. */
let call = null;

class Call {
  #mode;
  #conversation = new Conversation();
  #captions;
  #answers;
  #strip;
  #line = null;
  #callId = null;
  #sinceMs = null;
  #bargeIns = 0;
  #drawing = 0;
  #isHeard = false;
  #given = new AbortController(); // up: hung up before there is a line

  constructor(mode) {
    this.#mode = mode;
    this.isOver = false;
    const names = { you: words.you, engine: words[mode], agent: words.agent };
    part("them").textContent = names.engine;
    for (const list of ["lines", "bars", "said"]) part(list).replaceChildren();
    this.#captions = new Captions({ lines: part("lines"), said: part("said"), words, names });
    this.#answers = new Answers({ bars: part("bars"), median: part("median"), empty: part("no-answers"), words });
  }

  /** From the click on: microphone, then the server's pass, then the line. Raises what stands in the way; `isGivenUp`:
      whoever called hung up, and nothing does. */
  async begin(request) {
    this.#show("opening");
    window.scrollTo(0, 0);
    part("mute").focus({ preventScroll: true });
    const { signal } = this.#given;
    const audio = await openMicrophone({ signal });
    showMicrophones();
    let pass;
    try {
      this.#show("connecting");
      pass = await ask("/app/talk/calls", { method: "POST", body: request, signal });
      signal.throwIfAborted();
    } catch (error) {
      await audio.close();
      throw error;
    }
    this.#callId = pass.callId;
    this.#strip = new Strip(part("strip"));
    this.#line = openLine({
      pass,
      audio,
      onEvent: (event) => this.#onEvent(event),
      onLevel: (levels) => this.#onLevel(levels),
      onState: (state) => this.#onState(state),
      onMark: (name, received) => this.#conversation.marked(name, received),
      onPlayback: (report) => this.#conversation.played(report),
      onClear: (received) => this.#conversation.cleared(received),
      onPaused: (isPaused) => (part("paused").hidden = !isPaused),
      onClosed: (end) => this.#onClosed(end),
      renew: () => ask(`/app/talk/calls/${pass.callId}/stream`, { method: "POST", body: {} }),
    });
  }

  get isGivenUp() {
    return this.#given.signal.aborted;
  }

  hangUp() {
    if (this.#line) this.#line.hangUp();
    else this.#given.abort();
  }

  /** After the device took the sound away: some give it back to a touch only. */
  resume() {
    this.#line?.resume();
  }

  toggleMute() {
    if (!this.#line || this.isOver) return;
    this.#line.setMuted(!this.#line.muted);
    const { muted } = this.#line;
    part("mute").setAttribute("aria-pressed", String(muted));
    part("mute").querySelector("[data-word]").textContent = muted ? words.unmute : words.mute;
    this.#drawFloor();
  }

  #show(state) {
    part("idle").hidden = true;
    part("live").hidden = false;
    part("after").hidden = true;
    part("stage").hidden = false;
    part("state").textContent = words[state];
    part("state").className = { up: "chip good live", reconnecting: "chip warn live", closed: "chip" }[state] ?? "chip info";
    part("stage").dataset.state = state;
  }

  #onState(state) {
    if (state !== "closed") this.#show(state);
    if (state !== "up" || this.#sinceMs !== null) return;
    this.#sinceMs = performance.now();
    this.#draw();
  }

  #onEvent(event) {
    if (event.type in RELAYED) this.#line.setRelayed(RELAYED[event.type]);
    this.#conversation.take(event, performance.now());
  }

  #onLevel(levels) {
    this.#strip.hear(levels);
    this.#isHeard ||= levels.in > SILENT_DBFS;
    for (const side of ["in", "out"]) {
      const share = loudness(levels[side]).toFixed(3);
      part(`meter-${side}`).style.setProperty("--level", share);
      part(`orb-${side}`).style.setProperty("--level", share);
    }
  }

  #draw() {
    const now = performance.now();
    this.#conversation.tick(now);
    this.#captions.draw(this.#conversation);
    this.#answers.draw(this.#conversation.latencies);
    part("empty").hidden = this.#conversation.lines.length > 0;
    if (this.#conversation.bargeIns > this.#bargeIns) {
      this.#bargeIns = this.#conversation.bargeIns;
      part("barge-ins").textContent = String(this.#bargeIns);
      this.#strip.tick();
    }
    this.#strip.draw(now);
    part("silent").hidden = this.isOver || this.#isHeard || this.#line.muted || now - this.#sinceMs < SILENT_MS;
    this.#drawFloor();
    part("clock").textContent = clock((now - this.#sinceMs) / 1000);
    if (!this.isOver) this.#drawing = requestAnimationFrame(() => this.#draw());
  }

  #drawFloor() {
    const muted = this.#line.muted && this.#conversation.floor !== "engine";
    const floor = this.isOver ? "over" : this.#conversation.floor;
    part("stage").dataset.floor = floor;
    part("floor").textContent = this.isOver ? "" : muted ? words.muted : words[`floor_${floor}`];
  }

  #onClosed({ reason }) {
    this.isOver = true;
    part("paused").hidden = true;
    cancelAnimationFrame(this.#drawing);
    if (this.#sinceMs !== null) this.#draw();
    this.#show("closed");
    this.#onLevelsGone();
    if (reason === "refused") {
      stop(reason);
      return;
    }
    if (`fault_${reason}` in words) showFault(part("fault"), reason, words);
    this.#showResult();
  }

  #onLevelsGone() {
    for (const side of ["in", "out"]) {
      part(`meter-${side}`).style.setProperty("--level", "0");
      part(`orb-${side}`).style.setProperty("--level", "0");
    }
  }

  async #showResult() {
    part("stage").hidden = true;
    part("after").hidden = false;
    part("outcome").className = "chip";
    part("outcome").textContent = words.writing;
    part("open").href = `/app/calls/${this.#callId}`;
    part("again").focus();
    for (let tries = 0; tries < RESULT_TRIES; tries++) {
      const result = await ask(`/app/talk/calls/${this.#callId}?lang=${pageLanguage}`).catch(() => null);
      if (call !== this) return;
      if (result?.over) {
        drawResult(result);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, RESULT_MS));
    }
  }
}

function drawResult(result) {
  part("outcome").textContent = result.outcome;
  part("outcome").className = `chip ${result.isGood ? "good" : "warn"}`;
  part("reason").textContent = result.reason;
  part("length").textContent = result.length;
  part("credits").textContent = result.credits ?? "";
  for (const each of part("after").querySelectorAll("[data-credits]")) each.hidden = result.credits === null;
  for (const [name, lines] of Object.entries({ highlights: result.highlights, steps: result.nextSteps })) {
    part(name).hidden = lines.length === 0;
    part(name).querySelector("ul").replaceChildren(
      ...lines.map((line) => Object.assign(document.createElement("li"), { textContent: line })),
    );
  }
}

/** Back to the start, with what stood in the way. */
function stop(code) {
  call = null;
  part("live").hidden = true;
  part("idle").hidden = false;
  showFault(part("fault"), code, words);
  part("call").focus();
}

async function start(mode, request) {
  if (call && !call.isOver) return;
  showFault(part("fault"), null, words);
  part("mute").setAttribute("aria-pressed", "false");
  part("mute").querySelector("[data-word]").textContent = words.mute;
  part("barge-ins").textContent = "0";
  part("median").textContent = part("clock").textContent = "";
  part("no-answers").hidden = part("empty").hidden = false;
  call = new Call(mode);
  again = () => start(mode, request);
  try {
    await call.begin(request);
  } catch (error) {
    if (call.isGivenUp) {
      stop(null);
      return;
    }
    stop(codeOf(error, words));
    if (codeOf(error, words) === "unknown") console.warn(error);
  }
}

let again = () => {};

function clock(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function spoken() {
  return document.querySelector('input[name="talk-language"]:checked').value;
}

part("call").addEventListener("click", () => start("reception", { mode: "reception", language: spoken() }));
part("task").addEventListener("submit", (event) => {
  event.preventDefault();
  start("respondent", { mode: "respondent", language: spoken(), timezone, task: { ...task.read(), language: pageLanguage } });
});
part("mute").addEventListener("click", () => call?.toggleMute());
part("hang-up").addEventListener("click", () => call?.hangUp());
part("again").addEventListener("click", () => again());
for (const choice of document.querySelectorAll('input[name="talk-language"]')) {
  choice.addEventListener("change", () => task.speak(choice.value));
}
document.addEventListener("keydown", (event) => {
  if (!call || call.isOver || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") call.hangUp();
  else if (event.key.toLowerCase() === "m" && !event.target.closest("input, textarea, select")) call.toggleMute();
});
function showMicrophones() {
  return offerMicrophones(part("microphone-field"), part("microphone"));
}

part("microphone").addEventListener("change", () => chooseMicrophone(part("microphone").value));
navigator.mediaDevices?.addEventListener?.("devicechange", showMicrophones);
showMicrophones();
document.addEventListener("pointerdown", () => call?.resume());
window.addEventListener("pagehide", () => call?.hangUp());
if (!window.isSecureContext) showFault(part("fault"), "insecure", words);
