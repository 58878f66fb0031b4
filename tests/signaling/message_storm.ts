/**
 * Clients that lose their connections all the time, instances that die, and a number on every message:
 * at the end everybody has heard everything once and in order.
 */
import assert from "node:assert/strict";
import { randomU32, seededEntropy } from "../../src/base/mod.ts";
import {
  type JoinedMessage,
  type RoomLog,
  type RoomStore,
  type ServerMessage,
  type SocketHandlers,
  Switchboard,
} from "../../src/signaling/mod.ts";

/** How hard the storm blows. */
export interface StormOptions {
  seed: number;
  /** Messages of all clients together. */
  messages: number;
  /** A store for one more instance. */
  store(): RoomStore | Promise<RoomStore>;
  /** Longest time without any progress, milliseconds. */
  patienceMs: number;
}

const CLIENTS = 4;
const INSTANCES = 2;
/** Messages a client has on the way at most. */
const WINDOW = 64;
/** Messages between two lost connections, and between two lost instances, on average. */
const DROP_EVERY = 60;
const KILL_EVERY = 1500;

const LIMITS = {
  replayEntries: 4000,
  replayLength: 4_000_000,
  messageBurst: 1e9,
  byteBurst: 1e12,
  resumeMs: 600_000,
  leaseMs: 3000,
};

/** Runs the storm. @throws when a message was lost, doubled or out of order */
export async function messageStorm(options: StormOptions): Promise<void> {
  const entropy = seededEntropy(options.seed);
  const random = (below: number): number => randomU32(entropy) % below;
  const boards: Instance[] = [];
  const all: Instance[] = [];
  const launch = async (): Promise<Instance> => {
    const instance = new Instance(await options.store(), () => random(2) === 0);
    all.push(instance);
    return instance;
  };
  for (let i = 0; i < INSTANCES; i++) boards.push(await launch());
  const clients: Client[] = [];
  for (let i = 0; i < CLIENTS; i++) {
    const client = new Client(() => boards[random(INSTANCES)]!.board);
    clients.push(client);
    client.connect();
    await client.until(() => client.isIn, options.patienceMs, "joins");
  }
  let said = 0;
  while (said < options.messages) {
    const client = clients[random(CLIENTS)]!;
    if (client.backlog < WINDOW) {
      client.say();
      said++;
    }
    if (random(DROP_EVERY) === 0) clients[random(CLIENTS)]!.lose(random(2) === 0);
    if (random(KILL_EVERY) === 0) {
      const index = random(INSTANCES);
      boards[index]!.kill();
      boards[index] = await launch();
    }
    for (const each of clients) each.connect();
    // Stores that wait for a network get their turn; those that do not lose little.
    const isStuck = clients.every((each) => each.backlog >= WINDOW);
    if (isStuck || said % 16 === 0) await nextTask();
  }
  // Clients of an instance that died find out by their heartbeats: here it is said to them.
  for (const client of clients) client.lose(true);
  for (const client of clients) {
    const hasAll = (): boolean => {
      for (const each of clients) each.connect();
      return clients.every((other) => other === client || client.heardOf(other) === other.said);
    };
    await client.until(hasAll, options.patienceMs, `hears everything (seed ${options.seed})`);
  }
  for (const client of clients) client.leave();
  await nextTask();
  for (const instance of all) instance.board.close();
}

/** One instance, which can be killed without another word. */
class Instance {
  readonly board: Switchboard;
  #isDead = false;

