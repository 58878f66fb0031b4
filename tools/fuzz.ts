/**
 * Runs the property tests longer and from ever new seeds, round after round, until the time is up or
 * one fails. A failure prints the command that brings it back.
 *
 * ```sh
 * deno task fuzz                       # five minutes
 * deno task fuzz --minutes 60 --runs 50
 * deno task fuzz sctp sdp              # only these folders below tests/
 * deno task fuzz rust                  # only the random tests of rust-crypto/
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
    if (await imports(file, "tests/fuzz.ts", new Set())) found.push(file);
  }
  return found;
}

/** Whether a module below `tests/` imports another one, itself or through its neighbours. */
async function imports(file: string, wanted: string, seen: Set<string>): Promise<boolean> {
  if (file === wanted) return true;
  if (seen.has(file) || !file.startsWith("tests/")) return false;
  seen.add(file);
  const text = await Deno.readTextFile(root + file);
  for (const [, specifier] of text.matchAll(/ from "(\.[^"]+\.ts)"/g)) {
    const path = new URL(specifier!, `file:///${file}`).pathname.slice(1);
    if (await imports(path, wanted, seen)) return true;
  }
  return false;
}

/** One run of the tests of the Rust core, whose random numbers follow the seed, too. */
const CARGO: readonly string[] = [
  ...["test", "--locked", "--quiet", "--manifest-path", "rust-crypto/Cargo.toml"],
];

async function hasCargo(): Promise<boolean> {
  const run = { command: "cargo", args: ["--version"], limitMs: 10_000 };
  return await runProcess(run).then(({ code }) => code === 0, () => false);
}

/** A round is what one seed gives: the tests here, and those of the core. */
function roundOf(
  files: readonly string[],
  rust: boolean,
): (readonly [string, readonly string[]])[] {
  const flags = ["--allow-all", "--no-check", "--parallel", "--quiet"];
  const deno = ["test", ...flags, ...files];
  return [
    ...(files.length > 0 ? [[Deno.execPath(), deno] as const] : []),
    ...(rust ? [["cargo", CARGO] as const] : []),
  ];
}

killChildrenOnInterrupt();
const everything = positionals.length === 0;
const folders = positionals.filter((name) => name !== "rust");
const files = everything || folders.length > 0 ? await fuzzTests(folders) : [];
const rust = positionals.includes("rust") || everything && await hasCargo();
const programs = roundOf(files, rust);
if (programs.length === 0) {
  console.error("No test below these folders imports tests/fuzz.ts.");
  Deno.exit(2);
}
const end = performance.now() + Number(values.minutes) * 60_000;
let seed = Number(values.seed ?? crypto.getRandomValues(new Int32Array(1))[0]);
let rounds = 0, failed = 0;
const what = `${files.length} files${rust ? " and the Rust core" : ""}`;
console.log(`${what}, ${values.minutes} minutes, ${values.runs} times the usual runs`);
do {
  const env = { STERNA_FUZZ_RUNS: values.runs, STERNA_SEED: String(seed), DENO_JOBS: "2" };
  const started = performance.now();
  for (const [command, args] of programs) {
    const left = Math.max(end - performance.now(), 0) + 120_000;
    const result = await runProcess({ command, args, env, limitMs: left });
    if (result.code === 0) continue;
    failed++;
    console.log(result.timedOut ? "killed: it hangs" : "", result.output);
    const again = command === "cargo"
      ? `cargo ${args.join(" ")}`
      : `deno test -A ${files.join(" ")}`;
    console.log(`Again: STERNA_SEED=${seed} STERNA_FUZZ_RUNS=${values.runs} ${again}`);
    break;
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${failed === 0 ? "✓" : "✗"} round ${rounds}: seed ${seed}, ${seconds} s`);
  rounds++;
  if (failed > 0) break;
  seed = (seed + 0x9e3779b9) | 0;
} while (performance.now() < end);
console.log(`\n${rounds - failed} passed, ${failed} failed`);
Deno.exit(failed === 0 ? 0 : 1);
