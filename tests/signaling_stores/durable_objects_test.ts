import assert from "node:assert/strict";
import { SignalingClient } from "../../src/signaling/client.ts";
import { packageMissing } from "../../tools/packages.ts";
import { test } from "../harness.ts";
import { Member } from "./member.ts";
import type { Program } from "./spawn.ts";
import { buildWorker, startWorkerd } from "./workerd.ts";

const skip = await packageMissing("workerd");
const worker = skip === undefined ? await buildWorker() : "";

async function withWorkerd(body: (server: Program) => Promise<void>): Promise<void> {
  const server = await startWorkerd(worker);
  try {
    await body(server);
  } finally {
    await server.close();
  }
}

function join(server: Program, path: "rtc" | "quick", name: string): Member {
  return new Member({ url: () => `ws://127.0.0.1:${server.port}/${path}/ws`, room: "a", name });
}

async function constructions(server: Program): Promise<number> {
  return await (await fetch(`http://127.0.0.1:${server.port}/constructions`)).json();
}

test(
  "SqlStore keeps, inside of a Durable Object in workerd, what every store must keep",
  async () => {
    await withWorkerd(async ({ port }) => {
      const results = await (await fetch(`http://127.0.0.1:${port}/suite`)).json() as {
        name: string;
        error?: string;
      }[];
      assert.ok(results.length >= 10, `${results.length} facts`);
      assert.deepEqual(results.filter(({ error }) => error !== undefined), []);
    });
  },
  { skip },
);

test(
  "Members of a Durable Object talk, before and after it slept, and it wakes for heartbeats",
  async () => {
    await withWorkerd(async (server) => {
      const alice = join(server, "rtc", "Alice"), bob = join(server, "rtc", "Bob");
      await alice.until(() => alice.isIn, "joins");
      await bob.until(() => bob.isIn, "joins");
      alice.say();
      await bob.until(() => bob.heard.get(alice.self) === 1, "hears the first");
      assert.equal(await constructions(server), 1);
      // The object sleeps after ten silent seconds and wakes to ping them.
      const pings = (): number => alice.told.filter(({ type }) => type === "ping").length;
      await alice.until(() => pings() > 0, "is pinged");
      assert.ok(await constructions(server) > 1, "it slept in between");
      bob.say();
      alice.say();
      await alice.until(() => alice.heard.get(bob.self) === 1, "hears Bob");
      await bob.until(() => bob.heard.get(alice.self) === 2, "hears the second");
      assert.equal(alice.resumed + bob.resumed, 0, "the sockets stayed open");
      await bob.leave();
      const left = (): boolean => alice.told.some(({ type }) => type === "peer-left");
      await alice.until(left, "hears that Bob left");
      await alice.leave();
    });
  },
  { skip },
);

test(
  "A Durable Object that died with its sockets leaves no ghost; its room and sessions are there",
  async () => {
    await withWorkerd(async (server) => {
      const alice = join(server, "quick", "Alice"), bob = join(server, "quick", "Bob");
      await alice.until(() => alice.isIn, "joins");
      await bob.until(() => bob.isIn, "joins");
      for (let i = 0; i < 50; i++) alice.say();
      await bob.until(() => bob.heard.get(alice.self) === 50, "hears everything");
      // Nobody of Bob comes back.
      const gone = bob.leave();
      await server.kill();
      await gone;
      for (let i = 0; i < 50; i++) alice.say();
      await server.start();
      await alice.until(() => alice.resumed === 1 && alice.isIn, "resumes from the log on disk");
      const carol = join(server, "quick", "Carol");
      await carol.until(() => carol.isIn, "joins");
      assert.equal(alice.joined.epoch, carol.joined.epoch, "the room is the same");
      const ghosts = carol.joined.peers.filter(({ connected }) => !connected);
      assert.ok(ghosts.length <= 1);
      const left = (): boolean =>
        ghosts.every(({ id }) =>
          alice.told.some((each) => each.type === "peer-left" && each.id === id)
        );
      await alice.until(left, "hears that Bob is gone for good");
      await alice.leave();
      await carol.leave();
    });
  },
  { skip },
);

test(
  "Where no room is named, the Worker says so; what concerns no room it answers itself",
  async () => {
    await withWorkerd(async ({ port }) => {
      const base = `http://127.0.0.1:${port}/rtc`;
      for (const [path, status] of [["healthz", 200], ["readyz", 200], ["ws?room=a", 426]]) {
        const response = await fetch(`${base}/${path}`);
        assert.equal(response.status, status);
        await response.body?.cancel();
      }
      const refused = await fetch(`${base}/rooms`, { method: "POST", body: "{}" });
      assert.equal(refused.status, 400);
      assert.equal((await refused.json()).error.code, "bad-message");
      const stream = await fetch(`${base}/events`, {
        method: "POST",
        body: JSON.stringify({ type: "join", version: 2, room: "a" }),
      });
      assert.equal(stream.status, 200);
      const reader = stream.body!.getReader(), decoder = new TextDecoder();
      let text = "";
      while (!text.includes('"joined"')) {
        text += decoder.decode((await reader.read()).value ?? assert.fail(text), { stream: true });
      }
      await reader.cancel();
    });
  },
  { skip },
);

test(
  "Our client is in a Durable Object's room by WebSocket and by server-sent events",
  async () => {
    await withWorkerd(async ({ port }) => {
      const url = `http://127.0.0.1:${port}/rtc`, room = "a";
      const alice = new SignalingClient({ url, room, transports: ["websocket"] });
      const heard = Promise.withResolvers<unknown>();
      alice.on("message", ({ data }) => heard.resolve(data));
      await new Promise<void>((resolve) => alice.on("joined", () => resolve()));
      const bob = new SignalingClient({ url, room, transports: ["stream"] });
      await new Promise<void>((resolve) => bob.on("joined", () => resolve()));
      bob.send("all", "hello");
      assert.equal(await heard.promise, "hello");
      await bob.close();
      await alice.close();
    });
  },
  { skip },
);
