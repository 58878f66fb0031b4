/**
 * Runs the property tests longer and from ever new seeds, round after round, until the time is up or
 * one fails. A failure prints the command that brings it back.
 *
 * ```sh
 * deno task fuzz                       # five minutes
 * deno task fuzz --minutes 60 --runs 50
 * deno task fuzz sctp sdp              # only these folders below tests/
 * ```
 *
 * @module
 */
import { parseArgs } from "node:util";
import { testFiles } from "./test/files.ts";
import { killChildrenOnInterrupt, root, runProcess } from "./test/process.ts";

const { values, positionals } = parseArgs({
  args: Deno.args,
  allowPositionals: true,
  options: {
    /** How long to go on. */
    minutes: { type: "string", default: "5" },
    /** Factor on the usual number of cases. */
    runs: { type: "string", default: "20" },
    /** Seed of the first round; by default another one every time. */
    seed: { type: "string" },
  },
});

/** Test files that take their seed and their number of runs from `tests/fuzz.ts`. */
async function fuzzTests(folders: readonly string[]): Promise<string[]> {
  const places = folders.length === 0 ? ["tests"] : folders.map((folder) => `tests/${folder}`);
  const found: string[] = [];
  for (const file of await testFiles(places, /_test\.ts$/)) {
    if (/^tests\/(interop|soak|examples|package|tools)\//.test(file)) continue;
    if (/from "\.\.\/(\.\.\/)*fuzz\.ts"/.test(await Deno.readTextFile(root + file))) {
      found.push(file);
    }
  }
  return found;
}

killChildrenOnInterrupt();
const files = await fuzzTests(positionals);
if (files.length === 0) {
  console.error("No test below these folders imports tests/fuzz.ts.");
  Deno.exit(2);
}
const end = performance.now() + Number(values.minutes) * 60_000;
let seed = Number(values.seed ?? crypto.getRandomValues(new Int32Array(1))[0]);
let rounds = 0, failed = 0;
console.log(
  `${files.length} files, ${values.minutes} minutes, ${values.runs} times the usual runs`,
);
do {
  const env = { STERNA_FUZZ_RUNS: values.runs, STERNA_SEED: String(seed) };
  const left = Math.max(end - performance.now(), 0) + 120_000;
  const started = performance.now();
  const result = await runProcess({
    command: Deno.execPath(),
    args: ["test", "--allow-all", "--no-check", "--parallel", "--quiet", ...files],
    env: { ...env, DENO_JOBS: "2" },
    limitMs: left,
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${result.code === 0 ? "✓" : "✗"} round ${rounds}: seed ${seed}, ${seconds} s`);
  rounds++;
  if (result.code !== 0) {
    failed++;
    console.log(result.timedOut ? "killed: it hangs" : "", result.output);
    console.log(
      `Again: STERNA_SEED=${seed} STERNA_FUZZ_RUNS=${values.runs} deno test -A ${files.join(" ")}`,
    );
    break;
  }
  seed = (seed + 0x9e3779b9) | 0;
} while (performance.now() < end);
console.log(`\n${rounds - failed} passed, ${failed} failed`);
Deno.exit(failed === 0 ? 0 : 1);
