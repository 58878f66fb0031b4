/// <reference lib="dom" />
/** The page: starts the worker, shows how far it is, and draws what it found. */
import type { PageResult, WorkerMessage } from "./messages.ts";
import { barGroups, barLabel, drawPlot, rate } from "./plot.ts";

type State = "idle" | "running" | "done" | "stopped" | "failed";

const query = new URLSearchParams(location.search);
const run = byId("run", HTMLButtonElement);
const progress = byId("progress", HTMLProgressElement);
const status = byId("status", HTMLElement);
const figures = byId("figures", HTMLElement);
const headline = byId("headline", HTMLElement);
const plot = document.querySelector<SVGSVGElement>("#plot")!;
const rows = byId("rows", HTMLTableSectionElement);
const notes = byId("notes", HTMLUListElement);
const copy = byId("copy", HTMLButtonElement);

let worker: Worker | undefined;
let results: PageResult[] = [];

function byId<T extends HTMLElement>(id: string, kind: { new (): T }): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no #${id}`);
  return found;
}

function show(state: State, text: string): void {
  document.body.dataset["state"] = state;
  status.textContent = text;
  run.textContent = state === "running" ? "Stop" : results.length > 0 ? "Run again" : "Run";
  progress.hidden = state !== "running";
  copy.disabled = state !== "done";
  figures.setAttribute("aria-busy", String(state === "running"));
}

function begin(): void {
  results = [];
  notes.replaceChildren();
  progress.value = 0;
  worker = new Worker("/worker.js", { type: "module" });
  worker.onmessage = ({ data }: MessageEvent<WorkerMessage>) => take(data);
  worker.onerror = (event) => end("failed", `It failed: ${event.message || "no reason is given"}`);
  worker.postMessage({ quick: query.has("quick") });
  show("running", "Starting");
  draw();
}

function end(state: State, text: string): void {
  worker?.terminate();
  worker = undefined;
  show(state, text);
  draw();
  void report(state);
}

function take(message: WorkerMessage): void {
  switch (message.type) {
    case "progress":
      progress.value = message.share;
      status.textContent = `${Math.round(100 * message.share)} % – ${message.text}`;
      break;
    case "result":
      results.push(message.result);
      draw();
      break;
    case "note":
      notes.append(Object.assign(document.createElement("li"), { textContent: message.text }));
      break;
    case "done":
      end("done", "Done. Run it again to see how much figures vary.");
  }
}

function chosen(name: string): string {
  return document.querySelector<HTMLInputElement>(`input[name="${name}"]:checked`)!.value;
}

function draw(): void {
  const size = Number(chosen("size")), direction = chosen("direction") as "protect" | "unprotect";
  const groups = barGroups(results, size, direction);
  figures.hidden = results.length === 0;
  const width = plot.parentElement!.clientWidth;
  if (width > 0) drawPlot(plot, groups, width);
  plot.setAttribute(
    "aria-label",
    `Packets per second to ${direction}, ${size} bytes of payload; the figures are in the table.`,
  );
  headline.textContent = headlineText(size, direction);
  rows.replaceChildren();
  for (const result of results) if (result.payloadBytes === size) drawRow(result);
}

/** What matters most, in one sentence. */
function headlineText(size: number, direction: "protect" | "unprotect"): string {
  const key = `${direction}Ns` as const;
  const of = (provider: string): PageResult | undefined =>
    results.find((one) =>
      one.provider === provider && one.batch === 64 && one.payloadBytes === size
    );
  const wasm = of("wasm"), ts = of("ts");
  const best = wasm ?? ts;
  if (best === undefined || !(best[key] > 0)) return "";
  const packets = 1e9 / best[key];
  const gigabits = (packets * 8 * (12 + size) / 1e9).toPrecision(2);
  const times = wasm !== undefined && ts !== undefined ? (ts[key] / wasm[key]).toPrecision(2) : "";
  const ratio = times === "" ? "" : `, ${times} times TypeScript`;
  const profile = best.profile.replace("SRTP_", "");
  return `${rate(packets)} – ${gigabits} Gbit/s on one core${ratio} (${profile})`;
}

function drawRow(result: PageResult): void {
  const row = rows.insertRow();
  const head = document.createElement("th");
  head.scope = "row";
  head.textContent = result.profile.replace("SRTP_", "");
  row.append(head);
  for (
    const text of [
      barLabel(result),
      microseconds(result.protectNs),
      microseconds(result.unprotectNs),
    ]
  ) row.insertCell().textContent = text;
}

function microseconds(ns: number): string {
  return `${(ns / 1000).toFixed(2)} µs`;
}

/** For a test that cannot look into the browser: what it would have seen. */
async function report(state: State): Promise<void> {
  if (!query.has("report")) return;
  const bars = [...plot.querySelectorAll<SVGRectElement>(".bar")].map((bar) => ({
    kind: bar.getAttribute("class"),
    width: Number(bar.getAttribute("width")),
  }));
  const seen = { state, results, bars, headline: headline.textContent, rows: rows.rows.length };
  await fetch("/report", { method: "POST", body: JSON.stringify(seen) });
}

run.addEventListener("click", () => {
  if (worker === undefined) begin();
  else end("stopped", "Stopped.");
});
copy.addEventListener("click", async () => {
  const text = results.map((result) => JSON.stringify(result)).join("\n");
  await navigator.clipboard.writeText(`${navigator.userAgent}\n${text}\n`);
  status.textContent = "Copied: one line of JSON per result.";
});
for (const input of document.querySelectorAll("input[type=radio]")) {
  input.addEventListener("change", draw);
}
new ResizeObserver(draw).observe(plot.parentElement!);
byId("machine", HTMLElement).textContent = [
  `${navigator.hardwareConcurrency} logical processors`,
  crossOriginIsolated ? "fine clock" : "coarse clock",
].join(", ");
show("idle", "Takes about twenty seconds.");
if (query.has("auto")) begin();
