/**
 * Runs `tests/soak`: many hours of calls on the virtual network, which take minutes, because time
 * there jumps from one deadline to the next.
 *
 * ```sh
 * deno task soak                # ten virtual hours, a new seed
 * deno task soak --hours 1000 --seed 7
 * ```
 *
 * The tests read `STERNA_SOAK_HOURS` and `STERNA_SEED` through `tests/soak/settings.ts`.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { testFiles } from "./test/files.ts";
import { killChildrenOnInterrupt, runProcess } from "./test/process.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    /** Virtual hours per scenario. */
    hours: { type: "string", default: "10" },
    /** Seed; by default another one every time. */
    seed: { type: "string" },
    /** Real time after which a scenario hangs. */
    minutes: { type: "string", default: "30" },
  },
});

killChildrenOnInterrupt();
const seed = values.seed ?? String(crypto.getRandomValues(new Int32Array(1))[0]);
const files = await testFiles(["tests/soak"], /_test\.ts$/);
let passed = 0, failed = files.length === 0 ? 1 : 0;
console.log(`${files.length} scenarios, ${values.hours} virtual hours each, seed ${seed}`);
for (const file of files) {
  const started = performance.now();
  const result = await runProcess({
    command: Deno.execPath(),
    args: ["test", "--allow-all", "--no-check", file],
    env: { STERNA_SOAK_HOURS: values.hours, STERNA_SEED: seed },
    limitMs: Number(values.minutes) * 60_000,
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${result.code === 0 ? "✓" : "✗"} ${file} ${seconds} s`);
  if (result.code === 0) passed++;
  else {
    failed++;
    console.log(result.timedOut ? "killed: it hangs" : "", result.output);
    console.log(`Again: deno task soak --hours ${values.hours} --seed ${seed}`);
  }
}
console.log(`\n${passed} passed, ${failed} failed`);
Deno.exit(failed === 0 ? 0 : 1);
