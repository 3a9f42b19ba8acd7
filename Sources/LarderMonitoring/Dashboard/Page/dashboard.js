// Shows the snapshots of caches as they come. All text is set as text, never as markup: keys are what anybody chose.

import { Chart, element } from "./charts.js";

const id = name => document.getElementById(name);

// Numbers for people.

const count = number => number.toLocaleString("en");
const percent = share => share === null || share === undefined ? "–" : (share * 100).toFixed(1) + " %";
const axisPercent = share => share === null ? "–" : (share * 100).toFixed(share * 100 % 1 ? 1 : 0) + " %";
const amount = number => number === null || number === undefined ? "–"
  : number >= 100 || Number.isInteger(number) ? count(Math.round(number)) : number >= 10 ? number.toFixed(1) : number.toFixed(2);

function duration(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  if (seconds <= 0) return "0 s";
  const units = [[1e-6, 1e-9, "ns"], [1e-3, 1e-6, "µs"], [1, 1e-3, "ms"], [120, 1, "s"], [7200, 60, "min"], [172800, 3600, "h"]];
  const [, size, name] = units.find(([limit]) => seconds < limit) ?? [0, 86400, "days"];
  const value = seconds / size;
  return (value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)))) + " " + name;
}

function bytes(number) {
  if (number === null || number === undefined) return "–";
  const names = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (number >= 1024 && unit < names.length - 1) { number /= 1024; unit++; }
  return (unit ? number.toFixed(1) : number) + " " + names[unit];
}

const requests = counts => counts.memoryHits + counts.storeHits + counts.staleHits + counts.misses;
const hitRatio = counts => requests(counts) ? 1 - counts.misses / requests(counts) : null;
const share = (counts, part) => requests(counts) ? counts[part] / requests(counts) : null;
const ago = seconds => seconds < 1 ? "now" : duration(Math.round(seconds)) + " ago";

// What is chosen, and what has come.

const longestLive = 180;
const state = { window: "live", namespace: "", samples: [], seeds: [], previous: null, source: null, snapshot: null };

const charts = {
  hits: new Chart(id("charts"), "Where reads are answered"),
  loads: new Chart(id("charts"), "Loads a second"),
  origin: new Chart(id("charts"), "Load time"),
  store: new Chart(id("charts"), "Store read time"),
  entries: new Chart(id("charts"), "Entries in memory"),
  curve: new Chart(id("charts"), "Memory hit ratio by capacity"),
};

function scope(snapshot) {
  return snapshot.namespaces.find(namespace => namespace.name === state.namespace)
    ?? { total: snapshot.total, recent: snapshot.recent, latencies: snapshot.latencies };
}

/** Takes what was counted since the last snapshot as a step of the live charts. */
function sample(snapshot) {
  const at = performance.now() / 1000;
  const { total, recent, latencies } = scope(snapshot);
  const previous = state.previous;
  state.previous = { at, total };
  if (!previous) {
    state.seeds = snapshot.history.map(step => ({ ...step, at: at - step.age }));
    return;
  }
  const step = { at, length: at - previous.at, entries: recent.entries };
  for (const part of ["memoryHits", "storeHits", "staleHits", "misses", "loads", "failedLoads"]) {
    step[part] = Math.max(0, total[part] - previous.total[part]);
  }
  for (const [phase, name] of [["store", "store"], ["origin", "origin"]]) {
    step[name + "P50"] = latencies[phase].count ? latencies[phase].p50 : null;
    step[name + "P99"] = latencies[phase].count ? latencies[phase].p99 : null;
  }
  state.samples.push(step);
  if (state.samples.length > longestLive) state.samples.shift();
}

/** The steps that the charts show, the oldest first. */
function steps(snapshot) {
  if (state.window !== "live") return snapshot.history;
  const now = performance.now() / 1000;
  const all = [...state.seeds, ...state.samples].filter(step => now - step.at < longestLive);
  return all.map(step => ({ ...step, age: Math.max(0, now - step.at) }));
}

// Showing.

function showCharts(snapshot) {
  const all = steps(snapshot);
  const xs = all.map(step => -step.age);
  const time = { xs, label: value => ago(-value) };
  const values = read => all.map(step => read(step) ?? null);
  const rate = part => values(step => step.length > 0 ? step[part] / step.length : null);
  charts.hits.show({ ...time, stacked: true, top: 1, format: axisPercent, lines: [
    { name: "memory", style: "memory", values: values(step => share(step, "memoryHits")) },
    { name: "store", style: "store", values: values(step => share(step, "storeHits")) },
    { name: "stale", style: "stale", values: values(step => share(step, "staleHits")) },
    { name: "origin", style: "miss", values: values(step => share(step, "misses")) },
  ] });
  charts.loads.show({ ...time, format: amount, lines: [
    { name: "started", style: "plain", values: rate("loads") },
    { name: "failed", style: "failed", values: rate("failedLoads") },
  ] });
  for (const phase of ["origin", "store"]) {
    charts[phase].show({ ...time, format: duration, empty: phase === "store" ? "No reads of a store" : "No loads", lines: [
      { name: "p50", style: "p50", values: values(step => step[phase + "P50"]) },
      { name: "p99", style: "p99", values: values(step => step[phase + "P99"]) },
    ] });
  }
  charts.entries.show({ ...time, format: amount, lines: [
    { name: "entries", style: "plain", values: values(step => step.entries) },
  ] });
  showCurve(snapshot);
}

