/** The benchmark of SRTP itself, in a run that is too short for figures. */
import assert from "node:assert/strict";
import { readOptions } from "../../bench/crypto/options.ts";
import { PROFILES, TAG_BYTES } from "../../bench/crypto/packet_set.ts";
import { type CryptoBenchResult, parseLine } from "../../bench/crypto/results.ts";
import { allTables } from "../../bench/crypto/tables.ts";
import { root, runProcess } from "../../tools/test/process.ts";
import { test } from "../harness.ts";

const LIMIT_MS = 100_000;

/** Whom every machine has, and how many packets a call they get. */
const BATCHES = {
  ...{
    "sterna": [1, 8, 64],
    "wasm": [1, 8, 64],
    "hybrid": [1, 8, 64],
    "native": [1, 64],
    "ts": [64],
  },
  ...{ "node:crypto": [1], "noble": [1] },
};

async function quickRun(): Promise<CryptoBenchResult[]> {
  const main = `${root}bench/crypto/main.ts`;
  const lines: string[] = [];
  const { code, output } = await runProcess({
    command: Deno.execPath(),
    args: ["run", "-A", "--no-check", main, "--quick", "--json", "--runtime=deno"],
    limitMs: LIMIT_MS,
    onLine: (line) => void (line.startsWith("{") && lines.push(line)),
  });
  assert.equal(code, 0, output);
  return lines.map((line) => {
    const result = parseLine(line);
    assert.ok(result !== undefined, `not a result: ${line}`);
    return result;
  });
}

test("bench:crypto measures every profile both ways, and all subjects make the same packets", async () => {
  const results = await quickRun();
  const packets = results.filter((one) => one.kind === "packet");
  for (const profile of PROFILES) {
    const of = packets.filter((one) => one.profile === profile);
    for (const [subject, expected] of Object.entries(BATCHES)) {
      for (const direction of ["protect", "unprotect"]) {
        const found = of.filter((one) => one.subject === subject && one.direction === direction);
        const batches = found.map(({ batch }) => batch);
        assert.deepEqual(batches, expected, `${profile} ${subject} ${direction}`);
      }
    }
    const checks = new Set(of.map(({ check }) => check));
    assert.equal(checks.size, 1, `${profile}: ${[...checks]}`);
    assert.equal([...checks][0]!.length, 2 * TAG_BYTES[profile]);
  }
  const [start] = results.filter((one) => one.kind === "start");
  assert.equal(start?.runtime, "deno");
  const allocation = results.filter((one) => one.kind === "allocation");
  const inWasm = allocation.find((one) => one.subject === "wasm" && one.batch === 64);
  assert.equal(inWasm?.inWasmMemory, true);
  const tables = allTables(results);
  for (const title of ["### Deno", "### Garbage", "### From the first import"]) {
    assert.ok(tables.includes(title), tables);
  }
});

test("bench:crypto refuses options that it does not know", () => {
  assert.throws(() => readOptions(["--fast"]), RangeError);
  assert.throws(() => readOptions(["--runtime=nothing"]), RangeError);
  assert.throws(() => readOptions(["--size=0"]), RangeError);
  assert.deepEqual(readOptions(["--profile=GCM", "--runtime=bun,deno"]).runtimes, ["deno", "bun"]);
});
