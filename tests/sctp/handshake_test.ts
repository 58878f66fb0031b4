import assert from "node:assert/strict";
import { NEVER } from "../../src/base/mod.ts";
import { ChunkType } from "../../src/sctp/chunk.ts";
import { test } from "../harness.ts";
import { Pair, payload } from "./pair.ts";

/** First chunk types that a side sends. */
function typesOf(side: Pair["a"]): number[] {
  const types: number[] = [];
  side.filter = (packet) => types.push(packet[12]!) > 0;
  return types;
}

test("One side connects in four packets (RFC 9260 §5.1)", () => {
  // Without probes of the path.
  const pair = new Pair({ both: { padding: false } });
  const a = typesOf(pair.a), b = typesOf(pair.b);
  pair.a.sctp.connect(pair.now);
  assert.equal(pair.a.sctp.state, "cookie-wait");
  pair.run(1000);
  assert.deepEqual(a.slice(0, 2), [ChunkType.init, ChunkType.cookieEcho]);
  assert.deepEqual(b.slice(0, 2), [ChunkType.initAck, ChunkType.cookieAck]);
  assert.equal(pair.a.sctp.state, "established");
  assert.equal(pair.b.sctp.state, "established");
  assert.equal(pair.a.of("connected").length, 1);
  assert.equal(pair.b.of("connected").length, 1);
});

test("Both sides may connect at once, whatever is lost (RFC 9260 §5.2.1, §5.2.4)", () => {
  for (let seed = 1; seed <= 60; seed++) {
    const link = { delayMs: 20, loss: 0.3, reorder: 0.3, duplicate: 0.3 };
    const pair = new Pair({ seed, link }).connect();
    pair.a.sctp.send(pair.now, 0, 53, payload(10, 1));
    pair.b.sctp.send(pair.now, 0, 53, payload(10, 1));
    const done = () => pair.a.of("message").length + pair.b.of("message").length === 2;
    assert.ok(pair.run(60_000, done), `seed ${seed}`);
    assert.equal(pair.a.of("restarted").length + pair.b.of("restarted").length, 0, `seed ${seed}`);
  }
});

test("INIT is sent again when T1-init expires, with backoff (RFC 9260 §5.1, §6.3.3)", () => {
  const pair = new Pair();
  const times: number[] = [];
  pair.a.filter = () => {
    times.push(pair.now - 1000);
    return false;
  };
  pair.a.sctp.connect(pair.now);
  pair.run(12_000);
  assert.deepEqual(times, [0, 1000, 3000, 6000, 9000, 12_000]);
});

test("COOKIE ECHO is sent again when T1-cookie expires (RFC 9260 §5.1)", () => {
  const pair = new Pair();
  let echoes = 0;
  pair.a.filter = (packet) => packet[12] !== ChunkType.cookieEcho || ++echoes > 2;
  pair.a.sctp.connect(pair.now);
  pair.run(10_000);
  assert.equal(echoes, 3);
  assert.equal(pair.a.sctp.state, "established");
});

test("The handshake ends after maxRetransmissions (RFC 9260 §8.1)", () => {
  const pair = new Pair({ a: { maxRetransmissions: 2 } });
  pair.a.filter = () => false;
  pair.a.sctp.connect(pair.now);
  pair.run(60_000);
  assert.equal(pair.a.sctp.state, "closed");
  assert.match(pair.a.of("closed")[0]!.reason!.message, /does not answer/);
  assert.equal(pair.a.sctp.pollTimeout(), NEVER);
});

test("Messages queued before the association go out when it is there (RFC 8831 §6.5)", () => {
  const pair = new Pair();
  assert.equal(pair.a.sctp.send(pair.now, 3, 53, payload(2000, 1)), "ok");
  pair.connect();
  pair.run(1000);
  assert.equal(pair.b.of("message").length, 1);
});

test("A peer that restarts gets a new association, numbers begin anew (RFC 9260 §5.2.4.1)", () => {
  const pair = new Pair().connect();
  for (let i = 0; i < 5; i++) pair.a.sctp.send(pair.now, 0, 53, payload(100, i));
  pair.run(1000);
  const fresh = new Pair({ seed: 99 });
  const out = new Uint8Array(4096);
  fresh.b.sctp.connect(pair.now);
  const exchange = () => {
    for (let moved = true; moved;) {
      moved = false;
      for (
        const [from, to] of [[fresh.b.sctp, pair.a.sctp], [pair.a.sctp, fresh.b.sctp]] as const
      ) {
        const end = from.pollTransmit(pair.now, out, 0, from.maxTransmitBytes);
        if (end > 0) to.handleInput(pair.now, out.subarray(0, end));
        moved ||= end > 0;
      }
    }
  };
  exchange();
  assert.equal(fresh.b.sctp.state, "established");
  pair.a.sctp.send(pair.now, 0, 53, payload(100, 7));
  fresh.b.sctp.send(pair.now, 0, 53, payload(100, 8));
  exchange();
  const eventsOf = (sctp: typeof fresh.b.sctp) => {
    const types: string[] = [];
    for (let event = sctp.pollEvent(); event; event = sctp.pollEvent()) types.push(event.type);
    return types;
  };
  assert.deepEqual(eventsOf(pair.a.sctp).slice(0, 2), ["restarted", "message"]);
  assert.deepEqual(eventsOf(fresh.b.sctp).slice(-1), ["message"]);
});

