// Files into knowledge: chosen by keyboard or dropped, one after the other, each with its state in words.

import { send } from "./upload.js";

const zone = document.querySelector("[data-drop]");
const list = document.querySelector(".uploads");
const waiting = [];
let busy = false;

const said = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);

function line(file) {
  const item = document.createElement("li");
  const name = document.createElement("strong");
  const bar = document.createElement("progress");
  const told = document.createElement("p");
  const stop = document.createElement("button");
  name.textContent = file.name;
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", file.name);
  told.className = "hint";
  stop.type = "button";
  stop.className = "quiet small";
  stop.textContent = zone.dataset.cancel;
  item.append(name, stop, bar, told);
  list.append(item);
  return { item, bar, told, stop };
}

function end({ item, bar, told, stop }, state, text) {
  item.dataset.state = state;
  told.textContent = text;
  bar.remove();
  stop.remove();
}

async function upload(file, shown) {
  const words = zone.dataset;
  if (file.size > Number(words.most)) return end(shown, "refused", words.large);
  const address = `/app/reception/knowledge/upload${words.into ? `?into=${encodeURIComponent(words.into)}` : ""}`;
  shown.item.dataset.state = "uploading";
  const sending = send(address, file, {
    onProgress: (share) => {
      shown.bar.value = share;
      shown.told.textContent = said(words.uploading, { percent: Math.round(share * 100) });
    },
    onSent: () => {
      shown.item.dataset.state = "extracting";
      shown.bar.removeAttribute("value"); // how long reading takes, nobody knows
      shown.told.textContent = words.extracting;
    },
  });
  shown.stop.addEventListener("click", sending.cancel);
  try {
    const value = await sending.done;
    end(shown, "ready", said(words.ready, { label: value.label, passages: value.passages }));
    await refresh();
  } catch (error) {
    const text = error.code === "cancelled" ? words.cancelled : error.message || words.broken;
    end(shown, "refused", text);
  }
}

async function refresh() {
  const sections = document.getElementById("sections");
  if (!sections) return location.reload();
  const answer = await fetch(sections.dataset.list, { headers: { "HX-Request": "true" } });
  if (answer.ok) sections.innerHTML = await answer.text();
}

async function work() {
  if (busy) return;
  busy = true;
  while (waiting.length) {
    const [file, shown] = waiting.shift();
    await upload(file, shown);
  }
  busy = false;
}

function take(files) {
  for (const file of files) waiting.push([file, line(file)]);
  work();
}

if (zone) {
  const input = zone.querySelector('input[type="file"]');
  input.addEventListener("change", () => {
    take([...input.files]);
    input.value = "";
  });
  for (const name of ["dragenter", "dragover"]) {
    zone.addEventListener(name, (event) => {
      event.preventDefault();
      zone.classList.add("over");
    });
  }
  for (const name of ["dragleave", "drop"]) zone.addEventListener(name, () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    const files = [...event.dataTransfer.files];
    take(zone.dataset.into ? files.slice(0, 1) : files);
  });
}
