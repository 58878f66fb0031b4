import { packageProgram } from "../packages.ts";
import type { PackageName } from "../versions.ts";
import { compileForNode, NODE_TREE } from "./node_tree.ts";
import { brokenOutcome, countJunit, NOTHING, type Outcome } from "./outcome.ts";
import { root, runProcess } from "./process.ts";

/** Hears of every test that finishes, for the live count. */
export type Progress = (line: string) => void;

/** A test runner that writes a JUnit report. */
interface Runner {
  readonly command: string;
  readonly args: (report: string) => readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly limitMs: number;
  /** A line that tells of one finished test. */
  readonly tick: RegExp;
}

async function runWithReport(name: string, runner: Runner, progress: Progress): Promise<Outcome> {
  const folder = `${root}.cache/reports`;
  await Deno.mkdir(folder, { recursive: true });
  const report = `${folder}/${name}.xml`;
  await Deno.remove(report).catch(() => {});
  const result = await runProcess({
    command: runner.command,
    args: runner.args(report),
    env: runner.env ?? {},
    limitMs: runner.limitMs,
    onLine: (line) => {
      if (runner.tick.test(line)) progress(line);
    },
  });
  await Deno.writeTextFile(`${folder}/${name}.log`, result.output);
  const counted = countJunit(await Deno.readTextFile(report).catch(() => ""));
  if (result.timedOut) {
    return {
      ...counted,
      failed: counted.failed + 1,
      details: `killed: it ran longer than its limit of ${runner.limitMs / 1000} s\n` +
        lastLines(result.output),
    };
  }
  if (counted.failed > 0) return { ...counted, details: failureText(result.output) };
  if (result.code !== 0) {
    return {
      ...counted,
      failed: 1,
      details: `exit code ${result.code}\n${failureText(result.output)}`,
    };
  }
  if (counted.passed + counted.skipped === 0) {
    return brokenOutcome(`ran no test\n${lastLines(result.output)}`);
  }
  return counted;
}

/** A passing test, and the headings around it: of no interest when another one failed. */
const QUIET = /\.\.\. ok \(|^\s*✔ |^\((pass|skip)\)|^running \d+ tests? from|^\s*$/;

/** What is left of the output without the tests that passed, from where the explanation begins. */
function failureText(output: string): string {
  const lines = output.split("\n").filter((line) => !QUIET.test(line));
  const start = lines.findIndex((line) => /^ ERRORS |^TS\d+ \[ERROR\]/.test(line));
  const chosen = lines.slice(Math.max(start, 0));
  return chosen.length <= 200 ? chosen.join("\n") : [
    ...chosen.slice(0, 120),
    `… ${chosen.length - 200} lines more in .cache/reports`,
    ...chosen.slice(-80),
  ].join("\n");
}

function lastLines(output: string): string {
  return output.trimEnd().split("\n").slice(-60).join("\n");
}

/** Runs test files with `deno test`: leak sanitizers are switched on by the harness. */
export function runDeno(
  name: string,
  files: readonly string[],
  limitMs: number,
  progress: Progress,
  flags: readonly string[] = ["--no-check", "--parallel"],
): Promise<Outcome> {
  if (files.length === 0) return Promise.resolve(brokenOutcome("there is no test file"));
  return runWithReport(name, {
    command: Deno.execPath(),
    args: (report) => [
      ...["test", "--allow-all", "--unstable-net", `--junit-path=${report}`, ...flags],
      ...files,
    ],
    env: { DENO_JOBS: "2" },
    limitMs,
    tick: /\.\.\. (ok|ignored|FAILED) /,
  }, progress);
}

/** Runs the TypeScript sources with `bun test`. */
export async function runBun(
  name: string,
  files: readonly string[],
  limitMs: number,
  progress: Progress,
): Promise<Outcome> {
  return await runWithReport(name, {
    command: await findBun(),
    args: (report) => [
      ...["test", "--timeout", "120000", "--reporter=junit", `--reporter-outfile=${report}`],
      ...files.map((file) => `./${file}`),
    ],
    limitMs,
    tick: /^\((pass|skip|fail)\)/,
  }, progress);
}

/**
 * Runs test files with `node --test`. Without `node` it is the one on PATH, and the files are
 * compiled to JavaScript first; newer releases run the TypeScript sources as they are.
 */
export async function runNode(
  name: string,
  files: readonly string[],
  limitMs: number,
  progress: Progress,
  node?: PackageName,
): Promise<Outcome> {
  if (node === undefined) await compileForNode();
  const command = node === undefined ? "node" : await packageProgram(node, "node");
  const paths = node === undefined
    ? files.map((file) => `${NODE_TREE}/${file.replace(/\.ts$/, ".js")}`)
    : files;
  return await runWithReport(name, {
    command,
    args: (report) => [
      ...["--test", "--enable-source-maps", "--test-concurrency=2"],
      ...["--test-reporter=spec", "--test-reporter-destination=stdout"],
      ...["--test-reporter=junit", `--test-reporter-destination=${report}`],
      ...paths,
    ],
    env: { NODE_NO_WARNINGS: "1" },
    limitMs,
    tick: /^\s*[✔✖﹣] /,
  }, progress);
}

/** A Bun on PATH, or else the pinned one from npm. */
export async function findBun(): Promise<string> {
  if (await programVersion("bun") !== undefined) return "bun";
  return await packageProgram("bun", "bun");
}

/** What `program --version` prints, or `undefined` when there is no such program. */
export async function programVersion(program: string): Promise<string | undefined> {
  try {
    const result = await runProcess({ command: program, args: ["--version"], limitMs: 20_000 });
    return result.code === 0 ? result.output.trim().replace(/^v/, "").split("\n")[0] : undefined;
  } catch {
    return undefined;
  }
}

/** An outcome for tests that did not run, each with the same reason. */
export function skippedOutcome(reason: string): Outcome {
  return { ...NOTHING, skipped: 1, details: `skipped: ${reason}` };
}
