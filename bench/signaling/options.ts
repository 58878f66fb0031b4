/** The command line of the benchmark. */
import { type MessageKind, MESSAGES, type SubjectName, SUBJECTS } from "./protocol.ts";

/** Runtimes that are measured. */
export const RUNTIMES = ["deno", "bun", "node", "workerd"] as const;

/** One of {@linkcode RUNTIMES}. */
export type RuntimeName = typeof RUNTIMES[number];

/** What is measured. */
export const MEASURES = ["throughput", "latency", "memory"] as const;

/** What to measure, and how long. */
export interface BenchOptions {
  readonly runtimes: readonly RuntimeName[];
  readonly subjects: readonly SubjectName[];
  readonly messages: readonly MessageKind[];
  readonly measures: readonly (typeof MEASURES[number])[];
  readonly output: "table" | "json" | "markdown";
  /** Clients that send. */
  readonly clients: number;
  /** Messages of each that are on the way. */
  readonly window: number;
  /** Turns that each server has; the best counts, the others were disturbed. */
  readonly rounds: number;
  /** Length of a turn, milliseconds. */
  readonly turnMs: number;
  /** Connections that do nothing. */
  readonly idle: number;
  /** Whether Node writes a profile of our server to `.cache/bench`. */
  readonly profile: boolean;
}

/** Reads the command line. */
export function readOptions(args: readonly string[]): BenchOptions {
  const flags = new Map(
    args.map((arg) => arg.replace(/^--/, "").split("=") as [string, string | undefined]),
  );
  const some = <Name extends string>(flag: string, all: readonly Name[]): Name[] => {
    const wanted = flags.get(flag)?.split(",");
    return all.filter((name) => wanted?.includes(name) ?? true);
  };
  const number = (flag: string, otherwise: number): number => Number(flags.get(flag) ?? otherwise);
  const quick = flags.has("quick");
  return {
    runtimes: some("runtime", RUNTIMES),
    subjects: some("subject", SUBJECTS),
    messages: some("message", MESSAGES),
    measures: some("measure", MEASURES),
    output: flags.has("json") ? "json" : flags.has("markdown") ? "markdown" : "table",
    clients: number("clients", 64),
    window: number("window", 8),
    rounds: number("rounds", quick ? 2 : 5),
    turnMs: number("turn", quick ? 500 : 2000),
    idle: number("idle", quick ? 1000 : 10_000),
    profile: flags.has("profile"),
  };
}
