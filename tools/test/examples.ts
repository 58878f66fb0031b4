import { testFiles } from "./files.ts";
import { addOutcomes, brokenOutcome, NOTHING, type Outcome } from "./outcome.ts";
import { root, runProcess } from "./process.ts";
import { type Progress, runDeno } from "./runners.ts";

/** A program that shows something shows it within this time, milliseconds. */
const EXAMPLE_LIMIT_MS = 60_000;

/**
 * Runs the examples. A file directly below `examples/` either is named by a test in
 * `tests/examples` that drives it (it takes arguments, or serves), or it runs to its end without
 * arguments and prints something.
 */
export async function runExamples(limitMs: number, progress: Progress): Promise<Outcome> {
  const examples = await testFiles(["examples"], /^examples\/[^/]+\.ts$/);
  if (examples.length === 0) return brokenOutcome("there is no example");
  const drivers = await testFiles(["tests/examples"], /_test\.ts$/);
  const driven = (await Promise.all(drivers.map((file) => Deno.readTextFile(root + file))))
    .join("\n");
  let outcome = drivers.length === 0
    ? NOTHING
    : await runDeno("examples", drivers, limitMs, progress, ["--no-check"]);
  for (const file of examples) {
    if (!driven.includes(file.slice("examples/".length))) {
      outcome = addOutcomes(outcome, await runExample(file));
      progress(file);
    }
  }
  return outcome;
}

async function runExample(file: string): Promise<Outcome> {
  const result = await runProcess({
    command: Deno.execPath(),
    args: ["run", "--allow-all", "--unstable-net", "--no-check", file],
    limitMs: EXAMPLE_LIMIT_MS,
  });
  if (result.timedOut) {
    return brokenOutcome(
      `${file} did not end by itself within ${EXAMPLE_LIMIT_MS / 1000} s\n${result.output}`,
    );
  }
  if (result.code !== 0) return brokenOutcome(`${file}: exit ${result.code}\n${result.output}`);
  if (result.output.trim() === "") return brokenOutcome(`${file} printed nothing`);
  return { ...NOTHING, passed: 1 };
}
