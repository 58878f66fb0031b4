/**
 * The data-channel benchmarks: Sterna side by side with other stacks, each end in a process of its
 * own on loopback, in every runtime that is here.
 *
 * ```
 * deno task bench                              all of it, as a table
 * deno task bench --json                       one line of JSON per result
 * deno task bench --runtime=node --peer=sterna,werift --bench=connect --seconds=2
 * ```
 *
 * @module
 */
import { build } from "esbuild";
import { fileURLToPath } from "node:url";
import { installPackage, packageProgram } from "../tools/packages.ts";
import { type BenchResult, ratioTable } from "./report.ts";
import { runPair, type RunSpec } from "./pair.ts";

/** A column of the table. */
interface BenchKind {
  readonly name: string;
  readonly unit: string;
  readonly spec: (seconds: number) => RunSpec;
}

const BENCHES: readonly BenchKind[] = [
  ...[["64 KiB", 65_536], ["16 KiB", 16_384], ["1200 B", 1200]].map(([label, size]) => ({
    name: `throughput ${label}`,
    unit: "MB/s",
    spec: (seconds: number): RunSpec => ({
      bench: "throughput",
      size: size as number,
      amount: 1000 * seconds,
    }),
  })),
  {
    name: "messages 100 B",
    unit: "k/s",
    spec: (seconds) => ({ bench: "rate", size: 100, amount: 1000 * seconds, scale: 1e-3 }),
  },
  {
    name: "ping-pong 64 B",
    unit: "µs",
    spec: () => ({ bench: "latency", size: 64, amount: 4000 }),
  },
  { name: "connect", unit: "ms", spec: () => ({ bench: "connect", size: 0, amount: 24 }) },
  { name: "memory", unit: "kB", spec: () => ({ bench: "memory", size: 0, amount: 60 }) },
];

const PACKAGES = { werift: "werift", "node-datachannel": "node-datachannel" } as const;

const flags = new Map(
  Deno.args.map((arg) => arg.replace(/^--/, "").split("=") as [string, string | undefined]),
);

function chosen(flag: string, all: readonly string[]): string[] {
  const wanted = flags.get(flag)?.split(",");
  return wanted === undefined ? [...all] : all.filter((one) => wanted.some((w) => one.includes(w)));
}

/**
 * One bundle for every runtime, since Node 20 reads no TypeScript. It is put beside the stack's own
 * `node_modules`, so that each runtime finds the build that it prefers.
 */
async function bundleWorker(peer: string): Promise<string> {
  const name = PACKAGES[peer as keyof typeof PACKAGES];
  const home = name === undefined
    ? fileURLToPath(new URL("../.cache/bench", import.meta.url))
    : await installPackage(name);
  const outfile = `${home}/bench_worker.mjs`;
  await build({
    entryPoints: [fileURLToPath(new URL("./worker.ts", import.meta.url))],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "error",
  });
  return outfile;
}

async function command(runtime: string): Promise<string[]> {
  switch (runtime) {
    case "deno":
      return [Deno.execPath(), "run", "-A", "--unstable-net", "--v8-flags=--expose-gc"];
    case "bun":
      return [await packageProgram("bun", "bun"), "--expose-gc"];
    default:
      return ["node", "--expose-gc"];
  }
}

const results: BenchResult[] = [];
const seconds = Number(flags.get("seconds") ?? 4);
const json = flags.has("json");
const peers = chosen("peer", ["sterna", "werift", "node-datachannel"]);
const workers = new Map<string, string>();
for (const peer of peers) workers.set(peer, await bundleWorker(peer));

for (const runtime of chosen("runtime", ["node", "deno", "bun"])) {
  for (const kind of BENCHES.filter(({ name }) => chosen("bench", [name]).length > 0)) {
    for (const peer of peers) {
      const head = `${runtime.padEnd(5)} ${kind.name.padEnd(18)} ${peer}`;
      if (!json) Deno.stderr.writeSync(new TextEncoder().encode(`\r\x1b[K${head} …`));
      const argv = [...await command(runtime), workers.get(peer)!, peer];
      const value = await runPair(argv, kind.spec(seconds)).catch((error: Error) => {
        console.error(`\r\x1b[K${head}: ${error.message}`);
        return undefined;
      });
      if (value === undefined) continue;
      const result = { bench: kind.name, runtime, peer, value, unit: kind.unit };
      results.push(result);
      if (json) console.log(JSON.stringify(result));
    }
  }
}
if (!json) console.log("\r\x1b[K" + ratioTable(results));
Deno.exit(0);
