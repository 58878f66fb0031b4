/** Clients and servers on virtual time, with links that have a delay and break. */
import type { ClientMachineOptions } from "../../src/signaling/client_actions.ts";
import { ClientMachine } from "../../src/signaling/client_machine.ts";
import type {
  SignalingEvent,
  SignalingEvents,
  Transport,
} from "../../src/signaling/client_events.ts";
import { MemoryStore, type SignalingLimits } from "../../src/signaling/mod.ts";
import { Bench } from "./machine.ts";

/** Limits that never stand in the way. */
export const WIDE: Partial<SignalingLimits> = {
  messagesPerSecond: 1e6,
  messageBurst: 1e6,
  messagesPerSecondPerAddress: 1e6,
  messageBurstPerAddress: 1e6,
  bytesPerSecond: 1e9,
  byteBurst: 1e9,
  replayEntries: 1e6,
  replayLength: 1e9,
};

/** Numbers from a seed (xorshift32, Marsaglia 2003): 0 to 1. */
export function seededRandom(seed: number): () => number {
  let x = seed * 0x9e3779b1 | 1;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) / 0x1_0000_0000;
  };
}

interface Task {
  at: number;
  order: number;
  work: () => void;
}

/** Tasks by time: a binary heap. */
class TaskHeap {
  readonly #tasks: Task[] = [];

  get first(): Task | undefined {
    return this.#tasks[0];
  }

  push(task: Task): void {
    const tasks = this.#tasks;
    let at = tasks.push(task) - 1;
    for (let up = (at - 1) >> 1; at > 0 && isBefore(task, tasks[up]!); up = (at - 1) >> 1) {
      tasks[at] = tasks[up]!;
      tasks[at = up] = task;
    }
  }

  shift(): void {
    const tasks = this.#tasks, task = tasks.pop()!;
    if (tasks.length === 0) return;
    tasks[0] = task;
    for (let at = 0;;) {
      const left = 2 * at + 1, right = left + 1;
      let down = left;
      if (right < tasks.length && isBefore(tasks[right]!, tasks[left]!)) down = right;
      if (down >= tasks.length || !isBefore(tasks[down]!, task)) return;
      tasks[at] = tasks[down]!;
      tasks[at = down] = task;
    }
  }
}

function isBefore(a: Task, b: Task): boolean {
  return a.at < b.at || a.at === b.at && a.order < b.order;
}

/** One connection between a client and a server. */
interface VirtualLink {
  client: VirtualClient;
  id: number;
  transport: Transport;
  bench: Bench;
  connection: number;
  /** Nothing passes any more. */
  isBroken: boolean;
  /** The client has closed it: a request that is on its way arrives nevertheless. */
  isHungUp: boolean;
  downAt: number;
  upAt: number;
}

/** A client on the virtual network. */
export class VirtualClient {
  readonly machine: ClientMachine;
  readonly events: SignalingEvent[] = [];
  /** What `token` actions are answered with. */
  token: () => string | undefined = () => undefined;
  tokensAsked = 0;
  onEvent: (event: SignalingEvent) => void = () => {};
  readonly links: Map<number, VirtualLink> = new Map();
  opened: Transport[] = [];

  constructor(options: ClientMachineOptions) {
    this.machine = new ClientMachine(options);
  }

  /** Events of one type, in order. */
  all<Type extends keyof SignalingEvents>(type: Type): SignalingEvents[Type][] {
    const found = this.events.filter((event) => event.type === type);
    return found.map(({ detail }) => detail as SignalingEvents[Type]);
  }
}

/** The virtual network. */
export class World {
  readonly clock: { now: number } = { now: 0 };
  readonly random: () => number;
  readonly clients: VirtualClient[] = [];
  readonly #limits: Partial<SignalingLimits>;
  readonly #store: MemoryStore;
  readonly #tasks = new TaskHeap();
  bench: Bench;
  /** Transports that do not get through. */
  blocked: Set<Transport> = new Set();
  /** Whether the server cannot be reached at all. */
  isDown = false;
  /** Longest delay of a message, milliseconds. */
  delayMs = 20;
  #order = 0;
  #instances = 0;

