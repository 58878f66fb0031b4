/** The client against the routes, both on the runtime at hand. */
import assert from "node:assert/strict";
import { Hono } from "hono";
import {
  SignalingClient,
  type SignalingClientOptions,
  type SignalingErrorCode,
  type SignalingEvents,
  type Transport,
  type WebSocketClass,
} from "../../src/signaling/client.ts";
import { signaling, type SignalingOptions, type SignalingRoutes } from "../../src/signaling/mod.ts";
import { test } from "../harness.ts";
import { serve, webSocketClass } from "./serve.ts";

const RealWebSocket = await webSocketClass() as unknown as WebSocketClass;

/** Sockets that can be cut from outside, as a network cuts them. */
function cuttable(): { WebSocket: WebSocketClass; cut(): void } {
  const open = new Set<InstanceType<WebSocketClass>>();
  class Cuttable extends (RealWebSocket as unknown as typeof WebSocket) {
    constructor(url: string) {
      super(url);
      open.add(this);
      this.addEventListener("close", () => open.delete(this));
    }
  }
  return {
    WebSocket: Cuttable as unknown as WebSocketClass,
    cut: () => open.forEach((socket) => socket.close(4999)),
  };
}

/** Runs `body` with clients of one server; all of them are closed in the end. */
async function withClients(
  options: SignalingOptions,
  body: (
    join: (options?: Partial<SignalingClientOptions>) => SignalingClient,
    routes: SignalingRoutes,
  ) => Promise<void>,
): Promise<void> {
  let routes: SignalingRoutes | undefined;
  const server = await serve((upgradeWebSocket) => {
    routes = signaling({ ...options, ...(upgradeWebSocket && { upgradeWebSocket }) });
    return new Hono().route("/rtc", routes);
  });
  const clients: SignalingClient[] = [];
  const join = (options: Partial<SignalingClientOptions> = {}): SignalingClient => {
    const url = `http://127.0.0.1:${server.port}/rtc`;
    const client = new SignalingClient({ url, room: "r", WebSocket: RealWebSocket, ...options });
    clients.push(client);
    return client;
  };
  try {
    await body(join, routes!);
  } finally {
    await Promise.all(clients.map((client) => client.close()));
    routes?.close();
    await server.close();
  }
}

/** The next event of a type for which `isIt` holds. */
function next<Type extends keyof SignalingEvents>(
  client: SignalingClient,
  type: Type,
  isIt: (detail: SignalingEvents[Type]) => boolean = () => true,
): Promise<SignalingEvents[Type]> {
  return new Promise((resolve) => {
    const off = client.on(type, (detail) => {
      if (!isIt(detail)) return;
      off();
      resolve(detail);
    });
  });
}

const WAYS: readonly Transport[][] = [["websocket"], ["stream"]];

for (const transports of WAYS) {
  const way = transports[0];

  test(`Clients by ${way} meet, talk, change their names and leave`, async () => {
    await withClients({}, async (join) => {
      const ann = join({ name: "Ann", transports }), bob = join({ name: "Bob" });
      const [atAnn, atBob] = await Promise.all([next(ann, "joined"), next(bob, "joined")]);
      assert.equal(atAnn.isNew && atBob.isNew, true);
      const heard = Promise.all([
        next(bob, "message", ({ isBroadcast }) => isBroadcast),
        next(bob, "message", ({ isBroadcast }) => !isBroadcast),
        next(ann, "message"),
        next(bob, "peer-updated", ({ name }) => name === "Anna"),
      ]);
      ann.send("all", { n: 1 });
      ann.send(atBob.self, ["ü€😀"]);
      bob.send(atAnn.self, null);
      ann.update({ name: "Anna" });
      const [all, direct, back, renamed] = await heard;
      assert.deepEqual([all.data, direct.data, back.data], [{ n: 1 }, ["ü€😀"], null]);
      assert.deepEqual([all.from, renamed.id], [atAnn.self, atAnn.self]);
      assert.ok(all.position < direct.position);
      const left = next(bob, "peer-left");
      await ann.close();
      assert.deepEqual([(await left).reason, (await left).peer.name], ["left", "Anna"]);
      assert.equal(ann.status.state, "closed");
      assert.throws(() => ann.send("all", 1), { code: "not-joined" });
    });
  });

  test(`1000 numbered messages by ${way} arrive once and in order though connections break`, async () => {
    const limits = { messagesPerSecond: 1e6, messageBurst: 1e6, byteBurst: 1e9 };
    const wide = { messagesPerSecondPerAddress: 1e6, messageBurstPerAddress: 1e6 };
    await withClients({ limits: { ...limits, ...wide } }, async (join) => {
      const { WebSocket, cut } = cuttable();
      const ann = join({ transports, WebSocket }), bob = join();
      const [{ self }] = await Promise.all([next(ann, "joined"), next(bob, "joined")]);
      const got: unknown[] = [], joined: unknown[] = [];
      const done = new Promise<void>((resolve) => {
        bob.on("message", ({ data }) => got.push(data) === 1000 && resolve());
      });
      ann.on("joined", (again) => joined.push(again));
      for (let i = 0; i < 1000; i++) {
        ann.send("all", i);
        if (i % 200 === 150) {
          if (way === "websocket") cut();
          else ann.networkChanged();
        }
        if (i % 10 === 0) await new Promise((resolve) => setTimeout(resolve));
      }
      await done;
      assert.deepEqual(got, Array.from({ length: 1000 }, (_, i) => i));
      assert.deepEqual([ann.self, joined], [self, []]);
    });
  });
}

