import assert from "node:assert/strict";
import fc from "fast-check";
import { NEVER } from "../../src/base/mod.ts";
import { test } from "../harness.ts";
import { Bench, errorCode } from "./machine.ts";

const offer = { type: "offer", sdp: "v=0\r\n" };

test("Joining lists those who are there and announces the newcomer to them", () => {
  const bench = new Bench();
  const alice = bench.join("r", "Alice");
  const bob = bench.join("r", "Bob");
  assert.deepEqual(bob.peers, [{ id: alice.self, name: "Alice", kind: "" }]);
  const peer = { id: bob.self, name: "Bob", kind: "" };
  assert.deepEqual(bench.take(alice.id), [{ type: "peer-joined", peer }]);
});

test("Rooms do not see each other", () => {
  const bench = new Bench();
  const alice = bench.join("one");
  const eve = bench.join("two");
  assert.deepEqual(eve.peers, []);
  bench.send(eve.id, { type: "description", to: alice.self, description: offer });
  assert.equal(errorCode(bench.take(eve.id)), "unknown-peer");
  assert.deepEqual(bench.take(alice.id), []);
});

test("A description reaches its addressee alone, with the sender's true id", () => {
  const bench = new Bench();
  const [alice, bob, carol] = [bench.join(), bench.join(), bench.join()];
  for (const { id } of [alice, bob, carol]) bench.take(id);
  const message = { type: "description", to: bob.self, from: carol.self, description: offer, x: 1 };
  bench.send(alice.id, message);
  const expected = { type: "description", from: alice.self, description: offer };
  assert.deepEqual(bench.take(bob.id), [expected]);
  assert.deepEqual(bench.take(carol.id), []);
  assert.deepEqual(bench.take(alice.id), []);
});

test("Candidates and the end of candidates are relayed with their known fields only", () => {
  const bench = new Bench();
  const [alice, bob] = [bench.join(), bench.join()];
  bench.take(alice.id);
  const candidate = { candidate: "candidate:1 1 udp 1 192.0.2.1 9 typ host", sdpMid: "0" };
  bench.send(bob.id, { type: "candidate", to: alice.self, candidate: { ...candidate, extra: 1 } });
  bench.send(bob.id, { type: "candidate", to: alice.self, candidate: null });
  assert.deepEqual(bench.take(alice.id), [
    {
      type: "candidate",
      from: bob.self,
      candidate: { ...candidate, sdpMLineIndex: null, usernameFragment: null },
    },
    { type: "candidate", from: bob.self, candidate: null },
  ]);
});

test("Leaving, disconnecting and updating are announced; an empty room is forgotten", () => {
  const bench = new Bench();
  const [alice, bob, carol] = [bench.join(), bench.join(), bench.join()];
  for (const { id } of [alice, bob, carol]) bench.take(id);
  bench.send(bob.id, { type: "update", name: "Robert", kind: "bot" });
  const peer = { id: bob.self, name: "Robert", kind: "bot" };
  assert.deepEqual(bench.take(alice.id), [{ type: "peer-updated", peer }]);
  bench.send(bob.id, { type: "leave" });
  assert.deepEqual(bench.last(bob.id), { type: "left", room: "r" });
  assert.deepEqual(bench.take(alice.id), [{ type: "peer-left", id: bob.self }]);
  bench.machine.handleDisconnect(carol.id);
  bench.drain();
  assert.deepEqual(bench.take(alice.id), [{ type: "peer-left", id: carol.self }]);
  bench.machine.handleDisconnect(alice.id);
  bench.machine.handleDisconnect(bob.id);
  assert.equal(bench.machine.stats().rooms, 0);
  assert.equal(bench.machine.pollTimeout(), NEVER);
});

test("Messages that need a room, and a second room, are refused", () => {
  const bench = new Bench();
  const id = bench.connect();
  for (const type of ["leave", "update"]) {
    bench.send(id, { type });
    assert.equal(errorCode(bench.take(id)), "not-joined");
  }
  const alice = bench.join();
  bench.send(alice.id, { type: "join", version: 1, room: "other" });
  assert.equal(errorCode(bench.take(alice.id)), "already-joined");
});

test("Another version of the protocol is refused and the connection closed", () => {
  const bench = new Bench();
  const id = bench.connect();
  bench.send(id, { type: "join", version: 2, room: "r" });
  assert.equal(errorCode(bench.take(id)), "unsupported-version");
  assert.equal(bench.closed.get(id)?.code, 4010);
});

test("Members, rooms and connections are limited", () => {
  const bench = new Bench({ roomMembers: 2, rooms: 1, connections: 4 });
  bench.join();
  bench.join();
  const third = bench.connect();
  bench.send(third, { type: "join", version: 1, room: "r" });
  assert.equal(errorCode(bench.take(third)), "room-full");
  bench.send(third, { type: "join", version: 1, room: "s" });
  assert.equal(errorCode(bench.take(third)), "too-many-rooms");
  bench.connect();
  assert.equal(bench.machine.connect(0), undefined);
});

test("A message above messageBytes, counted in UTF-8, closes the connection", () => {
  const bench = new Bench({ messageBytes: 100 });
  const fits = bench.connect(), wide = bench.connect();
  bench.sendText(fits, "x".repeat(100));
  assert.equal(errorCode(bench.take(fits)), "bad-message");
  bench.sendText(wide, "€".repeat(34));
  assert.equal(errorCode(bench.take(wide)), "too-large");
  assert.equal(bench.closed.get(wide)?.code, 4009);
});

