// Samples of voices: one click plays, a second one stops. While a sample is being made, how far it has come is asked for.

const list = document.querySelector(".voices");
const audio = new Audio();
const known = new Map(); // address → object URL of a sample that is here
let playing = null;

const said = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);
const seconds = (ms) => (ms / 1000).toFixed(1);

function show(button, isOn) {
  button.classList.toggle("on", isOn);
  button.setAttribute("aria-pressed", String(isOn));
  button.querySelector("[data-word]").textContent = isOn ? button.dataset.stop : button.dataset.play;
}

function stop() {
  audio.pause();
  if (playing) show(playing, false);
  playing = null;
}

async function follow(address, bar, told, isDone) {
  while (!isDone()) {
    const answer = await fetch(`${address}/progress`, { headers: { Accept: "application/json" } });
    const { spokenMs, expectedMs } = answer.ok ? await answer.json() : {};
    if (spokenMs !== null && spokenMs !== undefined && !isDone()) {
      bar.hidden = false;
      bar.value = Math.min(0.98, spokenMs / expectedMs);
      told.textContent = said(list.dataset.making, { spoken: seconds(spokenMs), expected: seconds(expectedMs) });
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

async function load(button) {
  const address = button.dataset.listen;
  if (known.has(address)) return known.get(address);
  const item = button.closest(".voice");
  const bar = item.querySelector("progress");
  const told = item.querySelector("[data-told]");
  const began = performance.now();
  let done = false;
  const watch = follow(address, bar, told, () => done).catch(() => {});
  try {
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(String(answer.status));
    const blob = await answer.blob();
    const took = performance.now() - began;
    const length = ((blob.size - 44) / 16_000) * 1000; // 16-bit mono at 8 kHz behind a header of 44 bytes
    const rate = length / took;
    told.textContent = took < 250 ? list.dataset.kept : said(list.dataset.made, { length: seconds(length), took: seconds(took), rate: rate.toFixed(1) });
    known.set(address, URL.createObjectURL(blob));
    return known.get(address);
  } catch (error) {
    told.textContent = list.dataset.failed;
    throw error;
  } finally {
    done = true;
    bar.hidden = true;
    await watch;
  }
}

list?.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-listen]");
  if (!button) return;
  const again = playing === button;
  stop();
  if (again) return;
  playing = button;
  show(button, true);
  try {
    const source = await load(button);
    if (playing !== button) return; // another one was chosen meanwhile
    audio.src = source;
    await audio.play();
  } catch {
    if (playing === button) stop();
  }
});
audio.addEventListener("ended", stop);
