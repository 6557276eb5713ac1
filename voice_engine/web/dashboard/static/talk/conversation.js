// A call as its page shows it, told by the engine's events and by what was played: lines, floor, latencies.
//
// | floor    | means                                   | entered by                                  |
// |----------|-----------------------------------------|---------------------------------------------|
// | open     | nobody speaks                           | the engine's last sample; a noise was none  |
// | you      | the person at the microphone speaks     | speech.started, reply.held                  |
// | thinking | their turn is over, no answer yet       | turn.human                                  |
// | engine   | the engine is heard                     | its first sample                            |

const SAMPLES_PER_MS = 8;
const CHARACTERS_PER_MS = 0.0145; // a first guess of the voice's pace; each finished line corrects it
const PACE_WEIGHT = 0.4;
const NOISE_MS = 2500; // speech without a word for so long was a noise

/** Pure. Times are ms on the page's clock, positions are samples of 8 kHz since the line began. */
export class Conversation {
  #count = 0;
  #segments = [];
  #interim = null;
  #ends = new Map();
  #dropped = 0;
  #position = 0;
  #pace = CHARACTERS_PER_MS;
  #playing = false;
  #speechMs = null;

  constructor() {
    /** In order: {id, who: you|engine|agent|note, text, state: interim|speaking|done, …}; `version` grows with changes. */
    this.lines = [];
    this.floor = "open";
    /** Answers so far: {reply, ms, parts: {endpointing, stt, policy, llm, tts, engine} in ms or null}. */
    this.latencies = [];
    this.bargeIns = 0;
    this.ended = null;
  }

  /** An event of the engine. Whoever shows notes words them by `kind` and `facts`. */
  take({ type, facts }, nowMs) {
    switch (type) {
      case "speech.started":
        this.#segments.push("");
        this.#speechMs = nowMs;
        this.floor = "you";
        break;
      case "transcript.interim":
        this.#hear(facts.text);
        break;
      case "speech.ended":
        if (!facts.kept) this.#unhear();
        break;
      case "backchannel":
        this.#forget();
        this.#note("backchannel", facts);
        break;
      case "turn.human":
        this.#said(facts);
        break;
      case "reply.clause":
        this.#words(facts);
        break;
      case "reply.started":
        if (facts.latency_ms !== null) {
          this.latencies.push({ reply: facts.reply, ms: facts.latency_ms, parts: facts.latency ?? null });
        }
        break;
      case "reply.held":
        this.#change(this.#reply(facts.reply), { held: true });
        this.floor = "you";
        break;
      case "reply.resumed":
        this.#change(this.#reply(facts.reply), { held: false });
        this.#forget();
        this.floor = "engine";
        break;
      case "reply.withdrawn":
        this.#withdraw(facts.reply);
        break;
      case "barge_in":
        this.#interrupt(facts.reply);
        break;
      case "turn.ai":
        this.#spoken(facts);
        break;
      case "call.ended":
        this.#forget();
        this.ended = facts;
        break;
      default:
        if (NOTES.has(type)) this.#note(type, facts);
    }
  }

  /** A mark came behind `received` samples: it tells where its reply's audio ends so far. */
  marked(name, received) {
    const reply = Number(/^e(\d+):/.exec(name)?.[1] ?? NaN);
    if (!Number.isNaN(reply)) this.#ends.set(reply, received);
  }

  /** What was received was dropped, up to here. */
  cleared(received) {
    this.#dropped = Math.max(this.#dropped, received);
  }

  /** How far the speaker is. */
  played({ playing, played }) {
    this.#position = played;
    const line = this.#speaking();
    if (line) {
      line.from ??= this.#begins(line.reply);
      const spoken = Math.round(((played - line.from) / SAMPLES_PER_MS) * this.#pace);
      const upTo = wordEnd(line.text, Math.max(line.spoken, spoken));
      if (upTo > line.spoken) this.#change(line, { spoken: upTo });
    }
    if (playing !== this.#playing) {
      this.#playing = playing;
      if (playing && this.floor !== "you") this.floor = "engine";
      else if (!playing && this.floor === "engine") this.floor = "open";
    }
  }

  /** Time passes: speech in which no word was found gives the floor back. */
  tick(nowMs) {
    if (this.floor !== "you" || this.#interim !== null || this.#speechMs === null) return;
    if (nowMs - this.#speechMs < NOISE_MS) return;
    this.#speechMs = null;
    this.#segments = [];
    this.floor = this.#playing ? "engine" : "open";
  }

  #add(line) {
    const added = { id: ++this.#count, version: 0, state: "done", ...line };
    this.lines.push(added);
    return added;
  }

  #change(line, values) {
    if (!line) return;
    Object.assign(line, values);
    line.version += 1;
  }

  #remove(line) {
    const at = this.lines.indexOf(line);
    if (at >= 0) this.lines.splice(at, 1);
  }

  #reply(reply) {
    return this.lines.findLast((line) => line.who === "engine" && line.reply === reply);
  }

