import assert from "node:assert/strict";
import { test } from "../harness.ts";
import { Pair, payload } from "./pair.ts";

test("Packets stay at the base size until the host names a bound (RFC 8899 §5.2)", () => {
  const pair = new Pair().connect();
  pair.a.sctp.send(pair.now, 0, 53, payload(100_000, 1));
  pair.run(5000);
  assert.equal(pair.a.largest, 1188);
});

test("One answered probe at the bound is enough (RFC 8899 §5.3.3)", () => {
  const pair = new Pair();
  pair.a.sctp.setPathMtu(65_000);
  pair.connect();
  pair.run(20);
  assert.equal(pair.a.sctp.stats().mtu, 16_384);
  pair.a.sctp.send(pair.now, 0, 53, payload(200_000, 1));
  pair.run(1000);
  assert.equal(pair.b.of("message").length, 1);
  assert.equal(pair.a.largest, 16_384);
  assert.ok(pair.b.largest <= 1188, "the ack carries no padding");
});

test("A peer that does not list PAD gets no packet above the base size (RFC 8899 §4.1, RFC 5061 §4.2.7)", () => {
  const pair = new Pair({ b: { padding: false } });
  pair.a.sctp.setPathMtu(16_384);
  pair.b.sctp.setPathMtu(16_384);
  pair.connect();
  pair.a.sctp.send(pair.now, 0, 53, payload(100_000, 1));
  pair.b.sctp.send(pair.now, 1, 53, payload(100_000, 2));
  pair.run(5000);
  assert.deepEqual([pair.a.largest, pair.b.largest], [1188, 1188]);
});

test("The search finds what passes, and no data is lost on the way (RFC 8899 §5.3)", () => {
  const pair = new Pair({ link: { delayMs: 5, mtu: 9000 } }).connect();
  pair.a.sctp.setPathMtu(16_384);
  for (let i = 0; i < 20; i++) pair.a.sctp.send(pair.now, 0, 53, payload(50_000, i));
  pair.run(30_000);
  const { mtu, retransmissions } = pair.a.sctp.stats();
  assert.ok(mtu > 9000 - 64 - 64 && mtu <= 9000, `${mtu}`);
  assert.equal(retransmissions, 0);
  assert.equal(pair.b.of("message").length, 20);
});

test("A black hole is noticed, and what was sent in large packets still arrives (RFC 8899 §4.3, RFC 9260 §6.9)", () => {
  const pair = new Pair().connect();
  pair.a.sctp.setPathMtu(8000);
  pair.run(1000);
  assert.equal(pair.a.sctp.stats().mtu, 8000);
  // For a while nothing large passes; then IP fragments again.
  pair.a.filter = (packet) => packet.length <= 1188;
  for (let i = 0; i < 10; i++) pair.a.sctp.send(pair.now, 0, 53, payload(30_000, i));
  pair.run(3000);
  assert.equal(pair.a.sctp.stats().mtu, 1188);
  pair.a.filter = undefined;
  assert.ok(pair.run(60_000, () => pair.b.of("message").length === 10));
});

test("A smaller bound takes effect at once (RFC 9260 §6.9)", () => {
  const pair = new Pair().connect();
  pair.a.sctp.setPathMtu(16_384);
  pair.run(1000);
  pair.a.sctp.setPathMtu(1188);
  pair.a.largest = 0;
  pair.a.sctp.send(pair.now, 0, 53, payload(100_000, 1));
  pair.run(2000);
  assert.equal(pair.a.largest, 1188);
  assert.equal(pair.b.of("message").length, 1);
});

test("Packets are minimal until a probe shows that the base passes (RFC 8899 §5.2)", () => {
  const pair = new Pair({ link: { delayMs: 50 } }).connect();
  pair.a.sctp.send(pair.now, 0, 53, payload(20_000, 1));
  pair.a.filter = (packet) => packet.length <= 468 || packet[12] === 4;
  pair.run(90);
  assert.ok(pair.a.sctp.stats().retransmissions === 0 && pair.a.sctp.stats().mtu === 468);
  pair.a.filter = undefined;
  pair.run(200);
  assert.equal(pair.a.sctp.stats().mtu, 1188);
  assert.equal(pair.b.of("message").length, 1);
});

test("A path below the base carries everything, in both directions (RFC 8899 §5.2, ERROR)", () => {
  for (const mtu of [468, 512, 563, 700, 1187]) {
    const pair = new Pair({ link: { delayMs: 20, mtu, loss: 0.02 }, seed: mtu }).connect();
    for (let i = 0; i < 5; i++) {
      pair.a.sctp.send(pair.now, 0, 53, payload(60_000, i));
      pair.b.sctp.send(pair.now, 1, 53, payload(100, i));
    }
    const done = (): boolean =>
      pair.a.of("message").length === 5 && pair.b.of("message").length === 5;
    assert.ok(pair.run(60_000, done), `mtu ${mtu}`);
    pair.run(5000);
    const found = pair.a.sctp.stats().mtu;
    assert.ok(found <= mtu && found > Math.min(mtu - 70, 467), `mtu ${mtu}: found ${found}`);
  }
});

test("A slow path is not taken for a narrow one: the answer to an earlier probe counts (RFC 8899 §5.1.1)", () => {
  const pair = new Pair({ link: { delayMs: 450 } }).connect();
  pair.run(5000);
  assert.equal(pair.a.sctp.stats().mtu, 1188);
});

test("After an outage the search begins anew as soon as something is acknowledged (RFC 8899 §4.3)", () => {
  const pair = new Pair().connect();
  pair.run(1000);
  pair.a.filter = () => false;
  pair.a.sctp.send(pair.now, 0, 53, payload(400, 1));
  pair.run(20_000);
  assert.equal(pair.a.sctp.stats().mtu, 468);
  pair.a.filter = undefined;
  pair.run(5000);
  assert.equal(pair.a.sctp.stats().mtu, 1188);
  assert.equal(pair.b.of("message").length, 1);
});
