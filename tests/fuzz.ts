/**
 * How long and from which seed property tests run. `deno task test` keeps them short and repeatable;
 * `deno task fuzz` raises the number of runs and moves the seed on.
 *
 * @module
 */
import process from "node:process";

/** Multiplies every number of runs: `STERNA_FUZZ_RUNS`, a factor of at least 1. */
const factor = Math.max(1, Number(process.env["STERNA_FUZZ_RUNS"] ?? "1") || 1);

/** Added to every seed: `STERNA_SEED`, an integer. */
const offset = Number(process.env["STERNA_SEED"] ?? "0") | 0;

/** How many cases to try: `usual`, or more under `deno task fuzz`. */
export function fuzzRuns(usual: number): number {
  return Math.ceil(usual * factor);
}

/**
 * The seed of a test: always `usual` under `deno task test`, another one each round of
 * `deno task fuzz`, which prints the `STERNA_SEED` that brings a failure back.
 */
export function fuzzSeed(usual = 1): number {
  return (usual + offset) | 0;
}

/**
 * Both, as parameters of a fast-check `assert`.
 *
 * @example
 * ```ts ignore
 * fc.assert(fc.property(fc.uint8Array(), (bytes) => { parse(bytes); }), fuzz(500));
 * ```
 */
export function fuzz(usualRuns: number, usualSeed = 1): { numRuns: number; seed: number } {
  return { numRuns: fuzzRuns(usualRuns), seed: fuzzSeed(usualSeed) };
}
