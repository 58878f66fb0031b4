import assert from "node:assert/strict";
import fc from "fast-check";
import type { ServerMessage } from "../../src/signaling/mod.ts";
import { test } from "../harness.ts";
import { Bench, errorCode, type Joined, placeless } from "./machine.ts";

/** The numbers that `messages` carry as data. */
function numbers(messages: readonly ServerMessage[]): unknown[] {
  return messages.filter(({ type }) => type === "data").map((message) =>
    (message as ServerMessage & { type: "data" }).data
  );
}

function say(bench: Bench, who: { id: number }, seq: number, data: unknown = seq): void {
  bench.send(who.id, { type: "data", seq, data });
}

test("A session that comes back is told what it missed, in order, and keeps its id", () => {
  const bench = new Bench();
  const alice = bench.join(), bob = bench.join();
  say(bench, alice, 1);
  const seen = (bench.last(bob.id) as { position: number }).position;
  bench.disconnect(bob.id);
  for (let seq = 2; seq <= 4; seq++) say(bench, alice, seq);
  const { id, told } = bench.resume(bob.joined, seen);
  assert.equal(told[0]?.type, "resumed");
  assert.equal((told[0] as { self?: string }).self, bob.self);
  assert.deepEqual(numbers(told), [2, 3, 4]);
  say(bench, alice, 5);
  assert.deepEqual(numbers(bench.take(id)), [5]);
  const presence = bench.take(alice.id).map((message) => (message as { peer?: unknown }).peer);
  assert.deepEqual(presence.map((peer) => (peer as { connected: boolean }).connected), [
    ...[true, false, true],
  ]);
});

test("What the client sent and nobody acknowledged is sent again and taken once", () => {
  const bench = new Bench();
  const alice = bench.join(), bob = bench.join();
  bench.take(bob.id);
  for (let seq = 1; seq <= 3; seq++) say(bench, alice, seq);
  bench.disconnect(alice.id);
  const back = bench.resume(alice.joined, alice.joined.position);
  assert.equal((back.told[0] as { ack?: number }).ack, 3);
  for (let seq = 2; seq <= 5; seq++) say(bench, back, seq);
  assert.deepEqual(numbers(bench.take(bob.id)), [1, 2, 3, 4, 5]);
});

test("A resume takes the session over from a connection that is still open", () => {
  const bench = new Bench();
  const alice = bench.join(), bob = bench.join();
  bench.take(bob.id);
  const back = bench.resume(alice.joined, alice.joined.position);
  assert.equal(bench.closed.get(alice.id)?.reason, "replaced");
  say(bench, back, 1);
  assert.deepEqual(numbers(bench.take(bob.id)), [1]);
  // The old socket's end is old news.
  bench.disconnect(alice.id);
  assert.deepEqual(bench.take(bob.id), []);
});

test("Another secret, epoch or session does not resume, and all of them look alike", () => {
  const bench = new Bench();
  const alice = bench.join(), bob = bench.join();
  bench.take(alice.id);
  bench.disconnect(bob.id);
  const { joined } = bob;
  const forged = [
    { ...joined, secret: "0".repeat(32) },
    { ...joined, epoch: "0".repeat(16) },
    { ...joined, self: "0".repeat(16) },
  ];
  const answers = forged.map((claim) => {
    const { told } = bench.resume(claim, joined.position);
    assert.notEqual((told[1] as { self?: string }).self, joined.self);
    return told.map((message) => message.type === "joined" ? "joined" : placeless(message));
  });
  assert.deepEqual(answers[1], answers[0]);
  assert.deepEqual(answers[2], answers[0]);
  assert.equal((answers[0]?.[0] as { code?: string }).code, "resume-expired");
});

test("Beyond what is kept the session goes on with a snapshot and the code resume-expired", () => {
  const bench = new Bench({ replayEntries: 8, messageBurst: 1000 });
  const alice = bench.join(), bob = bench.join();
  bench.disconnect(bob.id);
  for (let seq = 1; seq <= 40; seq++) say(bench, alice, seq);
  const { id, told } = bench.resume(bob.joined, bob.joined.position);
  assert.deepEqual(told.map(({ type }) => type), ["error", "joined"]);
  assert.equal(errorCode(told), "resume-expired");
  const joined = told[1] as ServerMessage & { type: "joined" };
  assert.equal(joined.self, bob.self);
  assert.deepEqual(joined.peers.map((peer) => peer.id), [alice.self]);
  say(bench, alice, 41);
  assert.deepEqual(numbers(bench.take(id)), [41]);
});

