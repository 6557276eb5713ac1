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
  let handingBack = false;

  at("live-take").addEventListener("click", takeOver);
  at("live-hand-back").addEventListener("click", handBack);
  at("live-mute").addEventListener("click", () => mute(!line.muted));
  at("live-stop").addEventListener("click", stop);
  at("live-transfer-open").addEventListener("click", () => openTransfer(at("live-transfer").hidden));
  at("live-transfer").addEventListener("submit", transfer);
  at("live-whisper").addEventListener("submit", whisper);
  document.addEventListener("call:happening", ({ detail }) => happened(detail));
  document.addEventListener("call:ended", over);

  async function takeOver() {
    busy = true;
    show();
    say(words.opening);
    let audio = null;
    try {
      audio = await openMicrophone();
      say(words.connecting);
      const pass = await ask(path("takeover"), { method: "POST", body: {} });
      line = openLine({ pass, audio, onLevel: level, onState: changed, onClosed: closed });
    } catch (error) {
      await audio?.close();
      fault(error);
    } finally {
      busy = false;
      show();
    }
  }

  function changed(state) {
    if (state !== "up") return;
    lead = "mine";
    say(words.on_line, "good");
    show();
    at("live-hand-back").focus();
  }

  function closed({ reason }) {
    line = null;
    const wanted = handingBack;
    handingBack = false;
    if (lead === "mine") lead = "ai";
    level({ in: -100, out: -100 });
    if (reason === "refused") fault({ code: "refused" });
    else if (reason === "lost" || reason === "unplugged") say(words[reason], "fault");
    else if (reason === "over" && !wanted) say(words.over);
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
    line.setMuted(muted);
    at("live-mute").setAttribute("aria-pressed", String(muted));
    at("live-mute").querySelector("[data-word]").textContent = muted ? words.unmute : words.mute;
    say(muted ? words.muted : words.on_line, muted ? "" : "good");
  }

  async function stop() {
    if (!(await confirmed(at("live-stop").dataset.sure))) return;
    await during(async () => {
      say(words.stopping);
      await ask(path("stop"), { method: "POST", body: {} });
    });
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
      fault(error);
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
    line?.hangUp();
  }

  function show() {
    const on = lead === "mine";
    at("live-lead").textContent = words[`lead_${lead}`];
    at("live-line").hidden = !on;
    at("live-take").hidden = on;
    at("live-take-hint").hidden = on;
    at("live-take").disabled = busy || !joinable || lead !== "ai";
    at("live-transfer-open").disabled = busy || !joinable || lead === "transfer";
    at("live-stop").disabled = busy;
    for (const id of ["live-text", "live-whisper-go"]) at(id).disabled = busy || !joinable || lead !== "ai";
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
