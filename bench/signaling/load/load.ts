/**
 * The load generator: a process of its own. Orders come as lines on standard input, answers go as
 * lines to standard output.
 */
import process from "node:process";
import { createInterface } from "node:readline";
import type { LoadAnswer, LoadOrder, MessageKind, SubjectName } from "../protocol.ts";
import { type Dialect, dialectOf } from "./dialects.ts";
import { FrameSocket } from "./frame_socket.ts";

/** Connections that are being made at once. */
const OPENING = 50;
/** So long may {@linkcode OPENING} of them take, milliseconds. */
const OPEN_LIMIT_MS = 10_000;
const WARM_UP = 0.2;
const PERCENTILE = 0.99;

/** One client and its connection. */
class Client {
  readonly dialect: Dialect;
  readonly #socket: FrameSocket;
  /** Called for every relayed message that comes. */
  onRelayed: () => void = () => {};
  fault: string | undefined;

  constructor(subject: SubjectName, port: number, index: number) {
    const dialect = dialectOf(subject, index);
    this.dialect = dialect;
    this.#socket = new FrameSocket({ ...dialect.target, port }, (bytes, start, end) => {
      if (dialect.isRelayed(bytes, start)) return this.onRelayed();
      const answer = dialect.hear(bytes.toString("utf8", start, end));
      if (answer !== undefined) this.#socket.send(answer);
    }, (reason) => this.fault ??= reason);
    if (dialect.greeting !== undefined) this.#socket.send(dialect.greeting);
  }

  send(kind: MessageKind): void {
    this.#socket.send(this.dialect.message(kind));
  }

  close(): void {
    this.#socket.destroy();
  }
}

const groups = new Map<SubjectName, Client[]>();

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function open(subject: SubjectName, port: number, count: number): Promise<number> {
  close(subject);
  const clients: Client[] = [];
  groups.set(subject, clients);
  const settle = async (): Promise<void> => {
    const deadline = performance.now() + OPEN_LIMIT_MS;
    while (!clients.slice(-OPENING * 2).every(({ dialect }) => dialect.isReady())) {
      const faulty = clients.find(({ fault }) => fault !== undefined);
      if (faulty !== undefined) throw new Error(`a client was closed: ${faulty.fault}`);
      if (performance.now() > deadline) throw new Error("the clients do not get in");
      await pause(2);
    }
  };
  while (clients.length < count) {
    clients.push(new Client(subject, port, clients.length));
    if (clients.length % OPENING === 0) await settle();
  }
  await settle();
  return clients.length;
}

function close(subject: SubjectName): void {
  for (const client of groups.get(subject) ?? []) client.close();
  groups.delete(subject);
}

/** Closed loop: each message that arrives lets its receiver's partner send the next. */
async function throughput(
  clients: readonly Client[],
  kind: MessageKind,
  window: number,
  ms: number,
): Promise<number> {
  let received = 0, isOver = false, onTheWay = 0;
  clients.forEach((client, index) => {
    const partner = clients[index ^ 1]!;
    client.onRelayed = () => {
      received++;
      if (isOver) onTheWay--;
      else partner.send(kind);
    };
    for (let i = 0; i < window; i++) client.send(kind);
    onTheWay += window;
  });
  await pause(ms * WARM_UP);
  const before = received, start = performance.now();
  await pause(ms);
  const rate = (received - before) / (performance.now() - start) * 1000;
  isOver = true;
  await drained(() => onTheWay);
  check(clients);
  return rate;
}

/** Open loop: messages leave at their times, whatever the server does, and count from then. */
async function latency(
  clients: readonly Client[],
  kind: MessageKind,
  rate: number,
  ms: number,
): Promise<number> {
  const times: number[] = [];
  let onTheWay = 0, from = Infinity;
  /** When the messages on the way to each client were to leave, in order. */
  const leaving = clients.map(() => [] as number[]), heads = clients.map(() => 0);
  clients.forEach((client, index) => {
    client.onRelayed = () => {
      onTheWay--;
      const at = leaving[index]![heads[index]!++]!;
      if (at >= from) times.push(performance.now() - at);
    };
  });
  const start = performance.now();
  from = start + ms * WARM_UP;
  let sent = 0;
  for (;;) {
    const now = performance.now();
    if (now - start >= ms * (1 + WARM_UP)) break;
    for (const due = (now - start) * rate / 1000; sent < due; sent++) {
      const index = sent % clients.length;
      leaving[index ^ 1]!.push(start + sent * 1000 / rate);
      clients[index]!.send(kind);
      onTheWay++;
    }
    await pause(1);
  }
  await drained(() => onTheWay);
  check(clients);
  return times.sort((a, b) => a - b)[Math.floor(times.length * PERCENTILE)] ?? NaN;
}

async function drained(left: () => number): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (left() > 0) {
    if (performance.now() > deadline) throw new Error(`${left()} messages were lost`);
    await pause(5);
  }
}

function check(clients: readonly Client[]): void {
  const faulty = clients.find(({ fault }) => fault !== undefined);
  if (faulty !== undefined) throw new Error(`a client was closed: ${faulty.fault}`);
}

async function obey(order: LoadOrder): Promise<number> {
  if (order.order === "open") return await open(order.subject, order.port, order.clients);
  if (order.order === "close") {
    close(order.subject);
    return 0;
  }
  const clients = groups.get(order.subject) ?? [];
  return order.order === "throughput"
    ? await throughput(clients, order.message, order.window, order.ms)
    : await latency(clients, order.message, order.rate, order.ms);
}

for await (const line of createInterface({ input: process.stdin })) {
  const answer: LoadAnswer = await obey(JSON.parse(line) as LoadOrder).then(
    (value) => ({ value }),
    (error: Error) => ({ value: NaN, error: error.message }),
  );
  process.stdout.write(JSON.stringify(answer) + "\n");
}
process.exit(0);
