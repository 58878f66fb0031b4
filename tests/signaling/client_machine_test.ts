import assert from "node:assert/strict";
import type { SignalingStatus } from "../../src/signaling/client_events.ts";
import { DEFAULT_LIMITS } from "../../src/signaling/mod.ts";
import { test } from "../harness.ts";
import { type VirtualClient, WIDE, World } from "./client_world.ts";

function state(client: VirtualClient, world: World): SignalingStatus["state"] {
  return client.machine.status(world.now).state;
}

function heard(client: VirtualClient): unknown[] {
  return client.all("message").map(({ data }) => data);
}

/** Each client's numbers arrive at each other client once and in order, whatever happens. */
function numberedRun(
  seed: number,
  options: { messages: number; clients: number; restarts: boolean; streams: boolean },
): void {
  const world = new World(seed);
  const { random } = world;
  const transports = ["websocket", "stream"] as const;
  const clients = Array.from({ length: options.clients }, (_, index) =>
    world.join(`c${index}`, {
      transports: options.streams && index % 2 === 1 ? [transports[1]] : transports,
    }));
  const got = clients.map(() => clients.map(() => 0));
  clients.forEach((client, receiver) => {
    client.onEvent = (event) => {
      if (event.type !== "message") return;
      const [sender, number] = event.detail.data as [number, number];
      assert.equal(number, got[receiver]![sender]!, `seed ${seed}: ${sender} to ${receiver}`);
      got[receiver]![sender]!++;
    };
  });
  world.advance(2000);
  const each = Math.ceil(options.messages / options.clients);
  for (let number = 0; number < each; number++) {
    clients.forEach((client, sender) => world.say(client, [sender, number]));
    if (random() < 0.2) world.advance(random() * 40);
    const victim = clients[Math.floor(random() * clients.length)]!;
    if (random() < 0.01) world.cut(victim, random() < 0.2);
    if (random() < 0.01) world.act(victim, () => victim.machine.renew(world.now));
    if (options.restarts && random() < 0.002) world.restart();
  }
  for (let i = 0; i < 40; i++) {
    world.advance(5000);
    if (clients.every((client) => client.machine.status(world.now).unacknowledged === 0)) break;
  }
  const expected = clients.map((_, receiver) =>
    clients.map((_, sender) => sender === receiver ? 0 : each)
  );
  assert.deepEqual(got, expected, `seed ${seed}`);
  for (const client of clients) {
    assert.equal(client.all("joined").length, 1, `seed ${seed}: a session was lost`);
    assert.deepEqual(client.all("refused"), [], `seed ${seed}`);
  }
}

test("10,000 numbered messages arrive once and in order under random disconnects", () => {
  numberedRun(1, { messages: 10_000, clients: 4, restarts: false, streams: false });
});

test("Numbered messages arrive once and in order over streams and POST requests, too", () => {
  for (let seed = 2; seed < 6; seed++) {
    numberedRun(seed, { messages: 1000, clients: 3, restarts: false, streams: true });
  }
});

test("Numbered messages survive instances that die and are replaced", () => {
  for (let seed = 6; seed < 14; seed++) {
    numberedRun(seed, { messages: 1000, clients: 3, restarts: true, streams: true });
  }
});

test("A client that loses its connection is back within two seconds, as who it was", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const world = new World(seed), ann = world.join("ann"), bob = world.join("bob");
    world.advance(6000);
    const { self } = ann.machine.session;
    world.cut(ann);
    world.say(bob, "meanwhile");
    world.say(ann, "from the dark");
    assert.equal(
      ann.machine.status(world.now).queued,
      seed > 0 ? ann.machine.status(world.now).queued : 0,
    );
    world.advance(2000);
    assert.equal(state(ann, world), "joined");
    assert.equal(ann.machine.session.self, self);
    assert.deepEqual([heard(ann), heard(bob)], [["meanwhile"], ["from the dark"]], `seed ${seed}`);
    const told = ann.all("state").map(({ state }) => state);
    assert.deepEqual(told, ["connecting", "joined", "waiting", "resuming", "joined"]);
    const presence = bob.all("peer-updated").map(({ connected }) => connected);
    assert.deepEqual(presence, [false, true]);
  }
});