test("Where WebSockets are blocked the client uses the stream", async () => {
  await withClients({}, async (join) => {
    class Blocked extends EventTarget {
      readyState = 0;
      constructor() {
        super();
        setTimeout(() => this.dispatchEvent(new Event("error")));
      }
      send(): void {}
      close(): void {}
    }
    const ann = join({ WebSocket: Blocked as unknown as WebSocketClass });
    await next(ann, "joined");
    assert.equal(ann.status.transport, "stream");
  });
});

test("What the server said while a client was away is told when it is back", async () => {
  await withClients({}, async (join) => {
    const { WebSocket, cut } = cuttable();
    const ann = join({ WebSocket }), bob = join();
    await Promise.all([next(ann, "joined"), next(bob, "joined")]);
    const away = next(bob, "peer-updated", ({ connected }) => !connected);
    const states: string[] = [];
    ann.on("state", ({ state }) => states.push(state));
    const before = ann.status.position;
    cut();
    await away;
    const resumed = next(ann, "resumed"), message = next(ann, "message");
    bob.send("all", "while you were out");
    await resumed;
    assert.equal((await message).data, "while you were out");
    assert.deepEqual(states, ["waiting", "resuming", "joined"]);
    assert.ok(ann.status.position > before);
  });
});

test("The client moves on when its instance drains, and an AbortSignal ends it", async () => {
  await withClients({}, async (join, routes) => {
    const abort = new AbortController();
    const ann = join({ signal: abort.signal });
    await next(ann, "joined");
    const away = next(ann, "state", ({ state }) => state === "waiting");
    const errors: SignalingErrorCode[] = [];
    ann.on("error", ({ code }) => errors.push(code));
    await routes.drain(20);
    await away;
    abort.abort();
    assert.equal(ann.status.state, "closed");
  });
});

test("A refusal of the handshake is told with its code where the stream can read it", async () => {
  await withClients({ limits: { connections: 0 } }, async (join) => {
    const ann = join();
    assert.equal((await next(ann, "error")).code, "server-full");
    assert.equal(
      (await next(ann, "state", ({ state }) => state === "waiting")).transport,
      "stream",
    );
  });
});

test("What the caller does wrong is an exception where it was made", () => {
  const client = new SignalingClient({
    url: "http://127.0.0.1:1/rtc",
    room: "r",
    signal: AbortSignal.abort(),
    WebSocket: RealWebSocket,
  });
  assert.equal(client.status.state, "closed");
  assert.throws(() => client.send("bob", 1), TypeError);
  assert.throws(() => client.send("all", undefined), TypeError);
  assert.throws(() => client.update({ name: "a\nb" }), TypeError);
  assert.throws(() => client.setRoom({ "": "x" }), TypeError);
  const options = { url: "http://127.0.0.1:1/rtc", WebSocket: RealWebSocket };
  assert.throws(() => new SignalingClient({ ...options, room: "no room" }), TypeError);
  const open = new SignalingClient({ ...options, room: "r", queuedBytes: 100 });
  assert.throws(() => open.send("all", "x".repeat(200_000)), { code: "too-large" });
  open.send("all", "x".repeat(40));
  assert.throws(() => open.send("all", "x".repeat(40)), { code: "queue-full" });
  void open.close();
});