test("A position that the log has not reached does not resume either", () => {
  const bench = new Bench();
  bench.join();
  const bob = bench.join();
  const { told } = bench.resume(bob.joined, 999);
  assert.equal(errorCode(told), "resume-expired");
});

test("After resumeMs the session is gone and a resume joins anew", () => {
  const bench = new Bench({ resumeMs: 1000, idleMs: 1e6 });
  bench.join();
  const bob = bench.join();
  bench.disconnect(bob.id);
  bench.advance(1500);
  const { told } = bench.resume(bob.joined, bob.joined.position);
  assert.deepEqual(told.map(({ type }) => type), ["error", "joined"]);
  assert.notEqual((told[1] as { self?: string }).self, bob.self);
});

test("A refused message counts as taken, and the refusal itself survives a lost connection", () => {
  const bench = new Bench();
  const alice = bench.join(), bob = bench.join();
  bench.take(bob.id);
  bench.send(alice.id, { type: "remove", seq: 1, id: bob.self });
  bench.take(alice.id);
  bench.disconnect(alice.id);
  const back = bench.resume(alice.joined, alice.joined.position);
  assert.deepEqual(errorCode(back.told), "forbidden");
  assert.equal((back.told[0] as { ack?: number }).ack, 1);
  say(bench, back, 2);
  assert.deepEqual(numbers(bench.take(bob.id)), [2]);
});

test("Acknowledgements come every so often and with each heartbeat", () => {
  const bench = new Bench({ heartbeatMs: 1000 });
  const alice = bench.join();
  for (let seq = 1; seq <= 40; seq++) say(bench, alice, seq);
  const [ack] = bench.take(alice.id);
  assert.ok(ack?.type === "ack" && ack.seq === 32);
  bench.advance(1000);
  const ping = bench.last(alice.id);
  assert.ok(ping?.type === "ping" && ping.ack === 40);
});

/** Two instances on one store. */
function cluster(limits: ConstructorParameters<typeof Bench>[0] = {}): [Bench, Bench] {
  const clock = { now: 0 };
  const one = new Bench({ idleMs: 1e9, ...limits }, { seed: 1, clock });
  return [one, new Bench({ idleMs: 1e9, ...limits }, { seed: 2, clock, store: one.store })];
}

test("Members of one room on two instances hear each other and see one presence", () => {
  const [one, two] = cluster();
  const alice = one.join(), bob = two.join();
  assert.deepEqual(bob.peers.map((peer) => peer.id), [alice.self]);
  say(one, alice, 1);
  two.send(bob.id, { type: "data", seq: 1, to: alice.self, data: 1 });
  assert.deepEqual(numbers(two.take(bob.id)), [1]);
  assert.deepEqual(one.take(alice.id).map(({ type }) => type), ["peer-joined", "data"]);
});

test("A session resumes on another instance without loss, also when its own was killed", () => {
  const [one, two] = cluster();
  const alice = one.join(), bob = two.join();
  one.take(alice.id);
  say(one, alice, 1);
  one.isDead = true;
  say(two, bob, 1, "while away");
  const back = two.resume(alice.joined, alice.joined.position);
  assert.equal(back.told[0]?.type, "resumed");
  assert.deepEqual(numbers(back.told), ["while away"]);
  say(two, back, 1);
  say(two, back, 2);
  assert.deepEqual(numbers(two.take(bob.id)), [1, 2]);
});

test("An instance that dies leaves no ghost: its sessions drop, expire, and the room ends", () => {
  const [one, two] = cluster({ leaseMs: 3000, resumeMs: 5000 });
  const alice = one.join(), bob = two.join();
  one.isDead = true;
  two.take(bob.id);
  two.advance(8000);
  const dropped = two.take(bob.id).find(({ type }) => type === "peer-updated");
  assert.ok(dropped?.type === "peer-updated" && !dropped.peer.connected);
  two.advance(6500);
  const left = two.take(bob.id).find(({ type }) => type === "peer-left");
  assert.ok(left?.type === "peer-left" && left.id === alice.self && left.reason === "expired");
  two.disconnect(bob.id, true);
  assert.equal(two.store.size, 0);
});

test("An instance that was taken for dead sends its clients to resume", () => {
  const [one, two] = cluster({ leaseMs: 3000 });
  const alice = one.join(), bob = two.join();
  // One sleeps: its timers do not run while two's do.
  two.advance(8000);
  assert.equal(one.closed.get(alice.id)?.reason, "try-again");
  const back = one.resume(alice.joined, alice.joined.position);
  assert.equal(back.told[0]?.type, "resumed");
  say(two, bob, 1);
  assert.deepEqual(numbers(one.take(back.id)), [1]);
});

