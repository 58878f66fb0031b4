import assert from "node:assert/strict";
import { root } from "../../tools/test/process.ts";
import { test } from "../harness.ts";

const UNITS: Readonly<Record<string, number>> = { KiB: 1024, MiB: 1024 * 1024 };

/** The value of `NAME = a * b`, `NAME: number = 1 << 20` or `name: 32`, or `undefined`. */
function constantOf(source: string, name: string): number | undefined {
  const found = new RegExp(`\\b${name}(?:: number)?(?: =|:) ([\\d_x a-f*<]+)[;,]`).exec(source)
    ?.[1];
  if (found === undefined) return undefined;
  const [left, shift] = found.split("<<");
  const product = left!.split("*").reduce((value, part) => {
    return value * Number(part.trim().replaceAll("_", ""));
  }, 1);
  return shift === undefined ? product : product << Number(shift);
}

const security = await Deno.readTextFile(`${root}SECURITY.md`);
const row = /^\| ([^|]+?) +\| (\d+)(?: (KiB|MiB))?[^|]*\| `(\w+)` in `([^`]+)`/gm;
const rows = [...security.matchAll(row)];

test("SECURITY.md has a table of limits", () => {
  assert.ok(rows.length >= 15);
});

for (const [, what, value, unit, name, file] of rows) {
  test(`SECURITY.md tells the limit of ${name}: ${what}`, async () => {
    const source = await Deno.readTextFile(root + file);
    assert.equal(constantOf(source, name!), Number(value) * (UNITS[unit ?? ""] ?? 1));
  });
}
