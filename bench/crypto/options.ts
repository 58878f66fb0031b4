import type { SrtpProfile } from "../../src/srtp/mod.ts";
import type { Effort } from "./measure.ts";
import { PROFILES } from "./packet_set.ts";

/** What can be measured. */
export type Measure = "time" | "allocation" | "start";

/** What the command line asks for. */
export interface BenchOptions {
  /** `undefined` for a table as it suits a terminal. */
  readonly output: "json" | "markdown" | undefined;
  /** Whether to serve the page instead. */
  readonly page: boolean;
  /** Port of the page; 0 takes any free one. */
  readonly port: number;
  readonly runtimes: readonly string[];
  readonly profiles: readonly SrtpProfile[];
  /** Lengths of payloads. */
  readonly sizes: readonly number[];
  readonly measures: readonly Measure[];
  readonly effort: Effort;
  /** Fresh processes, of which the quickest counts. */
  readonly starts: number;
}

/** Where the benchmark runs, in this order; `native` are the programs in C, beside each of the others. */
export const RUNTIMES: readonly string[] = ["node", "node-26", "deno", "bun", "workerd"];

const THOROUGH: Effort = {
  rounds: 11,
  roundMs: 12,
  warmUpPackets: 12_000,
  warmUpMs: 150,
  stretches: 101,
};
const QUICK: Effort = { rounds: 1, roundMs: 0.5, warmUpPackets: 128, warmUpMs: 5, stretches: 5 };

/** How to call it. */
export const USAGE: string =
  `deno task bench:crypto [--json | --markdown] [--quick] [--page [--port=8080]]
  --runtime=node,deno       of ${RUNTIMES.join(", ")}
  --profile=SHA1_80,GCM     parts of the names of profiles
  --size=160,1200           bytes of payload
  --measure=time            of time, allocation, start`;

const FLAGS = new Set([
  ...["json", "markdown", "quick", "page", "port", "runtime", "profile", "size", "measure"],
]);

/**
 * Reads the command line.
 *
 * @throws {RangeError} with something to tell the user
 */
export function readOptions(args: readonly string[]): BenchOptions {
  const flags = new Map<string, string>();
  for (const arg of args) {
    const [, name = "", value = ""] = /^--([a-z]+)(?:=(.*))?$/.exec(arg) ?? [];
    if (!FLAGS.has(name)) throw new RangeError(`${arg}: no such option\n${USAGE}`);
    flags.set(name, value);
  }
  const quick = flags.has("quick");
  const list = (name: string): string[] | undefined => flags.get(name)?.split(",");
  const some = <T extends string>(name: string, all: readonly T[], exact: boolean): T[] => {
    const wanted = list(name);
    const chosen = wanted === undefined
      ? [...all]
      : all.filter((one) => wanted.some((part) => exact ? one === part : one.includes(part)));
    if (chosen.length === 0) throw new RangeError(`--${name} leaves nothing\n${USAGE}`);
    return chosen;
  };
  const sizes = list("size")?.map(Number) ?? (quick ? [160] : [20, 160, 1200]);
  if (!sizes.every((size) => Number.isInteger(size) && size > 0 && size <= 1400)) {
    throw new RangeError(`--size takes numbers from 1 to 1400\n${USAGE}`);
  }
  return {
    output: flags.has("json") ? "json" : flags.has("markdown") ? "markdown" : undefined,
    page: flags.has("page"),
    port: Number(flags.get("port") ?? 0),
    runtimes: some("runtime", RUNTIMES, true),
    profiles: some("profile", PROFILES, false),
    sizes,
    measures: some("measure", ["time", "allocation", "start"], true),
    effort: quick ? QUICK : THOROUGH,
    starts: quick ? 1 : 9,
  };
}
