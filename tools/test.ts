/**
 * Runs the test suites, fast ones first, and closes with one line: `N passed, N failed, N skipped`.
 *
 * ```sh
 * deno task test                 # everything that this machine can run
 * deno task test deno node       # some suites
 * STERNA_REQUIRE_ALL=1 deno task test    # a skipped test is a failure
 * ```
 *
 * @module
 */
import process from "node:process";
import { addOutcomes, NOTHING, type Outcome } from "./test/outcome.ts";
import { killChildrenOnInterrupt, root, runProcess } from "./test/process.ts";
import { type Suite, suites } from "./test/suites.ts";

const requireAll = Deno.env.get("STERNA_REQUIRE_ALL") === "1";
const isTerminal = Deno.stdout.isTerminal();

function write(text: string): void {
  process.stdout.write(text);
}

function chooseSuites(names: readonly string[]): Suite[] {
  for (const name of names) {
    if (!suites.some((suite) => suite.name === name)) {
      console.error(`There is no suite "${name}". The suites:`);
      for (const suite of suites) console.error(`  ${suite.name.padEnd(10)}${suite.about}`);
      Deno.exit(2);
    }
  }
  if (names.length > 0) return suites.filter((suite) => names.includes(suite.name));
  return suites.filter((suite) => requireAll || !(suite.extra ?? false));
}

/** Shows that something happens: a live line on a terminal, now and then a dot line in a log. */
function liveCount(name: string): { tick: () => void; end: () => void } {
  let count = 0;
  const draw = (): void => write(`\r\x1b[2K  … ${name}: ${count} tests`);
  const timer = setInterval(() => {
    if (!isTerminal) write(`  … ${name}: ${count} tests so far\n`);
  }, 20_000);
  if (isTerminal) draw();
  return {
    tick: () => {
      count++;
      if (isTerminal && count % 7 === 0) draw();
    },
    end: () => {
      clearInterval(timer);
      if (isTerminal) write("\r\x1b[2K");
    },
  };
}

async function runSuite(suite: Suite): Promise<Outcome> {
  const started = performance.now();
  const live = liveCount(suite.name);
  let outcome: Outcome;
  try {
    outcome = await suite.run(suite.limitMs, live.tick);
  } catch (error) {
    const details = error instanceof Error ? error.stack ?? error.message : String(error);
    outcome = { ...NOTHING, failed: 1, details };
  } finally {
    live.end();
  }
  if (requireAll && outcome.skipped > 0) {
    outcome = { ...outcome, failed: outcome.failed + outcome.skipped, skipped: 0 };
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const mark = outcome.failed > 0 ? "✗" : outcome.passed > 0 ? "✓" : "–";
  write(
    `${mark} ${suite.name.padEnd(10)}${String(outcome.passed).padStart(6)} passed` +
      `${String(outcome.failed).padStart(4)} failed${String(outcome.skipped).padStart(4)} skipped` +
      `${seconds.padStart(8)} s   ${suite.about}\n`,
  );
  if (outcome.details !== "") write(outcome.details.replaceAll(/^/gm, "    ") + "\n");
  return outcome;
}

/** Bun and Node look for dependencies in `node_modules`; a fresh clone has none. */
async function installDependencies(): Promise<void> {
  const result = await runProcess({
    command: Deno.execPath(),
    args: ["install", "--quiet"],
    limitMs: 180_000,
  });
  if (result.code !== 0) throw new Error(`deno install failed:\n${result.output}`);
}

if (import.meta.main) {
  killChildrenOnInterrupt();
  Deno.chdir(root);
  const chosen = chooseSuites(Deno.args);
  await installDependencies();
  let total = NOTHING;
  for (const suite of chosen) total = addOutcomes(total, await runSuite(suite));
  write(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
  Deno.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);
}
