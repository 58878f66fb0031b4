/** Results as lines and tables. */

/** One figure. */
export interface BenchResult {
  /** What was measured. */
  readonly bench: string;
  /** Where both ends ran. */
  readonly runtime: string;
  /** Which stack. */
  readonly peer: string;
  /** The figure, in `unit`. */
  readonly value: number;
  /** Of `value`. */
  readonly unit: string;
}

/** A Markdown table: a row per benchmark and runtime, a column per stack, and Sterna as a multiple of the others. */
export function ratioTable(results: readonly BenchResult[]): string {
  const peers = [...new Set(results.map(({ peer }) => peer))];
  const others = peers.filter((peer) => peer !== "sterna" && peers.includes("sterna"));
  const lines = [
    ["benchmark", "runtime", ...peers, ...others.map((peer) => `better than ${peer} by`)],
    ["---", "---", ...peers.map(() => "---:"), ...others.map(() => "---:")],
  ];
  for (const key of new Set(results.map(({ bench, runtime }) => `${bench}\n${runtime}`))) {
    const [bench, runtime] = key.split("\n");
    const row = results.filter((r) => r.bench === bench && r.runtime === runtime);
    const of = (peer: string) => row.find((r) => r.peer === peer)?.value;
    lines.push([
      `${bench}, ${row[0]!.unit}`,
      runtime!,
      ...peers.map((peer) => format(of(peer))),
      ...others.map((peer) => ratio(of("sterna"), of(peer), row[0]!.unit)),
    ]);
  }
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function format(value: number | undefined): string {
  if (value === undefined) return "–";
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** Rates are better when larger, times and memory when smaller. */
function ratio(ours: number | undefined, theirs: number | undefined, unit: string): string {
  if (ours === undefined || theirs === undefined) return "–";
  const better = unit.endsWith("/s") ? ours / theirs : theirs / ours;
  return `${better.toFixed(better >= 10 ? 0 : 1)}×`;
}
