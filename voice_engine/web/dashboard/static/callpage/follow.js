// A live call's page: lines as they are said, words while they are recognized, who speaks, and the end.

import { Axis } from "./axis.js";

const WINDOW_MS = 60_000;
const TICK_MS = 100;
const AGAIN_MS = 5000;
const NEAR_END_PX = 160;

/** Follow the call in `root`; `refresh` fills the page in anew. */
export function follow(root, words, { refresh }) {
  const following = new Following(root, words, refresh);
  following.connect();
  return following;
}

class Following {
  constructor(root, words, refresh) {
    this.root = root;
    this.words = words;
    this.refresh = refresh;
    this.after = root.dataset.after;
    this.list = root.querySelector("#call-lines");
    this.passing = root.querySelector("#call-passing");
    this.lost = root.querySelector("#call-lost");
    this.length = root.querySelector("#call-length");
    this.answered = null; // when, by this page's own clock: the server says how long ago
    this.open = true;
    if (root.dataset.stage === "live") this.watch();
  }

  watch() {
    const canvas = this.root.querySelector("#call-axis");
    this.axis = new Axis(canvas, { duration_ms: WINDOW_MS, lines: [], latency: {}, timeline: {} }, this.words);
    this.axis.measure();
    this.ticking = setInterval(() => this.tick(), TICK_MS);
  }

  connect() {
    this.source = new EventSource(`${this.root.dataset.base}/events?after=${this.after}`);
    const hear = (name, act) => this.source.addEventListener(name, (event) => {
      if (event.lastEventId) this.after = event.lastEventId;
      act(JSON.parse(event.data));
    });
    this.source.addEventListener("open", () => this.tell(false));
    this.source.addEventListener("error", () => this.failed());
    hear("state", (state) => this.state(state));
    hear("line", (line) => this.line(line));
    hear("passing", (events) => events.forEach((event) => this.pass(event)));
    hear("happening", (event) => this.happened(event));
    hear("ended", () => this.ended());
    hear("recording", () => this.root.dataset.stage === "ended" && this.root.dataset.audio !== "yes" && this.refresh());
    hear("done", () => this.source.close());
  }

  ended() {
    if (this.root.dataset.stage === "ended") return;
    document.dispatchEvent(new CustomEvent("call:ended"));
    this.refresh();
  }

  failed() {
    if (!this.open) return;
    this.tell(true);
    if (this.source.readyState === EventSource.CLOSED) this.again = setTimeout(() => this.connect(), AGAIN_MS);
  }

  tell(isLost) {
    if (this.lost) this.lost.hidden = !isLost;
  }

  close() {
    this.open = false;
    this.source.close();
    clearInterval(this.ticking);
    clearTimeout(this.again);
    this.axis?.destroy();
  }

  state({ status, up_ms, html }) {
    const { stage, answered } = this.root.dataset;
    const isUp = status === "in_progress" || status === "ringing";
    if ((stage === "waiting" && isUp) || (stage === "live" && !answered && up_ms !== null)) return location.reload(); // other controls
    this.root.querySelector("#call-state").innerHTML = html;
    this.answered = up_ms === null ? null : performance.now() - up_ms;
  }

  line({ position, html }) {
    const part = document.createElement("template");
    part.innerHTML = html;
    const line = part.content.querySelector(".line");
    const near = this.isNearEnd();
    const old = this.list.querySelector(`#line-${position}`);
    if (old) old.replaceWith(line);
    else {
      line.classList.add("fresh");
      const next = [...this.list.children].find((other) => Number(other.dataset.line) > position);
      this.list.insertBefore(line, next ?? null);
    }
    this.root.querySelector("#call-silence")?.setAttribute("hidden", "");
    this.forget(line.classList.contains("ai") ? "ai" : "human");
    if (near) this.goToEnd();
  }

