/**
 * One of the two processes of a benchmark. Lines of JSON come and go over standard input and output:
 * `{signal}` is passed on to the other process, `{run}` starts a benchmark, `{result}` ends it.
 *
 * @module
 */
import { createInterface } from "node:readline";
import process from "node:process";
import { setImmediate } from "node:timers";
import { type NodeDataChannelModule, nodeDataChannelStack } from "./peers/node_datachannel.ts";
import type { BenchChannel, BenchPeer, BenchStack, Signal } from "./peers/stack.ts";
import { sternaStack } from "./peers/sterna.ts";
import { type WeriftModule, weriftStack } from "./peers/werift.ts";

interface Run {
  readonly bench: "throughput" | "rate" | "latency" | "connect" | "memory";
  readonly role: "a" | "b";
  /** Bytes per message. */
  readonly size: number;
  /** Milliseconds, rounds or connections. */
  readonly amount: number;
}

type Line = { signal: Signal; id: number } | { run: Run } | { exit: true };

/**
 * Stop sending when this much is buffered: sixteen messages, and not less than 64 KiB. Deep queues of
 * small messages would measure how a stack's queue scales (werift's does not) and not how it sends.
 */
function highWater(): number {
  return Math.max(64 * 1024, 16 * run.size);
}

/** How much a program sends in one turn of its event loop. */
const MESSAGES_PER_TURN = 256;

const peers = new Map<number, BenchPeer>();
const stack = await loadStack(process.argv[2]!);
let run: Run;
let nextId = 1;

const lines = createInterface({ input: process.stdin });
lines.on("line", (text: string) => handle(JSON.parse(text) as Line));
lines.on("close", () => process.exit(0));

/** The stack by its name, which is also that of its package. */
async function loadStack(name: string): Promise<BenchStack> {
  if (name === "sterna") return sternaStack();
  const module = await import(name) as { default?: unknown };
  const exports = module.default ?? module;
  return name === "werift"
    ? weriftStack(exports as WeriftModule)
    : nodeDataChannelStack(exports as NodeDataChannelModule);
}

function print(line: object): void {
  process.stdout.write(JSON.stringify(line) + "\n");
}

function handle(line: Line): void {
  if ("exit" in line) {
    for (const peer of peers.values()) peer.close();
    stack.cleanup();
    process.exit(0);
  } else if ("signal" in line) peerFor(line.id).signal(line.signal);
  else {
    run = line.run;
    if (run.role === "a") void start();
    print({ ready: true });
  }
}

function peerFor(id: number): BenchPeer {
  let peer = peers.get(id);
  if (peer === undefined) {
    peer = stack.peer((signal) => print({ signal, id }));
    peers.set(id, peer);
    peer.onChannel(serve);
  }
  return peer;
}

function connect(): Promise<{ channel: BenchChannel; id: number }> {
  const id = nextId++;
  const channel = peerFor(id).open("bench", { ordered: true });
  return new Promise((resolve) => channel.onOpen(() => resolve({ channel, id })));
}

function drop(id: number): void {
  peers.get(id)?.close();
  peers.delete(id);
}

async function start(): Promise<void> {
  switch (run.bench) {
    case "throughput":
    case "rate":
      return flood((await connect()).channel);
    case "latency":
      return pingPong((await connect()).channel);
    case "connect":
      return await connectOften();
    case "memory":
      return await connectMany();
  }
}

/** The receiver's side of throughput and rate, and the echo of the latency benchmark. */
function serve(channel: BenchChannel): void {
  if (run.bench === "latency") {
    const answer = new Uint8Array(run.size);
    channel.onMessage(() => channel.send(answer));
  } else if (run.bench === "throughput" || run.bench === "rate") measure(channel);
}

/** Counts from the end of a warm-up on; the rate is that of the receiver. */
function measure(channel: BenchChannel): void {
  const warmUpMs = run.amount / 4;
  let first = 0, messages = 0, bytes = 0, done = false, from = 0;
  channel.onMessage((size) => {
    if (done) return;
    const now = performance.now();
    if (first === 0) first = now;
    if (now - first < warmUpMs) return;
    if (from === 0) from = now;
    else {
      messages++;
      bytes += size;
    }
    if (now - from < run.amount) return;
    done = true;
    const seconds = (now - from) / 1000;
    print({ result: run.bench === "rate" ? messages / seconds : bytes / 1e6 / seconds });
  });
}

function flood(channel: BenchChannel): void {
  const data = new Uint8Array(run.size).fill(0x5a);
  const fill = () => {
    for (let i = 0; channel.bufferedAmount() < highWater(); i++) {
      // Some stacks count what is buffered a turn later: let them, instead of flooding them.
      if (i === MESSAGES_PER_TURN) return void setImmediate(fill);
      channel.send(data);
    }
  };
  channel.onLow(highWater() / 4, fill);
  fill();
}

function pingPong(channel: BenchChannel): void {
  const data = new Uint8Array(run.size);
  const times: number[] = [];
  let sentAt = 0;
  const ping = () => {
    sentAt = performance.now();
    channel.send(data);
  };
  channel.onMessage(() => {
    times.push(performance.now() - sentAt);
    if (times.length < run.amount) ping();
    // The first half warms up the engines.
    else print({ result: 1000 * median(times.slice(times.length / 2)) });
  });
  ping();
}

async function connectOften(): Promise<void> {
  const times: number[] = [];
  for (let i = 0; i < run.amount; i++) {
    const from = performance.now();
    const { id } = await connect();
    times.push(performance.now() - from);
    drop(id);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  print({ result: median(times.slice(times.length / 4)) });
}

async function connectMany(): Promise<void> {
  // A few connections first, so that code and caches are not counted.
  for (let i = 0; i < 5; i++) await connect();
  const before = residentBytes();
  for (let i = 0; i < run.amount; i++) await connect();
  print({ result: (residentBytes() - before) / run.amount / 1000 });
}

function residentBytes(): number {
  const collect = (globalThis as { gc?: () => void }).gc;
  collect?.();
  collect?.();
  return process.memoryUsage().rss;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
