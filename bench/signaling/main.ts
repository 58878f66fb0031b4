/**
 * The benchmark of signaling: our routes, with tokens and limits, beside a raw WebSocket relay on Hono,
 * the PeerJS server and Socket.IO, in every runtime that is here. The load comes from another process.
 *
 * ```
 * deno task bench:signaling                    everything, as tables
 * deno task bench:signaling --json             one line of JSON per result (results.ts)
 * deno task bench:signaling --markdown         tables, and what they were measured with
 * deno task bench:signaling --quick --runtime=node,bun --subject=relay,sterna --measure=throughput
 * deno task bench:signaling --profile          also writes profiles of our server in Node
 * ```
 *
 * @module
 */
import { stop } from "esbuild";
import { cpus } from "node:os";
import { root } from "../../tools/test/process.ts";
import type { LineProcess } from "./child.ts";
import { type BenchOptions, readOptions, type RuntimeName } from "./options.ts";
import type { LoadAnswer, LoadOrder, MessageKind, SubjectName } from "./protocol.ts";
import { type BenchResult, tables } from "./results.ts";
import { type BenchServer, isSupported, startLoad, startServer } from "./servers.ts";

/** Connections that are there before memory is first looked at: code and pools are paid for. */
const WARM_CLIENTS = 200;
/** Garbage of the handshakes is gone then, milliseconds. */
const SETTLE_MS = 1500;

const options = readOptions(Deno.args);
const results: BenchResult[] = [];

function add(result: BenchResult): void {
  results.push(result);
  if (options.output === "json") console.log(JSON.stringify(result));
}

function progress(text: string): void {
  if (!Deno.stderr.isTerminal()) return;
  Deno.stderr.writeSync(new TextEncoder().encode(`\r\x1b[K${text}`));
}

async function ask(load: LineProcess, order: LoadOrder): Promise<number> {
  await load.tell(order);
  const { value, error } = await load.next<LoadAnswer>("value");
  if (error !== undefined) throw new Error(`${order.subject}: ${error}`);
  return value;
}

/** All servers of a runtime wait side by side and take turns, so that disturbances hit all alike. */
async function measureTraffic(
  runtime: RuntimeName,
  subjects: readonly SubjectName[],
): Promise<void> {
  const { clients, messages, measures } = options;
  const load = await startLoad();
  const servers: BenchServer[] = [];
  try {
    for (const subject of subjects) {
      const server = await startServer(runtime, subject, profileFlags(runtime));
      servers.push(server);
      await ask(load, { order: "open", subject, port: server.port, clients });
    }
    for (const message of messages) {
      const best = await measureThroughput(load, runtime, subjects, message);
      if (measures.includes("latency")) await measureLatency(load, runtime, best, message);
    }
  } finally {
    // First the clients: a server may wait for them.
    await load.stop();
    for (const { process } of servers) await process.stop(options.profile ? "SIGINT" : "SIGTERM");
  }
}

async function measureThroughput(
  load: LineProcess,
  runtime: RuntimeName,
  subjects: readonly SubjectName[],
  message: MessageKind,
): Promise<Map<SubjectName, number>> {
  const best = new Map<SubjectName, number>();
  const { window, turnMs: ms } = options;
  for (let round = 0; round < options.rounds; round++) {
    for (const subject of subjects) {
      progress(`${runtime}: ${message}, round ${round + 1} of ${options.rounds}, ${subject}`);
      const rate = await ask(load, { order: "throughput", subject, message, window, ms });
      best.set(subject, Math.max(best.get(subject) ?? 0, rate));
    }
  }
  if (options.measures.includes("throughput")) {
    for (const [subject, value] of best) {
      add({ runtime, subject, measure: "throughput", message, value });
    }
  }
  return best;
}

/** All at the same rate: half of what the slowest of them takes. */
async function measureLatency(
  load: LineProcess,
  runtime: RuntimeName,
  rates: ReadonlyMap<SubjectName, number>,
  message: MessageKind,
): Promise<void> {
  const best = new Map<SubjectName, number>();
  const rate = Math.min(...rates.values()) / 2;
  for (let round = 0; round < options.rounds; round++) {
    for (const subject of rates.keys()) {
      progress(`${runtime}: latency of ${message}, round ${round + 1}, ${subject}`);
      const order = { order: "latency", subject, message, rate, ms: options.turnMs } as const;
      best.set(subject, Math.min(best.get(subject) ?? Infinity, await ask(load, order)));
    }
  }
  for (const [subject, value] of best) {
    add({ runtime, subject, measure: "latency", message, value });
  }
}

async function measureMemory(runtime: RuntimeName, subject: SubjectName): Promise<void> {
  progress(`${runtime}: memory, ${subject}`);
  const load = await startLoad();
  const { process, port } = await startServer(runtime, subject);
  const settledAt = async (clients: number): Promise<number> => {
    await ask(load, { order: "open", subject, port, clients });
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    return process.memory();
  };
  try {
    const before = await settledAt(WARM_CLIENTS);
    const after = await settledAt(options.idle);
    const value = (after - before) / (options.idle - WARM_CLIENTS);
    add({ runtime, subject, measure: "memory", value });
  } finally {
    await load.stop();
    await process.stop();
  }
}

function profileFlags(runtime: RuntimeName): string[] {
  if (!options.profile || runtime !== "node") return [];
  return ["--cpu-prof", `--cpu-prof-dir=${root}.cache/bench/profiles`];
}

/** What the figures were measured with. */
function machine({ clients, window }: BenchOptions): string {
  const processors = cpus();
  const model = processors[0]?.model.trim() ?? "unknown processor";
  const load = Deno.loadavg()[0]!.toFixed(1);
  const { os, arch } = Deno.build;
  return `${new Date().toISOString().slice(0, 10)}; ${processors.length} × ${model}, ${os} on ` +
    `${arch}, load ${load} at the end; ${clients} clients in rooms of two, ${window} messages of ` +
    `each on the way.`;
}

for (const runtime of options.runtimes) {
  const subjects = options.subjects.filter((subject) => isSupported(runtime, subject));
  const attempt = (work: Promise<void>): Promise<void> =>
    work.catch((error: Error) => console.error(`\r\x1b[K${runtime}: ${error.message}`));
  if (options.measures.some((measure) => measure !== "memory")) {
    await attempt(measureTraffic(runtime, subjects));
  }
  if (!options.measures.includes("memory")) continue;
  for (const subject of subjects) await attempt(measureMemory(runtime, subject));
}
progress("");
if (options.output === "markdown") console.log(`${machine(options)}\n`);
if (options.output !== "json") console.log(tables(results));
await stop();
