/**
 * What every store of rooms must keep, whatever it is made of: the rules of `src/signaling/store.ts`,
 * and with instances on top that no message is lost or doubled.
 */
import assert from "node:assert/strict";
import process from "node:process";
import type {
  RoomEntry,
  RoomFollower,
  RoomLog,
  RoomSnapshot,
  RoomStore,
} from "../../src/signaling/mod.ts";
import { test } from "../harness.ts";
import { messageStorm } from "./message_storm.ts";

/** A place where stores of several instances meet, empty at first. */
export interface StoreCluster {
  /** A store as one more instance has it. */
  store(): RoomStore | Promise<RoomStore>;
  /** Ends it; the suite has closed every store before. */
  close(): void | Promise<void>;
}

/** How the suite comes by a store. */
export interface StoreSuiteOptions {
  /** Begins the names of the tests. */
  name: string;
  /** Makes an empty cluster. */
  open(): StoreCluster | Promise<StoreCluster>;
  /** Why it cannot run here. */
  skip?: string | undefined;
  /** Shortest time to live that the store keeps exactly, milliseconds; 300. */
  ttlMs?: number;
  /** Messages of the storm; 10,000. `STERNA_STORM` overrides it, for long runs. */
  messages?: number;
}

/** Longest wait for anything, milliseconds. */
const PATIENCE_MS = 20_000;
const EPOCHS = ["0123456789abcdef", "fedcba9876543210", "00000000deadbeef"] as const;
const TTL_MS = 60_000;

