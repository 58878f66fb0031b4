import assert from "node:assert/strict";
import { createClient } from "redis";
import type { RoomEntry } from "../../src/signaling/mod.ts";
import { RedisStore } from "../../src/signaling/stores/redis/mod.ts";
import { test } from "../harness.ts";
import { redisMissing, startRedis } from "./redis_server.ts";

const EPOCH = "0123456789abcdef";
const PATIENCE_MS = 20_000;

function entry(body: string): RoomEntry {
  return { kind: "message", session: EPOCH, seq: 1, body };
}

/** Two stores on one server, each with a follower of one room; `admin` meddles. */
async function withTwo(
  body: (two: {
    admin: ReturnType<typeof createClient>;
    stores: RedisStore[];
    logs: { append(entries: RoomEntry[]): Promise<number> | number }[];
    /** What the second follower was told. */
    told: string[];
    lost: Promise<Error>;
    until(holds: () => boolean | Promise<boolean>): Promise<void>;
  }) => Promise<void>,
): Promise<void> {
  const server = await startRedis();
  const clients: ReturnType<typeof createClient>[] = [];
  const stores: RedisStore[] = [];
  const connect = async (): Promise<ReturnType<typeof createClient>> => {
    const client: ReturnType<typeof createClient> = createClient({
      url: `redis://127.0.0.1:${server.port}`,
    });
    client.on("error", () => {});
    clients.push(client);
    await client.connect();
    return client;
  };
  const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
    const end = performance.now() + PATIENCE_MS;
    while (!await holds()) {
      assert.ok(performance.now() < end, "it holds in time");
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  try {
    const told: string[] = [];
    let isLost: (reason: Error) => void = () => {};
    const lost = new Promise<Error>((resolve) => isLost = resolve);
    const follower = {
      entries: (_first: number, entries: readonly RoomEntry[]) => {
        for (const each of entries) told.push(each.kind === "message" ? each.body : "");
      },
      lost: (reason: Error) => isLost(reason),
    };
    for (let i = 0; i < 2; i++) stores.push(new RedisStore({ client: await connect() }));
    const silent = { entries: () => {}, lost: () => {} };
    const logs = [
      (await stores[0]!.open("r", EPOCH, 60_000, silent))!,
      (await stores[1]!.open("r", EPOCH, 60_000, follower))!,
    ];
    await body({ admin: await connect(), stores, logs, told, lost, until });
  } finally {
    for (const store of stores) await store.close();
    for (const client of clients) client.destroy();
    await server.close();
  }
}

test(
  "RedisStore: what is published while the listening connection is broken is read afterwards",
  async () => {
    await withTwo(async ({ admin, logs, told, until }) => {
      await logs[0]!.append([entry("1")]);
      await until(() => told.length === 1);
      await admin.sendCommand(["CLIENT", "KILL", "TYPE", "pubsub"]);
      for (let i = 2; i <= 40; i++) await logs[0]!.append([entry(String(i))]);
      await until(() => told.length === 40);
      assert.deepEqual(told, Array.from({ length: 40 }, (_, i) => String(i + 1)));
    });
  },
  { skip: redisMissing },
);

test("RedisStore: when Redis forgot everything, appends fail and followers are told", async () => {
  await withTwo(async ({ admin, stores, logs, lost, told, until }) => {
    await logs[0]!.append([entry("1")]);
    await until(() => told.length === 1);
    await admin.sendCommand(["FLUSHALL"]);
    await assert.rejects(async () => await logs[0]!.append([entry("2")]), { code: "room-closed" });
    const rooms = [{ room: "r", ttlMs: 60_000 }];
    await stores[1]!.keepAlive({ instance: EPOCH, ttlMs: 60_000, rooms, others: [] });
    assert.match((await lost).message, /has ended/);
  });
}, { skip: redisMissing });

test(
  "RedisStore: when Redis lost the latest entries and gave their places away, the log ends",
  async () => {
    await withTwo(async ({ admin, stores, logs, lost, told, until }) => {
      for (let i = 1; i <= 5; i++) await logs[0]!.append([entry(String(i))]);
      await until(() => told.length === 5);
      // As after a crash with the last second not on disk, and an append by somebody who did not see it.
      await admin.sendCommand(["XDEL", "sterna:{r}:log", "4-0", "5-0"]);
      await admin.sendCommand(["XSETID", "sterna:{r}:log", "3-0"]);
      await admin.sendCommand(["HSET", "sterna:{r}:room", "position", "3"]);
      await admin.sendCommand(["CLIENT", "KILL", "TYPE", "pubsub"]);
      // Whether they come before or after the follower is back: it must not take one for another.
      for (const body of ["4'", "5'", "6'"]) {
        await Promise.resolve(logs[0]!.append([entry(body)])).catch(() => {});
      }
      assert.match((await lost).message, /cannot be followed|has ended/);
      assert.deepEqual(told, ["1", "2", "3", "4", "5"]);
      const silent = { entries: () => {}, lost: () => {} };
      assert.equal(await stores[0]!.open("r", undefined, 1000, silent), undefined);
    });
  },
  { skip: redisMissing },
);
