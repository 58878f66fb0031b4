import assert from "node:assert/strict";
import type { LinkConditions } from "../../src/host/testing.ts";
import { test } from "../harness.ts";
import { markOf, Pair, payload } from "./pair.ts";

/** Sends messages of many sizes both ways on some streams and checks that each arrives, once, in order. */
function transfer(seed: number, link: LinkConditions, both: object = {}, count = 120): Pair {
  const pair = new Pair({ seed, link, both }).connect();
  const sizes = [1, 4, 100, 1100, 1172, 1173, 5000, 40_000];
  let sent = 0;
  for (let i = 0; i < count; i++) {
    const size = Math.max(4, sizes[(i * 7 + seed) % sizes.length]!);
    for (const side of [pair.a, pair.b]) {
      const ordered = i % 5 !== 0;
      const outcome = side.sctp.send(pair.now, i % 6, 53, payload(size, i), { ordered });
      assert.equal(outcome, "ok");
    }
    sent++;
    if (i % 10 === 0) pair.run(20);
  }
  const done = () => pair.a.of("message").length >= sent && pair.b.of("message").length >= sent;
  const note = `seed ${seed} ${JSON.stringify(link)} ${JSON.stringify(pair.a.sctp.stats())}`;
  assert.ok(pair.run(1_200_000, done), `not all arrived: ${note}`);
  pair.run(5000);
  for (const side of [pair.a, pair.b]) {
    const messages = side.of("message");
    assert.equal(messages.length, sent, note);
    const seen = new Set<number>();
    const last = new Map<number, number>();
    for (const { data, streamId, unordered } of messages) {
      const mark = markOf(data);
      assert.ok(!seen.has(mark), `twice: ${note}`);
      seen.add(mark);
      assert.equal(streamId, mark % 6);
      assert.equal(unordered, mark % 5 === 0);
      assert.deepEqual(data, payload(data.length, mark), note);
      if (unordered) continue;
      assert.ok((last.get(streamId) ?? -1) < mark, `out of order: ${note}`);
      last.set(streamId, mark);
    }
  }
  assert.equal(pair.a.sctp.stats().bytesInFlight, 0);
  assert.equal(pair.a.sctp.stats().unackData, 0);
  return pair;
}

for (const interleaving of [false, true]) {
  const kind = interleaving ? "I-DATA (RFC 8260)" : "DATA (RFC 9260 §6)";
  test(`Nothing is lost, doubled or reordered over a clean link: ${kind}`, () => {
    const pair = transfer(1, { delayMs: 5 }, { interleaving });
    assert.equal(pair.a.sctp.stats().interleaving, interleaving);
    assert.equal(pair.a.sctp.stats().retransmissions, 0);
  });

  test(`Nothing is lost, doubled or reordered over bad links: ${kind}`, () => {
    for (let seed = 1; seed <= 12; seed++) {
      const link = {
        loss: [0.01, 0.05, 0.1, 0.2][seed % 4]!,
        reorder: 0.05 * (seed % 3),
        duplicate: 0.05 * (seed % 4),
        delayMs: [30, 100, 300][seed % 3]!,
        jitterMs: 10,
      };
      transfer(seed, link, { interleaving }, 60);
    }
  });

  test(`Sequence numbers wrap without harm: ${kind}`, () => {
    for (let seed = 1; seed <= 6; seed++) {
      const tsn = [0xffff_fff0, 0xffff_ffff, 0x7fff_fff0, 0, 0x8000_0000, 0xffff_ff80][seed % 6]!;
      const message = interleaving ? 0xffff_fffa : 0xfffa;
      const link = { loss: 0.08, reorder: 0.1, duplicate: 0.1, delayMs: 30 };
      transfer(seed, link, { interleaving, initialNumbers: { tsn, message } });
    }
  });
}

test("Packets keep below a small MTU (RFC 9260 §6.9)", () => {
  const pair = transfer(3, { delayMs: 20, mtu: 600, loss: 0.02 }, { maxPacketSize: 600 }, 40);
  assert.ok(pair.a.largest <= 600);
  assert.ok(pair.b.largest <= 600);
});

test("Without checksums the same holds, when both sides agree (RFC 9653)", () => {
  const pair = transfer(4, { delayMs: 20, loss: 0.05 }, { zeroChecksum: true }, 40);
  assert.equal(pair.a.sctp.stats().zeroChecksum, true);
});

