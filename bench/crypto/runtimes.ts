/** Processes of Node, Deno and Bun. */
import { build } from "esbuild";
import { fileURLToPath } from "node:url";
import { installPackage, packageProgram } from "../../tools/packages.ts";
import { findBun } from "../../tools/test/runners.ts";
import type { BenchOptions } from "./options.ts";
import { type CryptoBenchResult, parseLine, type StartResult } from "./results.ts";
import type { WorkerOrders } from "./worker.ts";

const FOLDER = fileURLToPath(new URL("../../.cache/bench", import.meta.url));

/** Longer than any of it takes, milliseconds. */
const LIMIT_MS = 600_000;

/** A nursery in which many packets' garbage fits, so that its growth can be read, MB. */
const NURSERY_MB = 64;

/** Where the bundles are. */
export interface Bundles {
  readonly worker: string;
  readonly startWorker: string;
  readonly firstPacket: string;
}

/**
 * One bundle for every runtime, since Node 20 reads no TypeScript; beside werift's `node_modules`, so
 * that each runtime finds the build of it that it prefers.
 */
export async function bundleWorkers(): Promise<Bundles> {
  // Without a network there is a benchmark without werift.
  const home = await installPackage("werift").catch(() => FOLDER);
  const bundle = async (name: string): Promise<string> => {
    const outfile = `${home}/crypto_bench_${name}.mjs`;
    await build({
      entryPoints: [fileURLToPath(new URL(`./${name}.ts`, import.meta.url))],
      outfile,
      bundle: true,
      format: "esm",
      platform: "node",
      target: "node20",
      external: ["bun:jsc", "werift"],
      logLevel: "error",
    });
    return outfile;
  };
  return {
    worker: await bundle("worker"),
    startWorker: await bundle("start_worker"),
    firstPacket: await bundle("first_packet"),
  };
}

/** How a runtime is started. `watch` lets garbage grow, so that it can be counted. */
async function command(runtime: string, watch: boolean): Promise<string[]> {
  const nursery = ["min", "max"].map((end) => `--${end}-semi-space-size=${NURSERY_MB}`);
  const v8 = watch ? ["--expose-gc", ...nursery] : [];
  switch (runtime) {
    case "deno":
      return [Deno.execPath(), "run", "-A", ...(watch ? [`--v8-flags=${v8.join(",")}`] : [])];
    case "bun":
      return [await findBun()];
    case "node-26":
      return [await packageProgram("node-26", "node"), ...v8];
    default:
      return ["node", ...v8];
  }
}

/** Runs the worker once and hands over its results as they come. */
export async function runWorker(
  bundles: Bundles,
  orders: WorkerOrders,
  onLine: (result: CryptoBenchResult) => void,
  onProgress: (text: string) => void,
): Promise<void> {
  const watch = orders.mode === "allocation";
  const argv = [...await command(orders.runtime, watch), bundles.worker, JSON.stringify(orders)];
  const take = (line: string): void => {
    const result = parseLine(line);
    if (result !== undefined) onLine(result);
    else if (line.startsWith('{"progress":')) onProgress((JSON.parse(line)).progress as string);
  };
  await runLines(argv, take, watch ? { BUN_JSC_useGC: "0" } : {});
}

/** Starts fresh processes; answers for the quickest. */
export async function measureStart(
  bundles: Bundles,
  runtime: string,
  { starts }: BenchOptions,
): Promise<StartResult> {
  const runs: Omit<StartResult, "kind" | "runtime">[] = [];
  const argv = [...await command(runtime, false), bundles.startWorker, bundles.firstPacket];
  for (let i = 0; i < starts; i++) {
    await runLines(argv, (line) => {
      if (line.startsWith("{")) runs.push(JSON.parse(line));
    });
  }
  // Whatever disturbs a start makes it slower.
  runs.sort((a, b) => a.importMs + a.firstPacketMs - b.importMs - b.firstPacketMs);
  const { version, importMs, firstPacketMs, tenthPacketUs } = runs[0]!;
  return {
    kind: "start",
    runtime,
    version,
    importMs: Number(importMs.toFixed(2)),
    firstPacketMs: Number(firstPacketMs.toFixed(2)),
    tenthPacketUs: Number(tenthPacketUs.toFixed(1)),
  };
}

async function runLines(
  argv: readonly string[],
  onLine: (line: string) => void,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const child = new Deno.Command(argv[0]!, {
    args: argv.slice(1),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: { NODE_NO_WARNINGS: "1", NO_COLOR: "1", ...env },
  }).spawn();
  const timer = setTimeout(() => child.kill("SIGKILL"), LIMIT_MS);
  const errors = new Response(child.stderr).text();
  let rest = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) onLine(line);
  }
  const { success } = await child.status;
  clearTimeout(timer);
  const log = (await errors).trim();
  if (!success) throw new Error(log.split("\n").slice(-12).join("\n") || "the process was ended");
}
