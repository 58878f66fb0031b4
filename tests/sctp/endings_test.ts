import assert from "node:assert/strict";
import { NEVER } from "../../src/base/mod.ts";
import { test } from "../harness.ts";
import { markOf, Pair, payload } from "./pair.ts";

test("Whenever and whoever shuts down, both sides end, and nothing is lost before (RFC 9260 §9.2)", () => {
  for (let seed = 1; seed <= 120; seed++) {
    const link = {
      loss: (seed % 5) * 0.1,
      reorder: (seed % 3) * 0.2,
      duplicate: (seed % 4) * 0.1,
      delayMs: 1 + (seed % 7) * 40,
    };
    const pair = new Pair({ seed, link, both: { interleaving: seed % 2 === 0 } }).connect();
    const note = `seed ${seed}`;
    const { a, b } = pair;
    const count = seed % 13;
    for (let i = 0; i < count; i++) a.sctp.send(pair.now, i % 3, 53, payload(4 + 997 * i, i));
    if (seed % 11 === 0) a.sctp.resetStreams(pair.now, [0, 1]);
    pair.run((seed * 37) % 900);
    a.sctp.shutdown(pair.now);
    pair.run((seed * 61) % 300);
    if (seed % 3 === 0) b.sctp.shutdown(pair.now);
    const ended = () => a.sctp.state === "closed" && b.sctp.state === "closed";
    assert.ok(pair.run(120_000, ended), `${note}: ${a.sctp.state} ${b.sctp.state}`);
    pair.drain();
    for (const side of [a, b]) {
      assert.equal(side.of("closed").length, 1, note);
      assert.equal(side.sctp.pollTimeout(), NEVER, note);
    }
    const marks = b.of("message").map(({ data }) => markOf(data));
    assert.deepEqual(marks.sort((x, y) => x - y), Array.from({ length: count }, (_, i) => i), note);
  }
});

test("An association that has ended refuses INIT, and the peer ends (RFC 9260 §5.1)", () => {
  const pair = new Pair();
  pair.b.sctp.shutdown(pair.now);
  pair.a.sctp.connect(pair.now);
  assert.ok(pair.run(1000, () => pair.a.sctp.state === "closed"));
  assert.equal(pair.a.of("closed").length, 1);
  assert.equal(pair.a.sctp.pollTimeout(), NEVER);
});

test("A peer that restarts in the middle of a path MTU search gets one of its own (RFC 8899 §5.2)", () => {
  const pair = new Pair({ link: { delayMs: 50 } }).connect();
  const size = () => pair.b.sctp.stats().mtu;
  assert.equal(size(), 468);
  const fresh = new Pair({ seed: 99 }).a;
  fresh.sctp.connect(pair.now);
  const out = new Uint8Array(4096);
  for (let i = 0; i < 400; i++) {
    pair.now += 10;
    for (const [from, to] of [[fresh.sctp, pair.b.sctp], [pair.b.sctp, fresh.sctp]] as const) {
      from.handleTimeout(pair.now);
      for (let end = 1; end > 0;) {
        end = from.pollTransmit(pair.now, out, 0, from.maxTransmitBytes);
        if (end > 0) to.handleInput(pair.now, out.subarray(0, end));
      }
    }
  }
  pair.drain();
  assert.equal(pair.b.of("restarted").length, 1);
  assert.equal(size(), 1188);
});