test("A link that falls silent is given up before the session expires", () => {
  const world = new World(1), ann = world.join("ann");
  world.advance(6000);
  world.cut(ann, true);
  world.advance(DEFAULT_LIMITS.heartbeatMs * 0.9);
  assert.equal(state(ann, world), "joined");
  world.advance(DEFAULT_LIMITS.heartbeatMs * 0.4);
  assert.equal(state(ann, world), "joined");
  assert.equal(ann.all("resumed").length, 1);
  assert.ok(ann.all("error").some(({ code }) => code === "connection-lost"));
});

test("Waits grow to 15 s with jitter while the server is away, and start again later", () => {
  const world = new World(3), ann = world.join("ann");
  world.advance(6000);
  world.isDown = true;
  world.cut(ann);
  world.advance(120_000);
  const waits = ann.all("state").filter(({ state }) => state === "waiting");
  const ms = waits.map(({ retryMs }) => retryMs);
  assert.ok(ms[0]! >= 150 && ms[0]! <= 300, `${ms}`);
  assert.ok(Math.max(...ms) <= 15_000 && ms.at(-1)! >= 7500, `${ms}`);
  assert.equal(new Set(ms).size, ms.length, "jitter");
  world.isDown = false;
  world.advance(16_000);
  assert.equal(state(ann, world), "joined");
});

test("Where WebSockets are blocked the stream is used, and WebSocket tried again later", () => {
  const world = new World(4);
  world.blocked.add("websocket");
  const ann = world.join("ann"), bob = world.join("bob");
  world.advance(1000);
  assert.deepEqual(ann.opened, ["websocket", "stream"]);
  assert.equal(ann.machine.status(world.now).transport, "stream");
  for (let i = 0; i < 50; i++) world.say(ann, i);
  world.advance(70_000);
  // The first probe failed without a trace in the session.
  assert.equal(ann.opened.filter((transport) => transport === "websocket").length, 2);
  assert.equal(state(ann, world), "joined");
  world.blocked.clear();
  for (let i = 50; i < 100; i++) {
    world.say(ann, i);
    world.say(bob, i);
    world.advance(2500);
  }
  assert.equal(ann.machine.status(world.now).transport, "websocket");
  assert.deepEqual(heard(bob), Array.from({ length: 100 }, (_, i) => i));
  assert.deepEqual(heard(ann), Array.from({ length: 50 }, (_, i) => i + 50));
  assert.equal(ann.all("joined").length, 1);
  assert.deepEqual(ann.all("error"), []);
});

test("WebSockets that worked before are tried twice before the stream is", () => {
  const world = new World(5), ann = world.join("ann");
  world.advance(6000);
  world.blocked.add("websocket");
  world.cut(ann);
  world.advance(4000);
  assert.deepEqual(ann.opened, ["websocket", "websocket", "websocket", "stream"]);
  assert.equal(state(ann, world), "joined");
  // Another network: WebSocket first again, at once.
  world.blocked.clear();
  world.act(ann, () => ann.machine.renew(world.now, true));
  world.advance(200);
  assert.equal(ann.machine.status(world.now).transport, "websocket");
  assert.equal(ann.all("joined").length, 1);
});

test("A client that is told “too fast” slows down; nothing is lost and it is not thrown out", () => {
  const world = new World(6, {}), ann = world.join("ann"), bob = world.join("bob");
  world.advance(1000);
  for (let i = 0; i < 2000; i++) world.say(ann, i);
  world.advance(90_000);
  assert.equal(heard(bob).length, 2000);
  assert.deepEqual(heard(bob), Array.from({ length: 2000 }, (_, i) => i));
  assert.deepEqual([ann.all("error"), ann.all("refused"), ann.all("joined").length], [[], [], 1]);
});