function showCurve(snapshot) {
  const known = snapshot.namespaces.filter(namespace => namespace.curve.length &&
    (!state.namespace || namespace.name === state.namespace)).slice(0, 6);
  const capacities = [...new Set(known.flatMap(namespace => namespace.curve.map(point => point.capacity)))].sort((a, b) => a - b);
  const one = known.length === 1 ? known[0] : null;
  charts.curve.show({
    xs: capacities.map(Math.log2), top: 1, format: axisPercent, isCurve: true, empty: "Too few reads to tell",
    label: value => count(Math.round(2 ** value)) + " entries",
    mark: one && one.settings.unit === "entries" ? Math.log2(one.settings.capacity) : undefined, markText: "now",
    lines: known.map((namespace, index) => ({ name: namespace.name, style: "s" + index,
      values: capacities.map(capacity => between(namespace.curve, capacity)) })),
  });
}

/** The hit ratio of a curve at a capacity; null beyond its ends. */
function between(curve, capacity) {
  const next = curve.findIndex(point => point.capacity >= capacity);
  if (next < 0) return null;
  if (curve[next].capacity === capacity) return curve[next].hitRatio;
  if (next === 0) return null;
  const [low, high] = [curve[next - 1], curve[next]];
  return low.hitRatio + (high.hitRatio - low.hitRatio) * (capacity - low.capacity) / (high.capacity - low.capacity);
}

function showTiles(snapshot) {
  const { recent, latencies } = scope(snapshot);
  const period = { "1m": "last minute", "5m": "last 5 minutes", "15m": "last 15 minutes", "1h": "last hour", "24h": "last 24 hours" }[snapshot.window];
  id("hit-ratio").textContent = percent(hitRatio(recent));
  id("hit-note").textContent = percent(share(recent, "memoryHits")) + " from memory";
  id("requests").textContent = count(requests(recent));
  id("requests-note").textContent = period;
  id("loads").textContent = count(recent.loads);
  id("loads-note").textContent = recent.failedLoads ? count(recent.failedLoads) + " failed" : "none failed";
  id("loads-note").classList.toggle("bad", recent.failedLoads > 0);
  id("load-p99").textContent = latencies.origin.count ? duration(latencies.origin.p99) : "–";
  id("load-note").textContent = latencies.origin.count ? "half within " + duration(latencies.origin.p50) : "no loads";
  id("entries").textContent = count(recent.entries);
  id("entries-note").textContent = count(recent.evictions) + " evicted";
  id("memory").textContent = bytes(snapshot.processBytes);
  id("memory-note").textContent = "up " + duration(Math.max(1, Math.round(snapshot.uptime)));
}

/** Puts rows into a table; of each the first cell is its head. */
function fill(name, rows, nothing) {
  const body = id(name).tBodies[0];
  const columns = id(name).tHead.rows[0].cells.length;
  if (!rows.length) {
    body.replaceChildren(element("tr", {}, element("td", { class: "nothing", colspan: columns, text: nothing })));
    return;
  }
  body.replaceChildren(...rows.map(([head, ...cells]) => element("tr", {},
    element("th", { scope: "row", text: head, title: head }),
    ...cells.map(cell => cell instanceof Node ? element("td", {}, cell) : element("td", { text: cell })))));
}

function bar(part, text) {
  const inner = element("i");
  inner.style.width = (100 * Math.min(1, part ?? 0)).toFixed(1) + "%";
  const whole = document.createDocumentFragment();
  whole.append(element("span", { class: "bar", "aria-hidden": "true" }, inner),
    element("span", { class: "number", text }));
  return whole;
}

