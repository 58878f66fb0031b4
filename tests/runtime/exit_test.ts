import assert from "node:assert/strict";
import { test } from "../harness.ts";
import { ended, start } from "./child.ts";
import { scenarioNames } from "./program.ts";

/** Between "closed" and the end of the process; a leaked timer or socket lasts far longer. */
const HANGS_AFTER_MS = 20_000;

for (const name of scenarioNames) {
  test(`A process ends by itself, and no exception escapes: ${name}`, async () => {
    const child = start("program", name);
    const timer = setTimeout(() => child.kill("SIGKILL"), HANGS_AFTER_MS);
    const { code, signal, output } = await ended(child);
    clearTimeout(timer);
    assert.deepEqual({ code, signal, output }, { code: 0, signal: null, output: "closed\n" });
  });
}