test("An empty room waits for emptyMs and keeps its log for those who come in time", () => {
  const bench = new Bench({ emptyMs: 5000 });
  const alice = bench.join();
  bench.send(alice.id, { type: "leave" });
  bench.advance(3000);
  const bob = bench.join();
  assert.equal(bob.joined.epoch, alice.joined.epoch);
  bench.disconnect(bob.id, true);
  bench.advance(7000);
  assert.equal(bench.store.size, 0);
  assert.notEqual(bench.join().joined.epoch, alice.joined.epoch);
});

test("What is kept of a room stays bounded, and is let go of when nobody can need it", () => {
  const bench = new Bench({
    replayEntries: 50,
    replayLength: 5000,
    messageBurst: 1e6,
    byteBurst: 1e9,
    resumeMs: 1000,
  });
  const alice = bench.join();
  bench.join();
  for (let seq = 1; seq <= 1000; seq++) say(bench, alice, seq, "x".repeat(seq % 300));
  const log = (): readonly unknown[] =>
    bench.store.open("r", undefined, 0, { entries: () => {}, lost: () => {} })!.entries;
  const kept = log();
  assert.ok(kept.length <= 100, `${kept.length} entries`);
  assert.ok(JSON.stringify(kept).length < 20_000);
  bench.advance(5000);
  assert.ok(log().length <= 2, `${log().length} entries`);
});

test("Under random schedules on two instances everybody hears every message once and in order", () => {
  const step = fc.record({
    what: fc.constantFrom(
      ...["say", "say", "say", "say", "drop", "resume", "leave", "join", "wait", "ghost", "kill"],
    ),
    who: fc.nat(3),
    where: fc.boolean(),
  });
  const property = fc.property(fc.array(step, { minLength: 20, maxLength: 120 }), (steps) => {
    const clock = { now: 0 };
    const limits = { idleMs: 1e9, resumeMs: 1e6, leaseMs: 1000, messageBurst: 1e6 };
    const first = new Bench(limits, { seed: 1, clock });
    const second = new Bench(limits, { seed: 2, clock, store: first.store });
    let spare = 3;
    const places: [Bench, Bench] = [first, second];
    const model = new Model();
    for (const { what, who, where } of steps) {
      const bench = places[where ? 1 : 0];
      if (what === "kill") {
        bench.isDead = true;
        places[where ? 1 : 0] = new Bench(limits, { seed: spare++, clock, store: first.store });
      } else if (what === "wait") bench.advance(200);
      else model.step(what, who, bench);
      model.listen();
    }
    model.end(places[0]);
  });
  fc.assert(property, { numRuns: 150 });
});

interface Member {
  bench: Bench;
  joined: Joined["joined"];
  /** The connection, while there is one. */
  id: number | undefined;
  position: number;
  nextSeq: number;
  /** Sent and not acknowledged. */
  outbox: number[];
  /** What it heard, by sender. */
  readonly heard: Map<string, number[]>;
}

/** Clients as they should behave, and what they must have heard. */
class Model {
  readonly #members: (Member | undefined)[] = [];
  /** What each session has said for the others to hear, with who was there to hear it. */
  readonly #said = new Map<string, Map<number, Set<Member>>>();

  step(what: string, who: number, bench: Bench): void {
    const member = this.#members[who];
    if (member === undefined) {
      if (what === "join") this.#join(who, bench);
    } else if (what === "say") this.#say(member);
    else if (what === "resume") this.#resume(member, bench);
    else if (what === "drop" && member.id !== undefined) {
      member.bench.disconnect(member.id);
      member.id = undefined;
    } else if (what === "ghost") member.id = undefined;
    else if (what === "leave" && member.id !== undefined && !member.bench.isDead) {
      member.bench.send(member.id, { type: "leave" });
      this.#members[who] = undefined;
    }
  }