/** Registers the tests of one store. */
export function storeSuite(options: StoreSuiteOptions): void {
  const { name, skip, ttlMs = 300 } = options;
  const check = (fact: string, body: (stores: Stores) => Promise<void>): void =>
    test(`${name}: ${fact}`, async () => {
      const stores = new Stores(await options.open());
      try {
        await body(stores);
      } finally {
        await stores.close();
      }
    }, { skip });

  check(
    "positions are 1, 2, 3 … and every follower sees every entry once, in one order",
    async (stores) => {
      const [one, two] = [await stores.follow("r"), await stores.follow("r")];
      assert.equal(two.log.epoch, one.log.epoch);
      const appends: Promise<number>[] = [];
      for (let i = 0; i < 100; i++) {
        const batch = (who: string): RoomEntry[] =>
          Array.from({ length: 1 + i % 3 }, (_, k) => entry(`${who} ${i} ${k}`));
        appends.push(Promise.resolve(one.log.append(batch("one"))));
        appends.push(Promise.resolve(two.log.append(batch("two"))));
      }
      const ends = await Promise.all(appends);
      const total = Math.max(...ends);
      assert.equal(total, 398);
      await one.until(total);
      await two.until(total);
      assert.deepEqual(two.bodies, one.bodies);
      for (const who of ["one", "two"]) {
        const own = one.bodies.filter((body) => body.startsWith(who));
        const sent: string[] = [];
        for (let i = 0; i < 100; i++) {
          for (let k = 0; k < 1 + i % 3; k++) sent.push(`${who} ${i} ${k}`);
        }
        assert.deepEqual(own, sent, "appends of one log keep their order");
      }
      for (let i = 0; i < 100; i++) {
        const first = one.bodies.indexOf(`one ${i} 0`);
        for (let k = 0; k < 1 + i % 3; k++) assert.equal(one.bodies[first + k], `one ${i} ${k}`);
      }
    },
  );

  check("open is a cut: what it gives and what follows is everything, once", async (stores) => {
    const writer = await stores.follow("r");
    const readers: Follower[] = [];
    for (let i = 0; i < 60; i++) {
      const append = writer.log.append([entry(String(i))]);
      if (i % 10 === 5) readers.push(await stores.follow("r"));
      await append;
    }
    for (const reader of readers) {
      await reader.until(60);
      assert.deepEqual(reader.bodies, Array.from({ length: 60 }, (_, i) => String(i)));
    }
  });

  check("without an epoch no log is made, and of several epochs one wins", async (stores) => {
    const store = await stores.add();
    assert.equal(await store.open("none", undefined, TTL_MS, new Follower()), undefined);
    const others = [await stores.add(), await stores.add(), store];
    const logs = await Promise.all(
      others.map((each, i) => each.open("r", EPOCHS[i], TTL_MS, new Follower())),
    );
    assert.equal(new Set(logs.map((log) => log?.epoch)).size, 1);
    assert.equal(await store.open("none", undefined, TTL_MS, new Follower()), undefined);
  });

  check(
    "rooms do not hear each other, and entries come back as the JSON they were",
    async (stores) => {
      const [one, two] = [await stores.follow("r"), await stores.follow("s")];
      const strange: RoomEntry = {
        kind: "configure",
        config: { metadata: { "a.b": 'ü€😀"\\\n\u0000' }, members: 1, emptyMs: 0 },
      };
      await one.log.append([strange]);
      await two.log.append([entry("other")]);
      await one.until(1);
      await two.until(1);
      assert.deepEqual(one.seen, [strange]);
      assert.deepEqual(two.bodies, ["other"]);
      const again = await stores.follow("r");
      assert.deepEqual(again.seen, [strange]);
    },
  );

  check(
    "a trimmed log begins with its snapshot, and an older snapshot is ignored",
    async (stores) => {
      const [one, two] = [await stores.follow("r"), await stores.follow("r")];
      for (let i = 1; i <= 30; i++) await one.log.append([entry(String(i))]);
      await one.log.trim(snapshot(20));
      await two.log.trim(snapshot(10));
      const late = await stores.follow("r");
      assert.deepEqual(late.log.snapshot, snapshot(20));
      await one.log.append([entry("31")]);
      await late.until(31);
      await two.until(31);
      assert.deepEqual(late.bodies, Array.from({ length: 11 }, (_, i) => String(21 + i)));
      assert.equal(two.bodies.length, 31);
      await one.log.trim(snapshot(31));
      const bare = await stores.follow("r");
      assert.deepEqual([bare.log.snapshot, bare.seen], [snapshot(31), []]);
      assert.equal(await bare.log.append([entry("32")]), 32);
      await bare.until(32);
    },
  );

  check(
    "a removed log is gone for good, its followers are told, and the next has another epoch",
    async (stores) => {
      const [one, two] = [await stores.follow("r"), await stores.follow("r")];
      await one.log.append([entry("1")]);
      await two.until(1);
      await one.log.remove();
      await two.lostPromise;
      await assert.rejects(async () => await two.log.append([entry("2")]));
      const next = await stores.follow("r", EPOCHS[1]);
      assert.equal(next.log.epoch, EPOCHS[1]);
      assert.equal(await next.log.append([entry("new")]), 1);
      // The old life has no power over the new one.
      await assert.rejects(async () => await one.log.append([entry("3")]));
      await two.log.remove();
      await (async () => await two.log.trim(snapshot(1)))().catch(() => {});
      assert.equal(await next.log.append([entry("newer")]), 2);
      await next.until(2);
      assert.deepEqual(next.bodies, ["new", "newer"]);
    },
  );

  check("after unfollow nothing is delivered, and others are not disturbed", async (stores) => {
    const [one, two] = [await stores.follow("r"), await stores.follow("r")];
    await one.log.append([entry("1")]);
    await two.until(1);
    await two.log.unfollow();
    await one.log.append([entry("2")]);
    await one.until(2);
    assert.deepEqual(two.bodies, ["1"]);
  });

  check("a follower that falls behind gets everything, in order", async (stores) => {
    const writer = await stores.follow("r"), slow = await stores.follow("r");
    const body = "x".repeat(1000);
    let last = 0;
    for (let i = 0; i < 20; i++) {
      const batch = Array.from({ length: 100 }, (_, k) => entry(`${100 * i + k} ${body}`));
      last = await writer.log.append(batch);
    }
    assert.equal(last, 2000);
    await slow.until(2000);
    assert.deepEqual(slow.bodies.map((each) => parseInt(each)), [...new Array(2000).keys()]);
  });

  check("an instance counts as dead when its time ran out, and not before", async (stores) => {
    const [one, two] = [await stores.add(), await stores.add()];
    const [a, b, never] = EPOCHS;
    await one.keepAlive({ instance: a, ttlMs, rooms: [], others: [] });
    const ask = async (): Promise<readonly string[]> =>
      await two.keepAlive({ instance: b, ttlMs: TTL_MS, rooms: [], others: [a, never] });
    assert.deepEqual(await ask(), [never]);
    await eventually(async () => (await ask()).length === 2, "the lease ends");
    await one.keepAlive({ instance: a, ttlMs, rooms: [], others: [] });
    assert.deepEqual(await ask(), [never]);
  });

  check("a room that nobody keeps alive is forgotten, one that is kept stays", async (stores) => {
    const [one, two] = [await stores.add(), await stores.add()];
    for (const room of ["kept", "lost"]) {
      const log = await one.open(room, EPOCHS[0], ttlMs, new Follower());
      await log!.append([entry("1")]);
      await log!.unfollow();
    }
    const keep = async (): Promise<void> => {
      const rooms = [{ room: "kept", ttlMs: TTL_MS }];
      await two.keepAlive({ instance: EPOCHS[1], ttlMs: TTL_MS, rooms, others: [] });
    };
    await keep();
    await eventually(
      async () => {
        await keep();
        const log = await two.open("lost", undefined, 1, new Follower());
        await log?.unfollow();
        return log === undefined;
      },
      "the room is forgotten",
      2 * ttlMs,
    );
    const kept = await two.open("kept", undefined, TTL_MS, new Follower());
    assert.equal(kept?.entries.length, 1);
    await kept?.unfollow();
  });

  check(
    "numbered messages under random disconnects and dying instances: none lost, none doubled",
    async (stores) => {
      const seed = Number(process.env["STERNA_SEED"] ?? 1);
      const messages = Number(process.env["STERNA_STORM"] ?? options.messages ?? 10_000);
      await messageStorm({
        seed,
        messages,
        store: () => stores.add(),
        patienceMs: PATIENCE_MS,
      });
    },
  );
}