test("A slow server on the stream is waited for as well", () => {
  const world = new World(7, { messagesPerSecond: 5, messageBurst: 10 });
  const ann = world.join("ann", { transports: ["stream"] }), bob = world.join("bob");
  world.advance(1000);
  for (let i = 0; i < 100; i++) world.say(ann, i);
  world.advance(300_000);
  assert.deepEqual(heard(bob), Array.from({ length: 100 }, (_, i) => i));
});

test("When the ring no longer reaches back the old session is joined again and says so", () => {
  const world = new World(8, { ...WIDE, replayEntries: 8, replayLength: 1e9, resumeMs: 60_000 });
  const ann = world.join("ann"), bob = world.join("bob");
  world.advance(1000);
  const { self } = ann.machine.session;
  world.isDown = true;
  world.cut(ann);
  world.advance(500);
  world.say(ann, "mine");
  for (let i = 0; i < 100; i++) {
    world.say(bob, i);
    world.advance(50);
  }
  world.isDown = false;
  world.advance(15_000);
  const [, again] = ann.all("joined");
  assert.deepEqual([again?.self, again?.isNew], [self, false]);
  assert.deepEqual(heard(bob), ["mine"]);
  world.say(bob, "now");
  world.advance(1000);
  assert.equal(heard(ann).at(-1), "now");
  world.act(ann, () => ann.machine.rejoin(world.now));
  world.advance(1000);
  assert.equal(ann.all("joined").at(-1)?.isNew, true);
  assert.deepEqual(bob.all("peer-left").map(({ reason }) => reason), ["left"]);
});

test("A session that expired is replaced; what was on its way is lost, what was not goes out", () => {
  const world = new World(9), ann = world.join("ann"), bob = world.join("bob");
  world.advance(1000);
  const { self } = ann.machine.session;
  world.cut(ann);
  world.isDown = true;
  // Sent into the void, before the client learns that it is one.
  world.say(ann, "on its way");
  world.advance(1000);
  world.say(ann, "not on its way");
  world.say(ann, "to nobody", "0123456789abcdef");
  world.advance(DEFAULT_LIMITS.resumeMs + 5000);
  assert.deepEqual(bob.all("peer-left").map(({ reason }) => reason), ["expired"]);
  world.isDown = false;
  world.advance(16_000);
  const again = ann.all("joined").at(-1)!;
  assert.equal(again.isNew, true);
  assert.notEqual(again.self, self);
  const lost = ann.all("lost").flat();
  assert.deepEqual(lost, [
    { to: "all", data: "on its way" },
    { to: "0123456789abcdef", data: "to nobody" },
  ]);
  assert.deepEqual(heard(bob), ["not on its way"]);
});

test("A draining server's clients reconnect at moments of their own and lose nothing", () => {
  const world = new World(10), clients = ["a", "b", "c", "d"].map((name) => world.join(name));
  world.advance(1000);
  const old = world.bench;
  old.machine.drain(world.now, 5000);
  old.drain();
  world.pump();
  world.restart();
  // The old instance still serves those who have not gone yet.
  old.isDead = false;
  for (let i = 0; i < 10; i++) {
    world.say(clients[0]!, i);
    world.advance(1000);
  }
  for (const client of clients.slice(1)) {
    assert.deepEqual(heard(client), Array.from({ length: 10 }, (_, i) => i));
    assert.equal(client.all("joined").length, 1);
  }
});

