/** A bar per provider and size of batch, grouped by profile; longer is better. */
import type { PageResult } from "./messages.ts";

/** One bar. */
export interface Bar {
  /** In which colour: `wasm-64`, `wasm-8`, `wasm-1`, `ts-64`. */
  readonly kind: string;
  readonly label: string;
  /** Packets per second. */
  readonly value: number;
}

/** The bars of one profile. */
export interface BarGroup {
  readonly title: string;
  readonly bars: readonly Bar[];
}

const SVG = "http://www.w3.org/2000/svg";
const BAR = 16, BAR_GAP = 4, TITLE = 26, GROUP_GAP = 14, AXIS = 24;
/** Below this width labels stand above their bars, pixels. */
const NARROW = 560;
const LABEL_WIDTH = 232, VALUE_WIDTH = 96;

/** A round number of packets per second: `50 k/s`. */
function roundRate(value: number): string {
  return value >= 1e6 ? `${value / 1e6} M/s` : value >= 1e3 ? `${value / 1e3} k/s` : String(value);
}

/** Packets per second with three digits: `1.85 M/s`, `402 k/s`. */
export function rate(value: number): string {
  return value >= 1e6
    ? `${(value / 1e6).toPrecision(3)} M/s`
    : `${(value / 1e3).toPrecision(3)} k/s`;
}

/** Nanoseconds per packet of the chosen direction, as bars. */
export function barGroups(
  results: readonly PageResult[],
  payloadBytes: number,
  direction: "protect" | "unprotect",
): BarGroup[] {
  const groups = new Map<string, Bar[]>();
  for (const result of results) {
    if (result.payloadBytes !== payloadBytes) continue;
    const bars = groups.get(result.profile) ?? [];
    groups.set(result.profile, bars);
    const ns = direction === "protect" ? result.protectNs : result.unprotectNs;
    bars.push({
      kind: `${result.provider}-${result.batch}`,
      label: barLabel(result),
      value: ns > 0 ? 1e9 / ns : 0,
    });
  }
  return [...groups].map(([profile, bars]) => ({ title: profile.replace("SRTP_", ""), bars }));
}

/** What a bar is called. */
export function barLabel({ provider, batch }: PageResult): string {
  if (provider === "ts") return "TypeScript";
  return `WebAssembly, ${batch} ${batch === 1 ? "packet" : "packets"} a call`;
}

/** A step of 1, 2 or 5 times a power of ten that divides `max` into two to five parts. */
function niceStep(max: number, parts: number): number {
  const rough = max / parts;
  const power = 10 ** Math.floor(Math.log10(rough));
  const digit = rough / power;
  return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
}

/** Draws into `svg`, as wide as told. */
export function drawPlot(svg: SVGSVGElement, groups: readonly BarGroup[], width: number): void {
  const narrow = width < NARROW;
  const rowHeight = narrow ? BAR + 24 : BAR + BAR_GAP;
  const left = narrow ? 0 : LABEL_WIDTH;
  const room = Math.max(40, width - left - VALUE_WIDTH);
  const max = Math.max(1, ...groups.flatMap(({ bars }) => bars.map(({ value }) => value)));
  const step = niceStep(max, narrow ? 3 : 5);
  const x = (value: number): number => left + room * value / max;
  const height = AXIS +
    groups.reduce((sum, { bars }) => sum + TITLE + bars.length * rowHeight + GROUP_GAP, 0);
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("width", String(width));
  svg.setAttribute("height", String(height));
  const parts: SVGElement[] = [];
  for (let tick = 0; tick <= max; tick += step) {
    parts.push(line(x(tick), 0, height - AXIS, "grid"));
    parts.push(text(x(tick), height - 6, roundRate(tick), "tick"));
  }
  let y = 0;
  for (const { title, bars } of groups) {
    parts.push(text(0, y + 17, title, "group"));
    y += TITLE;
    for (const bar of bars) {
      const top = narrow ? y + 19 : y;
      parts.push(text(0, narrow ? y + 14 : y + 13, bar.label, "label"));
      parts.push(rectangle(left, top, Math.max(1, x(bar.value) - left), bar));
      parts.push(text(x(bar.value) + 6, top + 13, rate(bar.value), "value"));
      y += rowHeight;
    }
    y += GROUP_GAP;
  }
  svg.replaceChildren(...parts);
}

function element(name: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const made = document.createElementNS(SVG, name) as SVGElement;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

function line(x: number, y1: number, y2: number, kind: string): SVGElement {
  return element("line", { x1: x, x2: x, y1, y2, class: kind });
}

function text(x: number, y: number, content: string, kind: string): SVGElement {
  const made = element("text", { x, y, class: kind });
  made.textContent = content;
  return made;
}

function rectangle(x: number, y: number, width: number, { kind, label, value }: Bar): SVGElement {
  const made = element("rect", { x, y, width, height: BAR, rx: 3, class: `bar ${kind}` });
  const title = element("title", {});
  title.textContent = `${label}: ${rate(value)}`;
  made.append(title);
  return made;
}