function showTables(snapshot) {
  fill("namespaces", snapshot.namespaces.map(({ name, recent, latencies }) => [name, count(requests(recent)),
    bar(hitRatio(recent), percent(hitRatio(recent))), count(recent.memoryHits), count(recent.storeHits),
    count(recent.staleHits), count(recent.misses), count(recent.loads), count(recent.failedLoads),
    latencies.origin.count ? duration(latencies.origin.p50) : "–",
    latencies.origin.count ? duration(latencies.origin.p99) : "–", count(recent.entries)]), "No namespace was opened.");
  id("omitted").hidden = !snapshot.omittedNamespaces;
  id("omitted").textContent = snapshot.omittedNamespaces + " more with fewer requests";
  fill("keys", snapshot.hottestKeys.map(key => [key.key, key.namespace, count(key.reads), bar(key.share, percent(key.share))]),
    "No reads yet.");
  const { recent } = scope(snapshot);
  fill("misses", Object.entries(recent.missReasons).sort((a, b) => b[1] - a[1])
    .map(([reason, misses]) => [reason, count(misses), bar(misses / recent.misses, percent(misses / recent.misses))]),
    "No read missed.");
  const firing = snapshot.alerts.filter(alert => alert.state === "firing");
  const pending = snapshot.alerts.filter(alert => alert.state === "pending");
  fill("alerts", [...pending, ...snapshot.recentAlerts].map(alert => [alert.rule, alert.namespace ?? "",
    element("span", { class: "state " + alert.state, text: alert.state }), amount(alert.value), amount(alert.limit),
    new Date(alert.since).toLocaleTimeString("en-GB")]), "No alert.");
  const banner = id("firing");
  const lines = firing.map(alert => alert.rule + (alert.namespace ? " of " + alert.namespace : "") + " fires: " +
    amount(alert.value) + ", with a limit of " + amount(alert.limit));
  // Only when it changes, so that it is not read out each second.
  const names = firing.map(alert => alert.rule + "\0" + (alert.namespace ?? "")).join("\n");
  if (banner.dataset.names !== names) banner.replaceChildren(...lines.map(line => element("p", { text: line })));
  else lines.forEach((line, index) => { banner.children[index].textContent = line; });
  banner.dataset.names = names;
  banner.hidden = !firing.length;
  const names2 = { capacity: "capacity", lifetime: "time to live", hotKey: "hot key", configuration: "settings", failures: "failures" };
  id("advice").replaceChildren(...(snapshot.advice.length ? snapshot.advice.slice(0, 20).map(advice => element("li", {},
    element("b", { text: advice.namespace }, element("small", { text: names2[advice.kind] ?? advice.kind })),
    element("span", { text: advice.text }))) : [element("li", {}, element("span", { class: "note", text: "Nothing stands out." }))]));
}

function showNamespaces(snapshot) {
  const select = id("namespace");
  const names = snapshot.namespaces.map(namespace => namespace.name).sort();
  if (select.dataset.names === names.join("\0") || document.activeElement === select) return;
  select.dataset.names = names.join("\0");
  select.replaceChildren(element("option", { value: "", text: "All namespaces" }),
    ...names.map(name => element("option", { value: name, text: name })));
  select.value = names.includes(state.namespace) ? state.namespace : "";
}

function show(snapshot) {
  state.snapshot = snapshot;
  document.title = snapshot.title + " · caches";
  id("title").textContent = snapshot.title;
  showNamespaces(snapshot);
  showTiles(snapshot);
  showCharts(snapshot);
  showTables(snapshot);
  document.body.dataset.window = snapshot.window;
  document.body.dataset.snapshots = Number(document.body.dataset.snapshots ?? 0) + 1;
}

// Listening.

function tell(kind, text) {
  id("connection").className = kind;
  if (id("connection-text").textContent !== text) id("connection-text").textContent = text;
}

let retry;

function listen() {
  clearTimeout(retry);
  state.source?.close();
  state.samples = [];
  state.seeds = [];
  state.previous = null;
  const query = new URLSearchParams({ window: state.window === "live" ? "1m" : state.window, namespace: state.namespace });
  const source = new EventSource("events?" + query);
  state.source = source;
  source.addEventListener("snapshot", event => {
    if (state.source !== source) return;
    const snapshot = JSON.parse(event.data);
    if (snapshot.format !== 1) return tell("lost", "The process is of another version; load the page anew");
    tell("live", "Live");
    if (state.window === "live") sample(snapshot);
    show(snapshot);
  });
  source.addEventListener("error", () => {
    if (state.source !== source) return;
    tell("lost", "No connection; trying again");
    // A stream that was refused stays closed.
    if (source.readyState === EventSource.CLOSED) retry = setTimeout(listen, 3000);
  });
}

for (const input of document.querySelectorAll("input[name=window]")) {
  input.addEventListener("change", () => { state.window = input.value; listen(); });
}
id("namespace").addEventListener("change", event => { state.namespace = event.target.value; listen(); });

const themes = ["auto", "light", "dark"];

function setTheme(theme) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  id("theme").textContent = "Theme: " + theme;
  try { localStorage.setItem("larder-theme", theme); } catch { /* Kept for this page alone. */ }
}

let saved = null;
try { saved = localStorage.getItem("larder-theme"); } catch { /* Not to be had. */ }
setTheme(themes.includes(saved) ? saved : "auto");
id("theme").addEventListener("click", () => {
  const now = document.documentElement.dataset.theme ?? "auto";
  setTheme(themes[(themes.indexOf(now) + 1) % themes.length]);
});

listen();
