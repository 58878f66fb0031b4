import assert from "node:assert/strict";
import { NEVER } from "../../src/base/mod.ts";
import { test } from "../harness.ts";
import { Bench, errorCode, OFFER, peer, placeless } from "./machine.ts";

test("Joining lists those who are there and announces the newcomer to them", () => {
  const bench = new Bench();
  const alice = bench.join("r", "Alice");
  const bob = bench.join("r", "Bob");
  assert.deepEqual(bob.peers, [peer(alice.self, { name: "Alice" })]);
  const newcomer = peer(bob.self, { name: "Bob" });
  assert.deepEqual(bench.take(alice.id), [{ type: "peer-joined", position: 2, peer: newcomer }]);
  assert.equal(bob.joined.position, 2);
});

test("Rooms do not see each other", () => {
  const bench = new Bench();
  const alice = bench.join("one");
  const eve = bench.join("two");
  assert.deepEqual(eve.peers, []);
  bench.send(eve.id, { type: "description", seq: 1, to: alice.self, description: OFFER });
  assert.equal(errorCode(bench.take(eve.id)), "unknown-peer");
  assert.deepEqual(bench.take(alice.id), []);
});

test("A description reaches its addressee alone, with the sender's true id", () => {
  const bench = new Bench();
  const [alice, bob, carol] = [bench.join(), bench.join(), bench.join()];
  for (const { id } of [alice, bob, carol]) bench.take(id);
  const message = {
    type: "description",
    seq: 1,
    to: bob.self,
    from: carol.self,
    description: OFFER,
    x: 1,
  };
  bench.send(alice.id, message);
  const expected = { type: "description", from: alice.self, description: OFFER };
  assert.deepEqual(bench.take(bob.id).map(placeless), [expected]);
  assert.deepEqual(bench.take(carol.id), []);
  assert.deepEqual(bench.take(alice.id), []);
});

test("Candidates and the end of candidates are relayed with their known fields only", () => {
  const bench = new Bench();
  const [alice, bob] = [bench.join(), bench.join()];
  bench.take(alice.id);
  const candidate = { candidate: "candidate:1 1 udp 1 192.0.2.1 9 typ host", sdpMid: "0" };
  const to = alice.self;
  bench.send(bob.id, { type: "candidate", seq: 1, to, candidate: { ...candidate, extra: 1 } });
  bench.send(bob.id, { type: "candidate", seq: 2, to, candidate: null });
  assert.deepEqual(bench.take(alice.id).map(placeless), [
    {
      type: "candidate",
      from: bob.self,
      candidate: { ...candidate, sdpMLineIndex: null, usernameFragment: null },
    },
    { type: "candidate", from: bob.self, candidate: null },
  ]);
});

test("Data goes to one member or to everybody else, whatever JSON it is", () => {
  const bench = new Bench();
  const [alice, bob, carol] = [bench.join(), bench.join(), bench.join()];
  for (const { id } of [alice, bob, carol]) bench.take(id);
  const data = { text: "ü€😀", list: [1, null, { a: true }] };
  bench.send(alice.id, { type: "data", seq: 1, to: bob.self, data });
  bench.send(alice.id, { type: "data", seq: 2, data });
  const direct = { type: "data", from: alice.self, data };
  const all = { ...direct, broadcast: true };
  assert.deepEqual(bench.take(bob.id).map(placeless), [direct, all]);
  assert.deepEqual(bench.take(carol.id).map(placeless), [all]);
  assert.deepEqual(bench.take(alice.id), []);
  const deep = `{"type":"data","seq":3,"data":${"[".repeat(50_000)}${"]".repeat(50_000)}}`;
  bench.sendText(alice.id, deep);
  const [error] = bench.take(alice.id);
  if (error !== undefined) assert.equal(errorCode([error]), "bad-message");
});

