import assert from "node:assert/strict";
import fc from "fast-check";
import { AddressTable } from "../../src/signaling/address_table.ts";
import { networkOf } from "../../src/signaling/client_address.ts";
import { DEFAULT_LIMITS, type Identity, type ServerMessage } from "../../src/signaling/mod.ts";
import { test } from "../harness.ts";
import { Bench, errorCode, OFFER } from "./machine.ts";

const ANN: Identity = { user: "ann", rooms: [{ room: "r" }] };

function joinMessage(fields: Record<string, unknown> = {}): unknown {
  return { type: "join", version: 2, room: "r", ...fields };
}

test("Where tokens are needed nobody enters without one, with a bad one, or into another room", () => {
  const bench = new Bench({}, { needsToken: true });
  bench.tokens.set("good", ANN);
  bench.tokens.set("old", { code: "token-expired", message: "the token has expired" });
  const attempt = (fields: Record<string, unknown>): [string | undefined, number | undefined] => {
    const id = bench.connect();
    bench.send(id, joinMessage(fields));
    return [errorCode(bench.take(id)), bench.closed.get(id)?.code];
  };
  assert.deepEqual(attempt({}), ["unauthorized", 4001]);
  assert.deepEqual(attempt({ token: "bad" }), ["unauthorized", 4001]);
  assert.deepEqual(attempt({ token: "old" }), ["token-expired", 4002]);
  assert.deepEqual(attempt({ token: "good", room: "s" }), ["room-forbidden", 4003]);
  assert.deepEqual(attempt({ token: "good" }), [undefined, undefined]);
  assert.equal(bench.machine.stats().sessions, 1);
});

test("Strangers cannot tell rooms that exist from rooms that do not", () => {
  const bench = new Bench({}, { needsToken: true });
  const { joined } = bench.join("r", "", { identity: ANN });
  const resume = {
    session: "0".repeat(16),
    secret: "0".repeat(32),
    epoch: joined.epoch,
    position: 0,
  };
  const answers = ["r", "none"].map((room) => {
    const id = bench.connect();
    bench.send(id, joinMessage({ room, resume }));
    return [bench.take(id), bench.closed.get(id)];
  });
  const [there, nowhere] = answers.map((answer) =>
    JSON.stringify(answer).replace(/"connection":\d+/, "")
  );
  assert.equal(there, nowhere);
  assert.equal(bench.machine.stats().rooms, 1);
  assert.equal(bench.store.size, 1, "asking makes no room");
});

test("A session's secret is told to its owner alone", () => {
  const bench = new Bench();
  const alice = bench.join(), bob = bench.join();
  bench.send(bob.id, { type: "update", seq: 1, name: "x" });
  bench.disconnect(bob.id);
  const carol = bench.join();
  const heard = JSON.stringify([bench.take(alice.id), carol.joined]);
  assert.equal(heard.includes(bob.joined.secret), false);
  assert.equal(heard.includes(alice.joined.secret), false);
});

test("Whatever clients send, the machine does not throw, and answers keep the protocol", () => {
  const fields = fc.dictionary(
    fc.constantFrom(
      ...["type", "version", "room", "name", "kind", "attributes", "resume", "seq", "to", "id"],
      ...["data", "description", "candidate", "metadata", "session", "secret", "token"],
    ),
    fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom(
        "join",
        "act",
        "data",
        "description",
        "candidate",
        "update",
        "remove",
        "room",
      ),
      fc.constantFrom<unknown>(1, 2, 3, "r", "0".repeat(16), OFFER),
    ),
    { maxKeys: 8 },
  );
  fc.assert(
    fc.property(fc.array(fields, { maxLength: 30 }), (messages) => {
      const bench = new Bench({ faults: 1e6 });
      const { id, self } = bench.join();
      const stranger = bench.connect();
      for (const message of messages) {
        for (const who of [id, stranger]) {
          if (!bench.closed.has(who)) bench.send(who, message);
        }
        bench.machine.handleExchange(bench.now, stranger, [JSON.stringify(message)]);
        bench.drain();
      }
      assert.ok(bench.machine.stats().sessions <= 3, self);
    }),
    { numRuns: 200 },
  );
});

test("Ten thousand idle connections cost little time, and pings go to each of them", () => {
  const bench = new Bench({ heartbeatMs: 1000, idleMs: 5000 });
  const ids = Array.from({ length: 10_000 }, (_, i) => bench.join(`room-${i >> 3}`).id);
  bench.inbox.clear();
  bench.advance(1000);
  for (const id of ids) {
    const told = bench.take(id);
    assert.equal(told.filter(({ type }) => type === "ping").length, 1);
  }
  assert.equal(bench.machine.stats().connections, 10_000);
  bench.advance(10_000);
  assert.equal(bench.machine.stats().connections, 0);
});

test("After a storm of visitors nothing of them is kept: rooms, sessions, logs, addresses", () => {
  const bench = new Bench({ resumeMs: 1000, heartbeatMs: 1000, idleMs: 2000, joinMs: 1000 });
  for (let i = 0; i < 3000; i++) {
    const address = `192.0.2.${i % 250}`;
    const { id } = bench.join(`room-${i}`, "", { address });
    bench.send(id, { type: "data", seq: 1, data: "x".repeat(100) });
    if (i % 3 === 0) bench.disconnect(id);
    else if (i % 3 === 1) bench.disconnect(id, true);
    else bench.send(id, { type: "leave" });
    bench.inbox.clear();
  }
  bench.advance(5000);
  const { connections, rooms, sessions } = bench.machine.stats();
  assert.deepEqual({ connections, rooms, sessions }, { connections: 0, rooms: 0, sessions: 0 });
  assert.equal(bench.store.size, 0);
  assert.equal(bench.logs.size, 0);
  assert.equal(bench.machine.pollTimeout(), Infinity);
});

test("Addresses that are quiet are forgotten; IPv6 clients count by their /64 (RFC 7421 §1)", () => {
  const table = new AddressTable({ ...DEFAULT_LIMITS });
  for (let i = 0; i < 1000; i++) table.take(`10.0.${i >> 8}.${i & 255}`, 0, 1);
  assert.equal(table.size, 1000);
  table.sweep(100_000);
  assert.equal(table.size, 0);
  assert.equal(networkOf("2001:DB8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  assert.equal(networkOf("2001:db8:1:2::9"), networkOf("2001:0db8:0001:0002:ffff::1"));
  assert.equal(networkOf("fe80::1%eth0"), "fe80:0:0:0::/64");
  assert.equal(networkOf("::ffff:192.0.2.1"), "192.0.2.1");
  assert.equal(networkOf("192.0.2.1"), "192.0.2.1");
});

test("A reader that does not read is closed at the bound, and can resume from what is kept", () => {
  const bench = new Bench();
  const alice = bench.join(), bob = bench.join();
  bench.take(bob.id);
  bench.send(alice.id, { type: "data", seq: 1, data: 1 });
  // The driver found too much waiting on bob's socket and throws away what it could not send.
  bench.machine.handleOverflow(bench.now, bob.id);
  bench.drain();
  bench.take(bob.id);
  bench.send(alice.id, { type: "data", seq: 2, data: 2 });
  const { told } = bench.resume(bob.joined, bob.joined.position);
  const data = told.filter((message): message is ServerMessage & { type: "data" } =>
    message.type === "data"
  );
  assert.deepEqual(data.map((message) => message.data), [1, 2]);
});
