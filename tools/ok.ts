/**
 * The quick gate: formatting, lint with the house rules, types, documentation, what JSR would say,
 * and words that must not be committed. Everything runs even when an earlier step fails.
 *
 * ```sh
 * deno task ok
 * ```
 *
 * @module
 */
import { realComplaints } from "./ok/doc_lint.ts";
import { findForbiddenWords } from "./ok/words.ts";
import { entryPoints } from "./package/exports.ts";
import { testFiles } from "./test/files.ts";
import { killChildrenOnInterrupt, root, runProcess } from "./test/process.ts";

interface Step {
  readonly name: string;
  /** The complaint, or `undefined` when there is none. */
  readonly run: () => Promise<string | undefined>;
}

/** A step that hangs is killed after this long, milliseconds. */
const STEP_LIMIT_MS = 180_000;

function denoStep(
  name: string,
  args: () => Promise<string[]>,
  judge?: (output: string) => Promise<string[]>,
): Step {
  return {
    name,
    run: async () => {
      const result = await runProcess({
        command: Deno.execPath(),
        args: await args(),
        limitMs: STEP_LIMIT_MS,
      });
      if (result.timedOut) return `killed after ${STEP_LIMIT_MS / 1000} s\n${result.output}`;
      if (result.code === 0) return undefined;
      const complaints = await judge?.(result.output) ?? [result.output];
      return complaints.length === 0 ? undefined : complaints.join("\n\n");
    },
  };
}

const entryPaths = async (): Promise<string[]> => Object.values(await entryPoints());

const steps: readonly Step[] = [
  denoStep("fmt", () => Promise.resolve(["fmt", "--check", "--quiet"])),
  denoStep("lint", () => Promise.resolve(["lint", "--quiet"])),
  denoStep("check", async () => [
    "check",
    "--quiet",
    ...await entryPaths(),
    ...await testFiles(["src", "tests", "tools", "examples", "bench"], /\.ts$/),
  ]),
  denoStep(
    "doc --lint",
    async () => ["doc", "--quiet", "--lint", ...await entryPaths()],
    realComplaints,
  ),
  denoStep(
    "publish --dry-run",
    () => Promise.resolve(["publish", "--quiet", "--dry-run", "--allow-dirty"]),
  ),
  { name: "words", run: findForbiddenWords },
];

if (import.meta.main) {
  killChildrenOnInterrupt();
  Deno.chdir(root);
  let failed = 0;
  for (const step of steps) {
    const started = performance.now();
    const complaint = await step.run().catch((error: unknown) => String(error));
    const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(6);
    console.log(`${complaint === undefined ? "✓" : "✗"} ${step.name.padEnd(20)}${seconds} s`);
    if (complaint === undefined) continue;
    failed++;
    console.log(complaint.trimEnd().replaceAll(/^/gm, "    "));
  }
  console.log(`\n${steps.length - failed} passed, ${failed} failed`);
  Deno.exit(failed === 0 ? 0 : 1);
}