  #join(who: number, bench: Bench): void {
    const { id, joined } = bench.join();
    const { position } = joined;
    this.#members[who] = { bench, joined, id, position, nextSeq: 1, outbox: [], heard: new Map() };
    this.#said.set(joined.self, new Map());
  }

  #say(member: Member): void {
    const seq = member.nextSeq++;
    member.outbox.push(seq);
    const audience = new Set<Member>();
    for (const other of this.#members) if (other && other !== member) audience.add(other);
    this.#said.get(member.joined.self)!.set(seq, audience);
    if (member.id !== undefined) this.#post(member, seq);
  }

  #post(member: Member, seq: number): void {
    if (!member.bench.isDead) member.bench.send(member.id!, { type: "data", seq, data: seq });
  }

  #resume(member: Member, bench: Bench): void {
    // What came over the old connection may be on the table still.
    this.#hear(member);
    const { id, told } = bench.resume(member.joined, member.position);
    assert.equal(told[0]?.type, "resumed", JSON.stringify(told[0]));
    Object.assign(member, { bench, id });
    for (const message of told) this.#take(member, message);
    for (const seq of [...member.outbox]) this.#post(member, seq);
  }

  listen(): void {
    for (const member of this.#members) if (member?.id !== undefined) this.#hear(member);
  }

  #hear(member: Member): void {
    if (member.id === undefined) return;
    for (const message of member.bench.take(member.id)) this.#take(member, message);
  }

  #take(member: Member, message: ServerMessage): void {
    const { position } = message as { position?: number };
    if (message.type === "resumed" || message.type === "ack" || message.type === "ping") {
      const ack = message.type === "ack" ? message.seq : message.ack;
      member.outbox = member.outbox.filter((seq) => seq > ack);
      return;
    }
    if (position === undefined) return;
    assert.ok(position > member.position, "nothing is told twice");
    member.position = position;
    if (message.type !== "data") return;
    const heard = member.heard.get(message.from) ?? [];
    heard.push(message.data as number);
    member.heard.set(message.from, heard);
  }

  /** Everybody comes back, and everything that was said has arrived. */
  end(bench: Bench): void {
    for (const member of this.#members) if (member !== undefined) this.#resume(member, bench);
    this.listen();
    for (const member of this.#members) {
      for (const [from, heard] of member?.heard ?? []) {
        assert.deepEqual(heard, [...new Set(heard)].sort((a, b) => a - b), `from ${from}`);
      }
    }
    for (const speaker of this.#members) {
      if (speaker === undefined) continue;
      for (const [seq, audience] of this.#said.get(speaker.joined.self)!) {
        for (const listener of audience) {
          if (!this.#members.includes(listener)) continue;
          const heard = listener.heard.get(speaker.joined.self) ?? [];
          assert.ok(heard.includes(seq), `${seq} of ${speaker.joined.self} is lost`);
        }
      }
    }
  }
}

/** One POST's messages on an instance; what was answered. */
function exchange(bench: Bench, { joined }: Joined, ...messages: unknown[]): ServerMessage[] {
  const id = bench.connect({ kind: "exchange" });
  const { self: session, secret, room } = joined;
  const act = { type: "act", room, session, secret };
  const texts = [act, ...messages].map((message) => JSON.stringify(message));
  bench.machine.handleExchange(bench.now, id, texts);
  bench.drain();
  assert.ok(bench.closed.has(id), "the exchange has ended");
  return bench.take(id);
}

test("A session whose stream is on one instance speaks by POST on any other", () => {
  const [one, two] = cluster();
  const alice = one.join("r", "", { kind: "stream" }), bob = one.join();
  one.take(bob.id);
  const [ack] = exchange(two, alice, { type: "data", seq: 1, data: 1 }, {
    type: "data",
    seq: 2,
    data: 2,
  });
  assert.ok(ack?.type === "ack" && ack.seq === 2);
  assert.deepEqual(numbers(one.take(bob.id)), [1, 2]);
  // A number that is missing in between is not skipped: the answer says where to go on.
  const [gap] = exchange(one, alice, { type: "data", seq: 4, data: 4 });
  assert.ok(gap?.type === "ack" && gap.seq === 2);
  // A refusal goes to the stream, because it stands in the log.
  one.take(alice.id);
  exchange(two, alice, { type: "remove", seq: 3, id: bob.self });
  assert.equal(errorCode(one.take(alice.id)), "forbidden");
  assert.equal(two.machine.stats().rooms, 0, "an instance without members lets go of the room");
});

test("A socket that outlived its machine's memory takes its place again without a word", () => {
  const clock = { now: 0 };
  const instance = "0123456789abcdef";
  const before = new Bench({}, { seed: 1, clock, instance });
  const alice = before.join(), bob = before.join();
  const place = before.machine.placeOf(bob.id)!;
  before.isDead = true;
  const after = new Bench({}, { seed: 2, clock, instance, store: before.store });
  after.machine.adopt(0, alice.id, place.room, alice.self);
  after.machine.adopt(0, bob.id, place.room, place.session);
  after.drain();
  say(after, alice, 1);
  assert.deepEqual(after.take(alice.id), []);
  assert.deepEqual(numbers(after.take(bob.id)), [1]);
  after.machine.adopt(0, 99, "r", "0".repeat(16));
  after.drain();
  assert.equal(after.closed.get(99)?.reason, "try-again");
  assert.equal(after.connect() > 99, true, "numbers are not used twice");
});