  /** @param lastAppendWorks whether an append at the moment of death still happens */
  constructor(store: RoomStore, lastAppendWorks: () => boolean) {
    const fail = (): never => {
      throw new Error("this instance is dead");
    };
    const guard = (log: RoomLog): RoomLog => ({
      epoch: log.epoch,
      snapshot: log.snapshot,
      entries: log.entries,
      append: (entries) => {
        if (!this.#isDead) return log.append(entries);
        if (lastAppendWorks()) void Promise.resolve(log.append(entries)).catch(() => {});
        return fail();
      },
      trim: (snapshot) => this.#isDead ? fail() : log.trim(snapshot),
      remove: () => this.#isDead ? fail() : log.remove(),
      unfollow: () => log.unfollow(),
    });
    this.board = new Switchboard({
      limits: LIMITS,
      store: {
        open: (room, epoch, ttlMs, follower) => {
          if (this.#isDead) return fail();
          const log = store.open(room, epoch, ttlMs, {
            entries: (first, entries) => {
              if (!this.#isDead) follower.entries(first, entries);
            },
            lost: (reason) => {
              if (!this.#isDead) follower.lost(reason);
            },
          });
          if (log instanceof Promise) return log.then((each) => each && guard(each));
          return log && guard(log);
        },
        keepAlive: (beat) => this.#isDead ? fail() : store.keepAlive(beat),
        close: () => {},
      },
    });
  }

  kill(): void {
    this.#isDead = true;
  }
}

/** A client as it should behave, without a clock: it connects when it is told to. */
class Client {
  readonly #board: () => Switchboard;
  #socket: SocketHandlers | undefined;
  #session: JoinedMessage | undefined;
  isIn = false;
  said = 0;
  #position = 0;
  #outbox: number[] = [];
  readonly #heard = new Map<string, number>();
  #wake: () => void = () => {};

  /** @param board any instance that is up */
  constructor(board: () => Switchboard) {
    this.#board = board;
  }

  /** Said and not acknowledged. */
  get backlog(): number {
    return this.#outbox.length;
  }

  /** How many messages of another client came. */
  heardOf(other: Client): number {
    return this.#heard.get(other.#session!.self) ?? 0;
  }

  connect(): void {
    if (this.#socket !== undefined) return;
    const socket = this.#board().attach();
    this.#socket = socket;
    const isCurrent = (): boolean => this.#socket === socket;
    socket.open({
      send: (text) => {
        if (isCurrent()) this.#take(JSON.parse(text));
        return true;
      },
      close: () => {
        if (isCurrent()) this.#gone();
      },
      bufferedAmount: () => 0,
    });
    const session = this.#session;
    const resume = session && {
      session: session.self,
      secret: session.secret,
      epoch: session.epoch,
      position: this.#position,
    };
    socket.message(JSON.stringify({ type: "join", version: 2, room: "storm", resume }));
  }

  say(): void {
    const seq = ++this.said;
    this.#outbox.push(seq);
    if (this.isIn) this.#post(seq);
  }

  /** The connection breaks; whether the server notices is another matter. */
  lose(isNoticed: boolean): void {
    const socket = this.#socket;
    if (this.#session === undefined) return;
    this.#gone();
    if (isNoticed) socket?.close(1006);
  }

  leave(): void {
    this.#socket?.close(1000);
    this.#gone();
  }

  #gone(): void {
    this.#socket = undefined;
    this.isIn = false;
    this.#wake();
  }

  #post(seq: number): void {
    this.#socket?.message(JSON.stringify({ type: "data", seq, data: seq }));
  }

  #take(message: ServerMessage): void {
    if (message.type === "joined") {
      assert.equal(this.#session, undefined, "the session was not resumed");
      this.#session = message;
      this.#position = message.position;
      this.#enter(message.ack);
    } else if (message.type === "resumed") this.#enter(message.ack);
    else if (message.type === "ack") this.#acknowledge(message.seq);
    else if (message.type === "ping") {
      this.#acknowledge(message.ack);
      this.#socket?.message('{"type":"pong"}');
    } else if (message.type === "error") assert.fail(`${message.code}: ${message.message}`);
    else if (message.type === "data") {
      assert.ok(message.position > this.#position, "nothing is told twice");
      const last = this.#heard.get(message.from) ?? 0;
      assert.equal(message.data, last + 1, "nothing is lost or out of order");
      this.#heard.set(message.from, last + 1);
    }
    if ("position" in message && message.type !== "resumed" && message.type !== "ack") {
      this.#position = Math.max(this.#position, message.position ?? 0);
    }
    this.#wake();
  }

  #enter(ack: number): void {
    this.isIn = true;
    this.#acknowledge(ack);
    for (const seq of [...this.#outbox]) if (this.isIn) this.#post(seq);
  }

  #acknowledge(ack: number): void {
    this.#outbox = this.#outbox.filter((seq) => seq > ack);
  }

  /** Resolves when it holds; connects again as often as need be. */
  async until(holds: () => boolean, patienceMs: number, what: string): Promise<void> {
    const end = performance.now() + patienceMs;
    while (!holds()) {
      this.connect();
      assert.ok(performance.now() < end, `nothing happens any more: client ${what}`);
      await Promise.race([new Promise<void>((resolve) => this.#wake = resolve), nextTask()]);
    }
  }
}

/** Lets everything run that is ready. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}
