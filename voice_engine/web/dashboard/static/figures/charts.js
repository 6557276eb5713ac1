// The charts of the figures' page: calls by day, latencies, and how hot each hour was.
import uPlot from "../vendor/uplot-1.6.32.esm.js";

const holder = document.getElementById("figures-data");
const data = holder && JSON.parse(holder.textContent);
const drawn = [];
const DAY_S = 86400;
const MORNING_H = 8;

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function axis(extra = {}) {
  return { stroke: colour("--soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false }, size: 34, ...extra };
}

/** Bars of one series, as wide as their place; `place` of `places` that stand side by side. */
function bars(share) {
  return uPlot.paths.bars({ size: [share, 48], radius: 0.15 });
}

function whole(_chart, values) {
  return values.map((value) => (Number.isInteger(value) ? value : ""));
}

function drawDays(element) {
  const days = data.days.map((day) => Date.parse(`${day}T00:00:00Z`) / 1000);
  const total = data.inbound.map((count, index) => count + data.outbound[index]);
  const format = new Intl.DateTimeFormat(document.documentElement.lang, { day: "numeric", month: "short", timeZone: "UTC" });
  const options = {
    width: element.clientWidth,
    height: 240,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "UTC"),
    scales: { x: { time: true, range: (_chart, low, high) => [low - DAY_S / 2, high + DAY_S / 2] }, y: { range: (_chart, _low, high) => [0, Math.max(4, high)] } },
    axes: [axis({ size: 22, values: (_chart, ticks) => ticks.map((tick) => format.format(new Date(tick * 1000))) }), axis({ values: whole })],
    series: [
      { label: element.dataset.day, value: (_chart, at) => (at == null ? "" : format.format(new Date(at * 1000))) },
      { label: element.dataset.outbound, fill: colour("--info"), stroke: colour("--info"), paths: bars(0.7), points: { show: false }, value: (_chart, _v, _s, index) => data.outbound[index] ?? "" },
      { label: element.dataset.inbound, fill: colour("--accent"), stroke: colour("--accent"), paths: bars(0.7), points: { show: false }, value: (_chart, _v, _s, index) => data.inbound[index] ?? "" },
      { label: element.dataset.missed, fill: colour("--fault"), stroke: colour("--fault"), paths: bars(0.7), points: { show: false }, value: (_chart, _v, _s, index) => data.missed[index] ?? "" },
    ],
  };
  // Drawn one over the other: all calls, incoming ones before them, missed ones before those.
  // A bar of nothing would be drawn as a line.
  const drawable = (counts) => counts.map((count) => count || null);
  return new uPlot(options, [days, ...[total, data.inbound, data.missed].map(drawable)], element);
}

function drawLatency(element) {
  const step = 20;
  const last = data.latency.at(-1)[0];
  const places = Array.from({ length: last / step + 1 }, (_, index) => index * step);
  const counts = new Map(data.latency);
  const options = {
    width: element.clientWidth,
    height: 160,
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: false }, y: { range: (_chart, _low, high) => [0, Math.max(2, high)] } },
    axes: [axis({ size: 22, values: (_chart, ticks) => ticks.map((tick) => `${tick} ms`) }), axis({ values: whole })],
    series: [{}, { fill: colour("--accent"), stroke: colour("--accent"), paths: bars(1), points: { show: false } }],
  };
  return new uPlot(options, [places, places.map((place) => counts.get(place) ?? null)], element);
}

function heat() {
  const most = Math.max(1, ...data.hours.flat());
  for (const cell of document.querySelectorAll(".heat td")) {
    const share = Number(cell.dataset.count) / most;
    if (share === 0) continue;
    cell.classList.add("hot");
    cell.style.setProperty("--heat", `${Math.round(15 + 85 * share)}%`);
    cell.classList.toggle("hottest", share > 0.6);
  }
  // Where a day does not fit, it begins in the morning, not at midnight.
  const [day, ...hours] = document.querySelectorAll(".heat thead th");
  if (hours.length) day.closest(".table").scrollLeft = hours[MORNING_H].offsetLeft - day.offsetWidth;
}

function draw() {
  for (const chart of drawn.splice(0)) chart.destroy();
  const days = document.getElementById("by-day");
  const latency = document.getElementById("latency");
  if (days) drawn.push(drawDays(days));
  if (latency && data.latency.length) drawn.push(drawLatency(latency));
}

if (data) {
  draw();
  heat();
  let width = window.innerWidth;
  window.addEventListener("resize", () => {
    if (window.innerWidth === width) return;
    width = window.innerWidth;
    draw();
  });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
}