test("A shutdown sends what is queued first and ends both sides (RFC 9260 §9.2)", () => {
  for (const link of [{ delayMs: 20 }, { delayMs: 20, loss: 0.2 }]) {
    const pair = new Pair({ link }).connect();
    for (let i = 0; i < 20; i++) pair.a.sctp.send(pair.now, 0, 53, payload(5000, i));
    pair.a.sctp.shutdown(pair.now);
    assert.equal(pair.a.sctp.state, "shutdown-pending");
    assert.equal(pair.a.sctp.send(pair.now, 0, 53, payload(1, 1)), "closed");
    const closed = () => pair.a.of("closed").length + pair.b.of("closed").length === 2;
    assert.ok(pair.run(120_000, closed), JSON.stringify(link));
    assert.equal(pair.b.of("message").length, 20);
    assert.equal(pair.a.of("closed")[0]!.reason, undefined);
    assert.equal(pair.b.of("closed")[0]!.reason, undefined);
    assert.equal(pair.a.sctp.pollTimeout(), NEVER);
    assert.equal(pair.b.sctp.pollTimeout(), NEVER);
  }
});

test("A peer that connected first is let in although it does not answer our INIT (RFC 9260 §5.1)", () => {
  const pair = new Pair({ link: { delayMs: 20 } });
  let tag = 0;
  pair.b.filter = (packet) => {
    const { getUint32 } = DataView.prototype;
    const initiateTag = getUint32.call(new DataView(packet.buffer, packet.byteOffset), 16);
    if (packet[12] === ChunkType.initAck) tag = initiateTag;
    if (packet[12] !== ChunkType.init) return true;
    assert.equal(initiateTag, tag, "our INIT has the tag of the INIT ACK before it (§5.2.1)");
    return false;
  };
  pair.a.sctp.connect(pair.now);
  pair.run(30); // our INIT ACK is on its way
  pair.b.sctp.connect(pair.now);
  pair.run(1000);
  assert.deepEqual([pair.a.sctp.state, pair.b.sctp.state], ["established", "established"]);
  pair.b.sctp.send(pair.now, 0, 53, payload(10, 1));
  assert.ok(pair.run(1000, () => pair.a.of("message").length === 1));
});

test("Both sides may shut down at once (RFC 9260 §9.2)", () => {
  const pair = new Pair().connect();
  pair.a.sctp.shutdown(pair.now);
  pair.b.sctp.shutdown(pair.now);
  pair.run(10_000);
  assert.equal(pair.a.sctp.state, "closed");
  assert.equal(pair.b.sctp.state, "closed");
});

test("An abort ends the peer with its cause (RFC 9260 §9.1)", () => {
  const pair = new Pair().connect();
  pair.a.sctp.abort(pair.now);
  pair.run(100);
  assert.equal(pair.b.sctp.state, "closed");
  assert.equal(pair.b.of("closed")[0]!.reason!.sctpCause, 12);
  assert.equal(pair.a.of("closed")[0]!.reason, undefined);
});

test("An idle path is probed by HEARTBEAT every 30 s (RFC 9260 §8.3)", () => {
  const pair = new Pair({ link: { delayMs: 40 } }).connect();
  const types = typesOf(pair.a);
  pair.run(95_000);
  assert.equal(types.filter((type) => type === ChunkType.heartbeat).length, 3);
  assert.equal(Math.round(pair.a.sctp.stats().smoothedRoundTripTimeMs!), 80);
});

test("Unanswered data and heartbeats end the association after maxRetransmissions (RFC 9260 §8.1)", () => {
  const pair = new Pair({ a: { maxRetransmissions: 5 } }).connect();
  pair.a.filter = () => false;
  pair.a.sctp.send(pair.now, 0, 53, payload(10, 1));
  assert.ok(pair.run(600_000, () => pair.a.of("closed").length > 0));
});

test("A spurious handleTimeout does nothing", () => {
  const pair = new Pair().connect();
  const before = JSON.stringify(pair.a.sctp.stats());
  for (let i = 0; i < 10; i++) pair.a.sctp.handleTimeout(pair.now);
  assert.equal(JSON.stringify(pair.a.sctp.stats()), before);
});