test("Leaving and updating are announced; a lost connection is, and expires; an empty room ends", () => {
  const bench = new Bench({ resumeMs: 1000 });
  const [alice, bob, carol] = [bench.join(), bench.join(), bench.join()];
  for (const { id } of [alice, bob, carol]) bench.take(id);
  bench.send(bob.id, { type: "update", seq: 1, name: "Robert", kind: "bot" });
  const robert = peer(bob.self, { name: "Robert", kind: "bot" });
  assert.deepEqual(placeless(bench.last(alice.id)), { type: "peer-updated", peer: robert });
  bench.send(bob.id, { type: "leave" });
  assert.deepEqual(bench.last(bob.id), { type: "left", room: "r" });
  const left = { type: "peer-left", id: bob.self, reason: "left" };
  assert.deepEqual(placeless(bench.last(alice.id)), left);
  bench.disconnect(carol.id);
  const away = peer(carol.self, { connected: false });
  assert.deepEqual(placeless(bench.last(alice.id)), { type: "peer-updated", peer: away });
  bench.advance(1200);
  const expired = { type: "peer-left", id: carol.self, reason: "expired" };
  assert.deepEqual(placeless(bench.last(alice.id)), expired);
  bench.disconnect(alice.id, true);
  bench.disconnect(bob.id, true);
  assert.equal(bench.machine.stats().rooms, 0);
  assert.equal(bench.store.size, 0);
  assert.equal(bench.machine.pollTimeout(), NEVER);
});

test("Descriptions and candidates that break their grammar are refused (RFC 8866, RFC 8839 §5.1)", () => {
  const bench = new Bench();
  const [alice, bob] = [bench.join(), bench.join()];
  bench.take(alice.id);
  const to = alice.self;
  bench.send(bob.id, { type: "description", seq: 1, to, description: { type: "offer", sdp: "x" } });
  bench.send(bob.id, { type: "candidate", seq: 2, to, candidate: { candidate: "candidate:no" } });
  const errors = bench.take(bob.id).map((message) => message.type === "error" && message);
  assert.deepEqual(errors.map((error) => error && [error.code, error.seq]), [
    ["bad-sdp", 1],
    ["bad-candidate", 2],
  ]);
  assert.deepEqual(bench.take(alice.id), []);
  bench.send(bob.id, { type: "description", seq: 3, to, description: { type: "rollback" } });
  assert.equal(bench.take(alice.id).length, 1);
});

test("Roles decide who may broadcast, send members out and change the room", () => {
  const bench = new Bench({}, { needsToken: true });
  const join = (role: string): ReturnType<Bench["join"]> =>
    bench.join("r", "", { identity: { user: role, rooms: [{ room: "r", roles: [role] }] } });
  const [watcher, speaker, chair] = [join("subscriber"), join("publisher"), join("moderator")];
  assert.deepEqual(chair.peers.map(({ user }) => user), ["subscriber", "publisher"]);
  for (const { id } of [watcher, speaker, chair]) bench.take(id);
  bench.send(watcher.id, { type: "data", seq: 1, data: 1 });
  assert.equal(errorCode(bench.take(watcher.id)), "forbidden");
  bench.send(watcher.id, { type: "candidate", seq: 2, to: speaker.self, candidate: null });
  bench.send(speaker.id, { type: "remove", seq: 1, id: watcher.self });
  bench.send(speaker.id, { type: "room", seq: 2, metadata: { topic: "x" } });
  assert.deepEqual(bench.take(speaker.id).map(({ type }) => type), ["candidate", "error", "error"]);
  bench.send(chair.id, { type: "room", seq: 1, metadata: { topic: "x" } });
  const updated = { type: "room-updated", metadata: { topic: "x" } };
  assert.deepEqual(placeless(bench.last(watcher.id)), updated);
  assert.deepEqual(placeless(bench.last(chair.id)), updated);
  bench.send(chair.id, { type: "remove", seq: 2, id: watcher.self });
  assert.equal(bench.closed.get(watcher.id)?.code, 4012);
  const removed = { type: "peer-left", id: watcher.self, reason: "removed" };
  assert.deepEqual(placeless(bench.last(speaker.id)), removed);
});