  #speaking() {
    return this.lines.find((line) => line.who === "engine" && line.state === "speaking");
  }

  #begins(reply) {
    let from = this.#dropped;
    for (const [other, end] of this.#ends) if (other < reply) from = Math.max(from, end);
    return from;
  }

  #hear(text) {
    this.#segments[Math.max(0, this.#segments.length - 1)] = text;
    const whole = this.#segments.filter(Boolean).join(" ");
    if (this.#interim) this.#change(this.#interim, { text: whole });
    else this.#interim = this.#add({ who: "you", text: whole, state: "interim" });
    if (this.floor === "open") this.floor = "you";
  }

  /** What sounded like speech was none: the words that were made of it go. */
  #unhear() {
    this.#segments.pop();
    const text = this.#segments.filter(Boolean).join(" ");
    if (text && this.#interim) this.#change(this.#interim, { text });
    else this.#forget();
    if (this.floor === "you" && !text) this.floor = this.#playing ? "engine" : "open";
  }

  #forget() {
    if (this.#interim) this.#remove(this.#interim);
    this.#interim = null;
    this.#segments = [];
    this.#speechMs = null;
  }

  #said({ text, turn, agent }) {
    if (agent) {
      this.#add({ who: "agent", text, turn });
      return;
    }
    if (this.#interim) this.#change(this.#interim, { text, turn, state: "done" });
    else this.#add({ who: "you", text, turn });
    this.#interim = null;
    this.#segments = [];
    this.#speechMs = null;
    this.floor = "thinking";
  }

  #words({ reply, text }) {
    const line = this.#reply(reply);
    if (line) this.#change(line, { text: `${line.text} ${text}` });
    else this.#add({ who: "engine", reply, text, spoken: 0, state: "speaking", answers: this.lines.at(-1)?.id });
  }

  #withdraw(reply) {
    const line = this.#reply(reply);
    if (!line) return;
    const answered = this.lines.find((each) => each.id === line.answers && each.who === "you");
    this.#remove(line);
    if (answered) this.#resumeTurn(answered);
  }

  /** The person went on with a turn that had been taken for over: it is interim again. */
  #resumeTurn(answered) {
    if (this.#interim) this.#remove(this.#interim);
    this.#segments = [answered.text, ...this.#segments.filter(Boolean), ""];
    this.#change(answered, { state: "interim", text: this.#segments.filter(Boolean).join(" ") });
    this.#interim = answered;
    this.floor = "you";
  }

  #interrupt(reply) {
    this.bargeIns += 1;
    this.#change(this.#reply(reply), { bargedIn: true });
    this.floor = "you";
  }

  #spoken({ reply, text, heard, interrupted, start_ms: startMs, end_ms: endMs }) {
    const line = this.#reply(reply);
    if (!line) return;
    const shown = interrupted && !text.startsWith(heard) ? heard : text; // words that were put otherwise than written
    const spoken = interrupted ? heard.length : text.length;
    this.#change(line, { text: shown, spoken, interrupted, held: false, state: "done" });
    if (!interrupted && endMs - startMs > 1000) {
      this.#pace += PACE_WEIGHT * (text.length / (endMs - startMs) - this.#pace);
    }
  }

  #note(kind, facts) {
    this.#add({ who: "note", kind, facts, text: facts.text ?? "" });
  }
}

const NOTES = new Set([
  "dtmf.sent",
  "dtmf.received",
  "provider.failed",
  "transfer.ringing",
  "transfer.failed",
  "call.transferred",
  "takeover.ringing",
  "takeover.failed",
  "call.takeover",
  "call.handed_back",
]);

/** The end of the word in which the character `at` stands. */
function wordEnd(text, at) {
  if (at <= 0) return 0;
  const end = text.indexOf(" ", at - 1);
  return at >= text.length || end < 0 ? text.length : end;
}