/** Stores and followers of one test. */
class Stores {
  readonly #cluster: StoreCluster;
  readonly #stores: RoomStore[] = [];

  constructor(cluster: StoreCluster) {
    this.#cluster = cluster;
  }

  /** A store of one more instance. */
  async add(): Promise<RoomStore> {
    const store = await this.#cluster.store();
    this.#stores.push(store);
    return store;
  }

  /** A follower of a room on an instance of its own. */
  async follow(room: string, epoch: string = EPOCHS[0]): Promise<Follower> {
    const store = await this.add();
    const follower = new Follower();
    follower.start((await store.open(room, epoch, TTL_MS, follower))!);
    return follower;
  }

  async close(): Promise<void> {
    for (const store of this.#stores) await store.close();
    await this.#cluster.close();
  }
}

/** Writes down what it is told and checks that nothing is missing in between. */
class Follower implements RoomFollower {
  log!: RoomLog;
  /** Everything it was told, in order. */
  readonly seen: RoomEntry[] = [];
  readonly lostPromise: Promise<void>;
  #position = 0;
  #isLost: () => void = () => {};
  #wake: () => void = () => {};
  /** What came before `open` had answered. */
  #early: [number, readonly RoomEntry[]][] | undefined = [];

  constructor() {
    this.lostPromise = new Promise((resolve) => this.#isLost = resolve);
  }

  /** The bodies of message entries. */
  get bodies(): string[] {
    return this.seen.map((each) => each.kind === "message" ? each.body : "");
  }

  start(log: RoomLog): void {
    this.log = log;
    this.#position = log.snapshot?.position ?? 0;
    this.#take(this.#position + 1, log.entries);
    for (const [first, entries] of this.#early ?? []) this.#take(first, entries);
    this.#early = undefined;
  }

  entries(first: number, entries: readonly RoomEntry[]): void {
    if (this.#early !== undefined) this.#early.push([first, entries]);
    else this.#take(first, entries);
  }

  #take(first: number, entries: readonly RoomEntry[]): void {
    if (entries.length === 0) return;
    assert.equal(first, this.#position + 1, "no gap and nothing twice");
    this.seen.push(...structuredClone(entries));
    this.#position += entries.length;
    this.#wake();
  }

  lost(): void {
    this.#isLost();
  }

  /** Resolves when the log was followed up to `position`. */
  async until(position: number): Promise<void> {
    const timer = setTimeout(() => {
      assert.fail(`followed to ${this.#position} instead of ${position}`);
    }, PATIENCE_MS);
    while (this.#position < position) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    clearTimeout(timer);
    assert.equal(this.#position, position);
  }
}

/** An entry that carries a text; what it means does not matter to a store. */
function entry(body: string): RoomEntry {
  return { kind: "message", session: EPOCHS[0], seq: 1, body };
}

function snapshot(position: number): RoomSnapshot {
  const config = { metadata: {}, members: 8, emptyMs: 0 };
  return { position, config, sessions: [], emptySince: 0, isClosed: false };
}

/** Asks until it holds. */
async function eventually(
  ask: () => Promise<boolean>,
  what: string,
  pauseMs = 25,
): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!await ask()) {
    assert.ok(performance.now() < end, `${what}, but not in ${PATIENCE_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