test("A token is fetched before the first join, and again when the server calls it expired", () => {
  const world = new World(11, WIDE, true);
  const rooms = [{ room: "r", roles: ["publisher"], create: true, admin: false }];
  world.bench.tokens.set("old", { code: "token-expired", message: "expired" });
  world.bench.tokens.set("new", { user: "u", rooms });
  const ann = world.join("ann", { hasTokenProvider: true });
  ann.token = () => ann.tokensAsked === 1 ? "old" : "new";
  world.advance(2000);
  assert.equal(ann.tokensAsked, 2);
  assert.equal(state(ann, world), "joined");
  assert.deepEqual(ann.all("error"), []);
  const bob = world.join("bob", { hasTokenProvider: true });
  bob.token = () => "wrong";
  world.advance(2000);
  assert.equal(bob.tokensAsked, 2);
  assert.deepEqual(bob.all("error").map(({ code }) => code), ["unauthorized"]);
  assert.equal(state(bob, world), "closed");
  const carol = world.join("carol", { hasTokenProvider: true });
  world.advance(2000);
  assert.equal(state(carol, world) === "closed", false, "no token now is no token for ever");
  assert.ok(carol.all("error").every(({ code }) => code === "unauthorized"));
});

test("Refusals that would repeat themselves end the membership, passing ones do not", () => {
  const world = new World(12, { ...WIDE, roomMembers: 1 });
  const ann = world.join("ann");
  world.advance(1000);
  const bob = world.join("bob");
  world.advance(2000);
  assert.equal(state(ann, world), "joined");
  assert.ok(bob.all("error").every(({ code }) => code === "room-full"));
  assert.equal(state(bob, world), "waiting");
  world.act(ann, () => ann.machine.close(world.now));
  world.advance(5000);
  assert.equal(state(bob, world), "joined");
  const other = world.join("x", { metadata: { name: "", kind: "NOT A KIND" } });
  world.advance(2000);
  assert.deepEqual(other.all("error").map(({ code }) => code), ["bad-message"]);
  assert.equal(state(other, world), "closed");
});

test("Leaving is told to the others at once, over either transport", () => {
  for (const transport of ["websocket", "stream"] as const) {
    const world = new World(13), ann = world.join("ann", { transports: [transport] });
    const bob = world.join("bob");
    world.advance(1000);
    world.act(ann, () => ann.machine.close(world.now));
    world.advance(200);
    assert.deepEqual(bob.all("peer-left").map(({ reason }) => reason), ["left"], transport);
    assert.equal(ann.machine.pollTimeout(), Infinity);
  }
});

test("A change of name reaches the others once, whenever it is made", () => {
  for (let seed = 1; seed <= 30; seed++) {
    const world = new World(seed), bob = world.join("bob");
    world.advance(1000);
    const ann = world.join("ann");
    world.advance(world.random() * 80);
    world.act(ann, () => ann.machine.update(world.now, { name: "Anna", kind: "" }));
    if (seed % 3 === 0) world.cut(ann);
    world.advance(5000);
    // A join whose answer was lost leaves somebody behind who never comes back.
    const here = [...bob.machine.session.peers.values()].filter(({ connected }) => connected);
    const names = here.map(({ name }) => name);
    assert.deepEqual(names, ["Anna"], `seed ${seed}`);
  }
});

test("A moderator's verbs reach the room; a member's are refused with their number", () => {
  const world = new World(14), ann = world.join("ann"), bob = world.join("bob");
  world.advance(1000);
  const id = bob.machine.session.self!;
  const message = { type: "remove", id } as const, body = JSON.stringify(message);
  let seq = 0;
  world.act(ann, () => seq = ann.machine.send(world.now, message, body, body.length));
  world.advance(1000);
  const [refused] = ann.all("refused");
  assert.deepEqual([refused?.seq, refused?.error.code], [seq, "forbidden"]);
  assert.equal(ann.machine.status(world.now).unacknowledged, 0);
});

test("An attempt that was overtaken by a later one does not end the session", () => {
  const world = new World(15), ann = world.join("ann"), bob = world.join("bob");
  world.advance(6000);
  const { self } = ann.machine.session;
  world.delayMs = 500;
  for (let i = 0; i < 40; i++) {
    world.act(ann, () => ann.machine.renew(world.now));
    world.say(bob, i);
    world.advance(world.random() * 400);
  }
  world.delayMs = 20;
  world.advance(30_000);
  assert.deepEqual([state(ann, world), ann.machine.session.self], ["joined", self]);
  assert.deepEqual(heard(ann), Array.from({ length: 40 }, (_, i) => i));
});
