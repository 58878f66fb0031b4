/** What was measured, and tables of it. */
import type { RuntimeName } from "./options.ts";
import type { MessageKind, SubjectName } from "./protocol.ts";

/** One figure. */
export interface BenchResult {
  readonly runtime: RuntimeName;
  readonly subject: SubjectName;
  /** `throughput`: messages per second. `latency`: milliseconds. `memory`: bytes per connection. */
  readonly measure: "throughput" | "latency" | "memory";
  /** What was relayed. */
  readonly message?: MessageKind;
  readonly value: number;
}

const UNITS = {
  throughput: "messages/s",
  latency: "ms, 99th percentile at half of the least throughput",
  memory: "kB per idle connection",
};

/** A table for each measure and message: runtimes below, servers beside each other. */
export function tables(results: readonly BenchResult[]): string {
  const titles = [...new Set(results.map(titleOf))];
  return titles.map((title) => table(title, results.filter((one) => titleOf(one) === title)))
    .join("\n\n");
}

function titleOf({ measure, message }: BenchResult): string {
  return `${measure}${message === undefined ? "" : ` of ${message}`}, ${UNITS[measure]}`;
}

function table(title: string, results: readonly BenchResult[]): string {
  const subjects = [...new Set(results.map(({ subject }) => subject))];
  const runtimes = [...new Set(results.map(({ runtime }) => runtime))];
  const rows = runtimes.map((runtime) => {
    const find = (subject: SubjectName): number | undefined =>
      results.find((one) => one.runtime === runtime && one.subject === subject)?.value;
    const base = find("relay");
    return [
      runtime,
      ...subjects.map((subject) => {
        const value = find(subject);
        if (value === undefined) return "–";
        const ratio = base === undefined || subject === "relay"
          ? ""
          : ` (${percent(value / base)})`;
        return `${figure(results[0]!.measure, value)}${ratio}`;
      }),
    ];
  });
  return `**${title}** (beside the raw relay)\n\n${grid([["", ...subjects], ...rows])}`;
}

function figure(measure: BenchResult["measure"], value: number): string {
  if (Number.isNaN(value)) return "failed";
  if (measure === "throughput") return String(Math.round(value / 100) * 100);
  return measure === "latency" ? value.toFixed(1) : (value / 1000).toFixed(1);
}

function percent(ratio: number): string {
  return Number.isNaN(ratio) ? "–" : `${Math.round(ratio * 100)} %`;
}

function grid(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [line(rows[0]!), rule, ...rows.slice(1).map(line)].join("\n");
}