  /** What is not kept: words while they are recognized or said, speech as it begins and ends. */
  pass(event) {
    this.clock(event.at_ms);
    switch (event.type) {
      case "transcript.interim": this.interim("human", event.text); break;
      case "reply.clause": this.interim("ai", `${this.saying ?? ""} ${event.text}`.trim()); this.saying = `${this.saying ?? ""} ${event.text}`; break;
      case "speech.started": this.speaking = event.start_ms; if (!this.passing.querySelector(".human")) this.interim("human", this.words.speaking); break;
      case "speech.ended":
        this.speaking = null;
        for (const [from, to] of event.speech) this.axis?.spans[event.kept ? "human" : "noise"].push([from, to]);
        if (!event.kept) this.forget("human");
        break;
      case "backchannel": this.decide(event.at_ms, "backchannel"); this.forget("human"); break;
      case "reply.started": case "reply.resumed":
        this.sounding = event.at_ms;
        if (event.type === "reply.resumed") this.decide(event.at_ms, "resumed");
        if (event.latency) this.axis?.latency.push([event.at_ms - event.latency.total, event.at_ms, ["endpointing", "stt", "policy", "llm", "tts", "engine", "total"].map((part) => event.latency[part])]);
        break;
      case "reply.held": this.decide(event.at_ms, "held"); this.silent(event.at_ms); break;
      case "reply.ended": this.silent(event.at_ms); this.saying = null; this.forget("ai"); break;
      case "caller.interrupted": this.decide(event.at_ms, "interrupted"); break;
    }
    if (this.axis) this.axis.parts = ["endpointing", "stt", "policy", "llm", "tts", "engine"];
  }

  happened(event) {
    document.dispatchEvent(new CustomEvent("call:happening", { detail: event }));
    this.clock(event.at_ms);
    if (event.type === "barge_in") { this.decide(event.at_ms, "barge_in"); this.silent(event.at_ms); }
    else if (event.type === "reply.withdrawn") { this.decide(event.at_ms, "withdrawn"); this.saying = null; this.forget("ai"); }
    else if (this.words[`mark_${event.type.replaceAll(".", "_")}`]) this.decide(event.at_ms, event.type, event.tool ?? event.kind ?? event.code ?? event.digits ?? "");
  }

  decide(at, kind, detail = 0) {
    this.axis?.decisions.push([at, kind, detail]);
  }

  silent(at) {
    if (this.sounding != null) this.axis?.spans.ai.push([this.sounding, at]);
    this.sounding = null;
  }

  /** The call's clock by the event that came with the least delay. */
  clock(at) {
    if (typeof at !== "number") return;
    const origin = performance.now() - at;
    this.origin = Math.min(this.origin ?? origin, origin);
  }

  tick() {
    if (this.answered !== null && this.length) {
      const s = Math.max(0, Math.floor((performance.now() - this.answered) / 1000));
      const text = `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;
      if (this.length.textContent !== text) this.length.textContent = text;
    }
    if (!this.axis || this.origin == null) return;
    const now = performance.now() - this.origin;
    const open = [];
    if (this.speaking != null) open.push([this.axis.spans.human, [this.speaking, now]]);
    if (this.sounding != null) open.push([this.axis.spans.ai, [this.sounding, now]]);
    for (const [lane, span] of open) lane.push(span);
    this.axis.from = Math.max(0, now - WINDOW_MS);
    this.axis.to = this.axis.from + WINDOW_MS;
    this.axis.paint();
    for (const [lane] of open) lane.pop();
  }

  interim(who, text) {
    if (!this.passing) return;
    const near = this.isNearEnd();
    let line = this.passing.querySelector(`.${who}`);
    if (!line) {
      line = document.createElement("li");
      line.className = `line ${who}`;
      const said = document.createElement("p");
      const name = document.createElement("span");
      name.className = "who";
      name.textContent = this.words[`who_${who}`];
      said.append(name, "");
      line.append(document.createElement("span"), said);
      this.passing.append(line);
    }
    line.lastElementChild.lastChild.data = text;
    if (near) this.goToEnd();
  }

  forget(who) {
    this.passing?.querySelector(`.${who}`)?.remove();
  }

  isNearEnd() {
    const page = document.scrollingElement;
    return page.scrollHeight - page.scrollTop - page.clientHeight < NEAR_END_PX;
  }

  goToEnd() {
    const page = document.scrollingElement;
    page.scrollTop = page.scrollHeight;
  }
}