  constructor(seed: number, limits: Partial<SignalingLimits> = WIDE, needsToken = false) {
    this.random = seededRandom(seed);
    this.#limits = limits;
    this.#store = new MemoryStore(() => this.clock.now);
    this.bench = this.#newBench(needsToken);
  }

  get now(): number {
    return this.clock.now;
  }

  /** A client that connects at once. */
  join(name: string, options: Partial<ClientMachineOptions> = {}): VirtualClient {
    const client = new VirtualClient({
      room: "r",
      metadata: { name, kind: "" },
      random: this.random,
      transports: ["websocket", "stream"],
      ...options,
    });
    this.clients.push(client);
    this.act(client, () => client.machine.start(this.now));
    return client;
  }

  /** Does something with a client's machine and everything that follows at once. */
  act(client: VirtualClient, work: () => void): void {
    work();
    const { machine } = client;
    for (let action = machine.pollAction(); action; action = machine.pollAction()) {
      switch (action.type) {
        case "token":
          client.tokensAsked++;
          this.later(1, () => {
            this.act(client, () => machine.handleToken(this.now, client.token(), "no token"));
          });
          break;
        case "open":
          client.opened.push(action.transport);
          this.#open(client, action.link, action.transport, action.join);
          break;
        case "send":
          this.#up(client.links.get(action.link), action.text);
          break;
        case "post":
          this.#post(client.links.get(action.link), action.text);
          break;
        case "close":
          this.#hangUp(client.links.get(action.link), action.code === 1000);
          client.links.delete(action.link);
      }
    }
    for (let event = machine.pollEvent(); event; event = machine.pollEvent()) {
      client.events.push(event);
      client.onEvent(event);
    }
  }

  /** A client says something to another, or to all. */
  say(client: VirtualClient, data: unknown, to?: string): void {
    const message = { type: "data", data, ...(to !== undefined && { to }) } as const;
    const body = JSON.stringify(message);
    this.act(client, () => client.machine.send(this.now, message, body, body.length));
  }

  /** Breaks a client's links; when `isSilent`, the client is not told. */
  cut(client: VirtualClient, isSilent = false): void {
    for (const link of client.links.values()) {
      if (link.isBroken) continue;
      link.isBroken = true;
      const notice = this.random() * 100;
      this.later(notice, () => {
        link.bench.disconnect(link.connection);
        this.pump();
      });
      if (!isSilent) {
        this.later(this.random() * 50, () => {
          this.act(client, () => client.machine.handleClosed(this.now, link.id, ""));
        });
      }
    }
  }

  /** Another instance takes over; the old one dies without a word. */
  restart(): void {
    this.bench.isDead = true;
    for (const client of this.clients) {
      for (const link of client.links.values()) {
        if (link.isBroken) continue;
        link.isBroken = true;
        this.later(this.random() * 10, () => {
          this.act(client, () => client.machine.handleClosed(this.now, link.id, ""));
        });
      }
    }
    this.bench = this.#newBench(false);
  }

  later(ms: number, work: () => void): void {
    this.#tasks.push({ at: this.now + ms, order: this.#order++, work });
  }

