// A live call's controls: stop, transfer, whisper, and the takeover, in which this browser's microphone is the call's
// other end. The page's own stream of events tells what others do, by DOM events:
// `call:happening` with {type, …facts} and `call:ended`.

import { ask, confirmed } from "./app.js";
import { AudioFault, openMicrophone } from "./talk/devices.js";
import { openLine } from "./talk/line.js";

const LOUDEST_DBFS = 0;
const QUIETEST_DBFS = -60; // the meter's empty end: a quiet room
const MOST_WHISPERS = 5;

const card = document.getElementById("live-controls");
if (card) steer(card);

function steer(card) {
  const { callId, userId, lead: leadAtFirst, words } = JSON.parse(document.getElementById("live-data").textContent);
  const at = (id) => document.getElementById(id);
  const path = (deed) => `/app/calls/${callId}/${deed}`;
  const joinable = !at("live-transfer-open").disabled;
  let lead = leadAtFirst;
  let line = null;
  let busy = false;
  /** The takeover that waits for a microphone or for the server; aborting it takes it back. */
  let taking = null;
  let handingBack = false;
  let stopping = false;

  at("live-take").addEventListener("click", () => (taking ? taking.abort() : takeOver()));
  at("live-hand-back").addEventListener("click", handBack);
  at("live-mute").addEventListener("click", () => mute(!line.muted));
  at("live-stop").addEventListener("click", stop);
  at("live-transfer-open").addEventListener("click", () => openTransfer(at("live-transfer").hidden));
  at("live-transfer").addEventListener("submit", transfer);
  at("live-whisper").addEventListener("submit", whisper);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("dialog[open]")) taking?.abort();
  });
  document.addEventListener("pointerdown", () => line?.resume());
  document.addEventListener("call:happening", ({ detail }) => happened(detail));
  document.addEventListener("call:ended", over);

  async function takeOver() {
    const attempt = new AbortController();
    const { signal } = attempt;
    taking = attempt;
    show();
    say(words.opening);
    let audio = null;
    try {
      audio = await openMicrophone({ signal });
      say(words.connecting);
      const pass = await ask(path("takeover"), { method: "POST", body: {}, signal });
      signal.throwIfAborted();
      line = openLine({ pass, audio, relayed: true, onLevel: level, onState: changed, onPaused: paused, onClosed: closed });
    } catch (error) {
      await audio?.close();
      if (!signal.aborted) fault(error);
      else if (!stopping) say(words.taken_back);
    } finally {
      taking = null;
      show();
    }
  }

  function changed(state) {
    if (state !== "up") return;
    lead = "mine";
    say(words.on_line, "good");
    drawMute();
    show();
    at("live-hand-back").focus();
  }

  function paused(isPaused) {
    if (isPaused) say(words.paused, "fault");
    else say(line?.muted ? words.muted : words.on_line, line?.muted ? "" : "good");
  }

  function closed({ reason }) {
    line = null;
    const wanted = handingBack;
    handingBack = false;
    if (lead === "mine") lead = "ai";
    level({ in: -100, out: -100 });
    if (reason === "refused") fault({ code: "refused" });
    else if (reason === "lost" || reason === "unplugged") say(words[reason], "fault");
    else if (reason === "over" && !wanted) say(words.off_line); // the call may go on: `call:ended` says when it does not
    else say(words.handed_back, "good");
    show();
    at("live-take").focus();
  }

  async function handBack() {
    handingBack = true;
    try {
      await ask(path("hand-back"), { method: "POST", body: {} });
    } catch {
      line?.hangUp(); // the AI leads again when this line is gone
    }
  }

  function mute(muted) {
    if (!line) return;
    line.setMuted(muted);
    drawMute();
    say(muted ? words.muted : words.on_line, muted ? "" : "good");
  }

  /** The button says what the line does: each line begins with an open microphone. */
  function drawMute() {
    const muted = line?.muted ?? false;
    at("live-mute").setAttribute("aria-pressed", String(muted));
    at("live-mute").querySelector("[data-word]").textContent = muted ? words.unmute : words.mute;
  }

  /** Whatever else is under way: the way out is never shut. */
  async function stop() {
    if (!(await confirmed(at("live-stop").dataset.sure))) return;
    taking?.abort();
    stopping = true;
    say(words.stopping);
    try {
      await ask(path("stop"), { method: "POST", body: {} });
    } catch (error) {
      stopping = false;
      fault(error);
    }
  }

  function openTransfer(open) {
    at("live-transfer").hidden = !open;
    at("live-transfer-open").setAttribute("aria-expanded", String(open));
    if (open) at("live-number").focus();
  }

  async function transfer(event) {
    event.preventDefault();
    await during(async () => {
      say(words.ringing);
      const { connected, reason } = await ask(path("transfer"), { method: "POST", body: { number: at("live-number").value } });
      if (!connected) throw { code: reason, message: reason };
      lead = "transfer";
      say(words.transferred, "good");
      openTransfer(false);
    });
  }

  async function whisper(event) {
    event.preventDefault();
    const field = at("live-text");
    await during(async () => {
      await ask(path("whisper"), { method: "POST", body: { text: field.value } });
      say(words.told, "good");
      field.value = "";
    });
    field.focus();
  }

  async function during(deed) {
    busy = true;
    show();
    try {
      await deed();
    } catch (error) {
      if (!stopping) fault(error);
    } finally {
      busy = false;
      show();
    }
  }

  function happened({ type, by, text, understood }) {
    if (type === "call.takeover") lead = line && by === userId ? "mine" : "human";
    else if (type === "call.handed_back" && !line) lead = "ai";
    else if (type === "call.transferred") lead = "transfer";
    else if (type === "call.whispered") note(text, understood);
    show();
  }

  function note(text, understood) {
    const item = document.createElement("li");
    const how = document.createElement("span");
    how.textContent = ` → ${words[`understood_${understood}`] ?? understood}`;
    item.append(`“${text}”`, how);
    const list = at("live-whispers");
    list.hidden = false;
    list.prepend(item);
    while (list.children.length > MOST_WHISPERS) list.lastElementChild.remove();
  }

  function over() {
    card.hidden = true;
    taking?.abort();
    line?.hangUp();
  }

  function show() {
    const on = lead === "mine";
    at("live-lead").textContent = words[`lead_${lead}`];
    at("live-line").hidden = !on;
    at("live-take").hidden = on;
    at("live-take-hint").hidden = on;
    const pending = busy || taking !== null;
    at("live-take").querySelector("[data-word]").textContent = taking ? words.take_back : words.take;
    at("live-take").disabled = !taking && (busy || !joinable || lead !== "ai");
    for (const id of ["live-transfer-open", "live-transfer-go"]) at(id).disabled = pending || !joinable || lead === "transfer";
    for (const id of ["live-text", "live-whisper-go"]) at(id).disabled = pending || !joinable || lead !== "ai";
  }

  function level(levels) {
    meter("live-meter-in", levels.in);
    meter("live-meter-out", levels.out);
  }

  function meter(id, dbfs) {
    const share = Math.min(1, Math.max(0, (dbfs - QUIETEST_DBFS) / (LOUDEST_DBFS - QUIETEST_DBFS)));
    at(id).style.setProperty("--level", share.toFixed(3));
  }

  function say(text, kind = "") {
    const notice = at("live-notice");
    notice.className = `live-notice ${kind}`.trim();
    notice.textContent = text;
    delete notice.dataset.code;
  }

  function fault(error) {
    const offline = error instanceof TypeError ? "offline" : "unknown";
    const code = (error instanceof AudioFault || error.code ? error.code : offline) ?? "unknown";
    const known = words[`fault_${code}`];
    say(known ?? words.fault_unknown.replace("{reason}", error.message ?? code), "fault");
    at("live-notice").dataset.code = code;
  }
}