test("Beyond the burst messages are dropped, and come through again as tokens flow in", () => {
  const bench = new Bench({ messageBurst: 5, messagesPerSecond: 2 });
  const alice = bench.join(), bob = bench.join();
  bench.take(alice.id);
  const message = { type: "description", to: alice.self, description: offer };
  for (let i = 0; i < 7; i++) bench.send(bob.id, message);
  assert.equal(bench.take(alice.id).length, 4);
  assert.equal(errorCode(bench.take(bob.id)), "rate-limited");
  bench.now += 1000;
  for (let i = 0; i < 7; i++) bench.send(bob.id, message);
  assert.equal(bench.take(alice.id).length, 2);
});

test("Bytes per second are limited apart from messages", () => {
  const bench = new Bench({ byteBurst: 2000, bytesPerSecond: 10 });
  const alice = bench.join(), bob = bench.join();
  bench.take(alice.id);
  const description = { type: "offer", sdp: "x".repeat(900) };
  for (let i = 0; i < 3; i++) {
    bench.send(bob.id, { type: "description", to: alice.self, description });
  }
  assert.equal(bench.take(alice.id).length, 1);
});

test("A flood is answered a bounded number of times and then closed", () => {
  const bench = new Bench({ messageBurst: 3, messagesPerSecond: 1, faults: 4 });
  const id = bench.connect();
  for (let i = 0; i < 1000; i++) bench.sendText(id, "nonsense");
  assert.equal(bench.closed.get(id)?.reason, "too-many-faults");
  assert.ok(bench.take(id).length <= 6);
  assert.equal(bench.machine.stats().connections, 0);
});

test("A connection that answers pings stays; a silent one is closed and leaves its room", () => {
  const bench = new Bench({ heartbeatMs: 10, idleMs: 25, joinMs: 1000 });
  const alice = bench.join(), bob = bench.join();
  for (let i = 0; i < 10; i++) {
    bench.advance(10);
    bench.send(alice.id, { type: "pong" });
  }
  assert.equal(bench.closed.get(bob.id)?.reason, "idle-timeout");
  assert.equal(bench.closed.has(alice.id), false);
  const types = bench.take(alice.id).map(({ type }) => type);
  assert.equal(types.filter((type) => type === "ping").length, 10);
  assert.ok(types.includes("peer-left"));
});

test("A connection that never joins is closed, however much it says", () => {
  const bench = new Bench({ heartbeatMs: 10, idleMs: 25, joinMs: 30 });
  const id = bench.connect();
  for (let i = 0; i < 4; i++) {
    bench.send(id, { type: "pong" });
    bench.advance(10);
  }
  assert.equal(bench.closed.get(id)?.reason, "join-timeout");
});

test("A slow reader is closed and announced as gone", () => {
  const bench = new Bench();
  const alice = bench.join(), bob = bench.join();
  bench.take(alice.id);
  bench.machine.handleOverflow(bob.id);
  bench.drain();
  assert.equal(bench.closed.get(bob.id)?.code, 4013);
  assert.deepEqual(bench.take(alice.id), [{ type: "peer-left", id: bob.self }]);
});

test("Under any schedule presence as told equals membership, and nothing outlives its connection", () => {
  const step = fc.record({
    what: fc.constantFrom("connect", "join", "leave", "drop", "signal", "wait", "junk", "overflow"),
    who: fc.nat(9),
    room: fc.constantFrom("a", "b"),
    to: fc.nat(9),
  });
  const property = fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const bench = new Bench({ roomMembers: 4, heartbeatMs: 50, idleMs: 120, joinMs: 500 });
    /** What each connection has been told: its room, its id and the others' ids. */
    const told = new Map<number, { self: string | undefined; peers: Set<string> }>();
    const slots: (number | undefined)[] = [];
    for (const { what, who, room, to } of steps) {
      const id = slots[who];
      if (what === "connect" && (id === undefined || bench.closed.has(id))) {
        slots[who] = bench.connect();
        told.set(slots[who]!, { self: undefined, peers: new Set() });
      } else if (what === "wait") bench.advance(20);
      else if (id === undefined) continue;
      else if (what === "join") bench.send(id, { type: "join", version: 1, room });
      else if (what === "leave") bench.send(id, { type: "leave" });
      else if (what === "junk") bench.sendText(id, "{");
      else if (what === "overflow") bench.machine.handleOverflow(id);
      else if (what === "drop") {
        bench.machine.handleDisconnect(id);
        bench.closed.set(id, { code: 1006, reason: "" });
      } else if (what === "signal") {
        const addressee = told.get(slots[to] ?? -1)?.self ?? "0".repeat(16);
        bench.send(id, { type: "candidate", to: addressee, candidate: null });
      }
      bench.drain();
      for (const [connection, view] of told) hear(bench, connection, view);
    }
    const alive = [...told].filter(([id]) => !bench.closed.has(id));
    assert.equal(bench.machine.stats().connections, alive.length);
    for (const [, view] of alive) {
      for (const peer of view.peers) {
        const other = alive.find(([, { self }]) => self === peer);
        assert.ok(other?.[1].peers.has(view.self!), "presence is mutual");
      }
    }
  });
  fc.assert(property, { numRuns: 300 });
});

function hear(
  bench: Bench,
  id: number,
  view: { self: string | undefined; peers: Set<string> },
): void {
  for (const message of bench.take(id)) {
    if (message.type === "joined") {
      view.self = message.self;
      view.peers = new Set(message.peers.map((peer) => peer.id));
    } else if (message.type === "left") {
      view.self = undefined;
      view.peers.clear();
    } else if (message.type === "peer-joined") view.peers.add(message.peer.id);
    else if (message.type === "peer-left") assert.ok(view.peers.delete(message.id));
    else if (message.type === "candidate") assert.ok(view.peers.has(message.from));
  }
}