  /** Lets time pass. */
  advance(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const task = this.#tasks.first;
      const deadlines = this.clients.map(({ machine }) => machine.pollTimeout());
      const benchAt = this.bench.machine.pollTimeout();
      const at = Math.max(this.now, Math.min(task?.at ?? Infinity, benchAt, ...deadlines));
      if (at > end) break;
      this.clock.now = at;
      if (task !== undefined && task.at <= at) {
        this.#tasks.shift();
        task.work();
      } else if (benchAt <= at) {
        this.bench.timeout();
      } else {
        const client = this.clients[deadlines.findIndex((deadline) => deadline <= at)]!;
        this.act(client, () => client.machine.handleTimeout(at));
      }
      this.pump();
    }
    this.clock.now = end;
  }

  /** Takes what the server said onto the links. */
  pump(): void {
    for (const client of this.clients) {
      for (const link of client.links.values()) {
        if (link.connection < 0) continue;
        for (const message of link.bench.take(link.connection)) {
          this.#down(
            link,
            () => client.machine.handleText(this.now, link.id, JSON.stringify(message)),
          );
        }
        const closed = link.bench.closed.get(link.connection);
        if (closed === undefined) continue;
        link.bench.closed.delete(link.connection);
        this.#down(link, () => client.machine.handleClosed(this.now, link.id, closed.reason));
      }
    }
  }

  #newBench(needsToken: boolean): Bench {
    const { clock } = this, instance = (++this.#instances).toString(16).padStart(16, "0");
    return new Bench(this.#limits, {
      seed: this.#instances,
      store: this.#store,
      clock,
      instance,
      needsToken,
    });
  }

  #delay(): number {
    return 1 + this.random() * this.delayMs;
  }

  #open(client: VirtualClient, id: number, transport: Transport, join: string): void {
    const { bench } = this;
    const link: VirtualLink = {
      ...{ client, id, transport, bench, connection: -1, isBroken: false, isHungUp: false },
      ...{ downAt: 0, upAt: 0 },
    };
    client.links.set(id, link);
    this.later(this.#delay(), () => {
      if (link.isBroken) return;
      const refusal = this.isDown || this.blocked.has(transport) || bench.isDead ||
        bench.machine.refusal(undefined);
      if (refusal) {
        const reason = typeof refusal === "string" ? refusal : "";
        return this.act(client, () => client.machine.handleClosed(this.now, id, reason));
      }
      link.connection = bench.connect({ kind: transport === "stream" ? "stream" : "socket" });
      bench.sendText(link.connection, join);
      this.pump();
    });
  }

  #up(link: VirtualLink | undefined, text: string): void {
    if (link === undefined || link.isBroken) return;
    link.upAt = Math.max(link.upAt, this.now + this.#delay());
    this.later(link.upAt - this.now, () => {
      if (link.isBroken || link.bench.isDead) return;
      link.bench.sendText(link.connection, text);
      this.pump();
    });
  }

  #down(link: VirtualLink, work: () => void): void {
    link.downAt = Math.max(link.downAt, this.now + this.#delay());
    this.later(link.downAt - this.now, () => {
      if (!link.isBroken) this.act(link.client, work);
    });
  }

  #post(link: VirtualLink | undefined, text: string): void {
    if (link === undefined || link.isBroken) return;
    const { bench, client } = link;
    const answer = (status: number, texts: string[]): void =>
      this.later(this.#delay(), () => {
        const isLost = link.isBroken;
        this.act(client, () => {
          client.machine.handlePosted(this.now, link.id, isLost ? 0 : status, isLost ? [] : texts);
        });
      });
    this.later(this.#delay(), () => {
      if (isCut(link) || bench.isDead) return;
      const id = bench.connect({ kind: "exchange" });
      bench.machine.handleExchange(this.now, id, text.split("\n"));
      bench.drain();
      const messages = bench.take(id);
      bench.closed.delete(id);
      const last = messages.at(-1);
      answer(
        last?.type === "error" ? 429 : 200,
        messages.map((message) => JSON.stringify(message)),
      );
      this.pump();
    });
  }

  #hangUp(link: VirtualLink | undefined, isLeaving: boolean): void {
    if (link === undefined || link.isBroken) return;
    const { bench } = link;
    link.isHungUp = true;
    // What was sent before arrives before.
    this.later(Math.max(link.upAt - this.now, 0) + this.#delay(), () => {
      link.isBroken = true;
      // A stream that is cancelled says nothing about leaving.
      if (link.connection >= 0 && !bench.isDead) {
        bench.disconnect(link.connection, isLeaving && link.transport === "websocket");
        bench.take(link.connection);
      }
      this.pump();
    });
  }
}

function isCut(link: VirtualLink): boolean {
  return link.isBroken && !link.isHungUp;
}