test("One side alone does not switch checksums off (RFC 9653 §5.2)", () => {
  const pair = new Pair({ a: { zeroChecksum: true } }).connect();
  assert.equal(pair.a.sctp.stats().zeroChecksum, false);
  assert.equal(pair.b.sctp.stats().zeroChecksum, false);
  pair.a.sctp.send(pair.now, 0, 53, payload(100, 1));
  pair.b.sctp.send(pair.now, 0, 53, payload(100, 1));
  pair.run(1000);
  assert.equal(pair.a.of("message").length + pair.b.of("message").length, 2);
  assert.equal(pair.b.sctp.stats().drops.checksum, 0);
});

test("The same seed gives the same transcript, another seed another one", () => {
  const link = { loss: 0.1, reorder: 0.1, duplicate: 0.1, delayMs: 30 };
  const first = transfer(11, link, {}, 40).transcript;
  assert.equal(transfer(11, link, {}, 40).transcript, first);
  assert.notEqual(transfer(12, link, {}, 40).transcript, first);
});

test("A fast path is filled: 20 MB in a second of 20 ms round trips without loss (RFC 9260 §7.2)", () => {
  const pair = new Pair({ link: { delayMs: 10 } }).connect();
  let sent = 0;
  const fill = () => {
    while (pair.a.sctp.bufferedAmount(0) < 1_000_000 && sent < 320) {
      pair.a.sctp.send(pair.now, 0, 53, payload(65_536, sent++));
    }
    return pair.b.of("message").length >= 320;
  };
  const began = pair.now;
  assert.ok(pair.run(60_000, fill));
  assert.ok(pair.now - began < 2000, `took ${pair.now - began} ms`);
});

test("A receiver that does not read shuts its window, and opens it again (RFC 9260 §6.1 A, §6.2)", () => {
  for (const interleaving of [false, true]) {
    const pair = new Pair({ both: { interleaving }, b: { receiveBufferBytes: 300_000 } }).connect();
    pair.b.paused = true;
    for (let i = 0; i < 200; i++) pair.a.sctp.send(pair.now, i % 3, 53, payload(5000, i));
    pair.run(60_000);
    assert.equal(pair.a.sctp.state, "established");
    assert.ok(pair.b.sctp.stats().localWindow < 10_000);
    assert.ok(pair.a.sctp.stats().bufferedBytes > 600_000);
    pair.b.paused = false;
    assert.ok(pair.run(10_000, () => pair.b.of("message").length === 200));
  }
});

test("Many large interleaved messages do not fill the peer's buffer with pieces (RFC 8260 §2.2)", () => {
  const link = { delayMs: 10, loss: 0.01 };
  const pair = new Pair({ link, b: { receiveBufferBytes: 600_000 } }).connect();
  for (let i = 0; i < 60; i++) {
    pair.a.sctp.send(pair.now, i, 53, payload(100_000, i), { ordered: i % 2 === 0 });
  }
  assert.ok(pair.run(120_000, () => pair.b.of("message").length === 60));
  assert.equal(pair.a.sctp.state, "established");
});

test("A path slower than the first timeout is measured, and nothing is sent twice from then on (RFC 9260 §6.3.3)", () => {
  for (const delayMs of [300, 450, 700]) {
    const pair = new Pair({ link: { delayMs }, both: { padding: false } }).connect();
    for (let i = 0; i < 4; i++) {
      pair.a.sctp.send(pair.now, 0, 53, payload(20, i));
      pair.run(5000);
    }
    const { smoothedRoundTripTimeMs } = pair.a.sctp.stats();
    assert.ok(smoothedRoundTripTimeMs! >= 2 * delayMs, `${delayMs}: ${smoothedRoundTripTimeMs}`);
    const before = pair.a.sctp.stats().retransmissions;
    for (let i = 0; i < 20; i++) {
      pair.a.sctp.send(pair.now, 0, 53, payload(20, i));
      pair.run(5000);
    }
    assert.equal(pair.a.sctp.stats().retransmissions, before, `${delayMs}`);
  }
});

test("A receive buffer that just holds the largest message takes it, in order and with losses (RFC 9260 §6.2)", () => {
  const receiveBufferBytes = 262_144 + 32_768;
  assert.throws(() => new Pair({ both: { receiveBufferBytes: receiveBufferBytes - 1 } }), {
    code: "invalid-option",
  });
  for (const interleaving of [false, true]) {
    for (const loss of [0, 0.02, 0.1]) {
      const both = { interleaving, receiveBufferBytes };
      const pair = new Pair({ seed: 3, link: { delayMs: 10, loss }, both }).connect();
      for (let i = 0; i < 5; i++) pair.a.sctp.send(pair.now, 1, 53, payload(262_144, i));
      assert.ok(pair.run(120_000, () => pair.b.of("message").length === 5), `loss ${loss}`);
      for (const { data } of pair.b.of("message")) {
        assert.deepEqual(data, payload(262_144, markOf(data)));
      }
    }
  }
});