test("Messages that need a room, and a second room, are refused", () => {
  const bench = new Bench();
  const id = bench.connect();
  for (const type of ["leave", "update"]) {
    bench.send(id, { type, seq: 1 });
    assert.equal(errorCode(bench.take(id)), "not-joined");
  }
  const alice = bench.join();
  bench.send(alice.id, { type: "join", version: 2, room: "other" });
  assert.equal(errorCode(bench.take(alice.id)), "already-joined");
});

test("Another version of the protocol is refused and the connection closed", () => {
  const bench = new Bench();
  const id = bench.connect();
  bench.send(id, { type: "join", version: 1, room: "r" });
  assert.equal(errorCode(bench.take(id)), "unsupported-version");
  assert.equal(bench.closed.get(id)?.code, 4010);
});

test("Members, rooms and connections are limited", () => {
  const bench = new Bench({ roomMembers: 2, rooms: 1, connections: 4 });
  bench.join();
  bench.join();
  const third = bench.connect();
  bench.send(third, { type: "join", version: 2, room: "r" });
  assert.equal(errorCode(bench.take(third)), "room-full");
  bench.send(third, { type: "join", version: 2, room: "s" });
  assert.equal(errorCode(bench.take(third)), "too-many-rooms");
  bench.connect();
  assert.equal(bench.machine.connect(0), "server-full");
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

test("Beyond the burst messages are dropped; the client goes on with the number it is told", () => {
  const bench = new Bench({ messageBurst: 5, messagesPerSecond: 2 });
  const alice = bench.join(), bob = bench.join();
  bench.take(alice.id);
  const say = (seq: number): void => bench.send(bob.id, { type: "data", seq, data: seq });
  for (let seq = 1; seq <= 7; seq++) say(seq);
  assert.equal(bench.take(alice.id).length, 4);
  const errors = bench.take(bob.id);
  assert.equal(errors.length, 1, "said once");
  assert.deepEqual([errorCode(errors), (errors[0] as { seq?: number }).seq], ["rate-limited", 5]);
  bench.now += 1000;
  // Nothing gets ahead of what was dropped.
  say(8);
  assert.equal(bench.take(alice.id).length, 0);
  bench.now += 1000;
  for (let seq = 5; seq <= 7; seq++) say(seq);
  const heard = bench.take(alice.id).map((message) => (message as { data?: unknown }).data);
  assert.deepEqual(heard, [5, 6, 7].slice(0, heard.length));
  assert.ok(heard.length >= 2);
});

test("Connections of one address share a bucket and a number of places", () => {
  const limits = { messageBurstPerAddress: 6, messagesPerSecondPerAddress: 1 };
  const bench = new Bench({ ...limits, connectionsPerAddress: 2 });
  const at = { address: "192.0.2.1" };
  const [alice, bob] = [bench.join("r", "", at), bench.join("r", "", at)];
  assert.equal(bench.machine.connect(0, at), "too-many-connections");
  const carol = bench.join("r", "", { address: "192.0.2.2" });
  bench.take(carol.id);
  for (let seq = 1; seq <= 3; seq++) {
    bench.send(alice.id, { type: "data", seq, data: 1 });
    bench.send(bob.id, { type: "data", seq, data: 1 });
  }
  assert.equal(bench.take(carol.id).length, 4);
  assert.equal(errorCode(bench.take(bob.id)), "rate-limited");
});

test("Bytes per second are limited apart from messages", () => {
  const bench = new Bench({ byteBurst: 2000, bytesPerSecond: 10 });
  const alice = bench.join(), bob = bench.join();
  bench.take(alice.id);
  for (let seq = 1; seq <= 3; seq++) {
    bench.send(bob.id, { type: "data", seq, to: alice.self, data: "x".repeat(950) });
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
  assert.ok(types.includes("peer-updated"));
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

test("A slow reader is closed and announced as away", () => {
  const bench = new Bench();
  const alice = bench.join(), bob = bench.join();
  bench.take(alice.id);
  bench.machine.handleOverflow(0, bob.id);
  bench.drain();
  assert.equal(bench.closed.get(bob.id)?.code, 4013);
  const away = peer(bob.self, { connected: false });
  assert.deepEqual(placeless(bench.last(alice.id)), { type: "peer-updated", peer: away });
});
