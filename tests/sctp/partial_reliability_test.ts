import assert from "node:assert/strict";
import { test } from "../harness.ts";
import { markOf, Pair, payload } from "./pair.ts";

test("Messages with maxRetransmits 0 may be lost, and hold up nothing (RFC 3758, RFC 7496 §3.2)", () => {
  for (const interleaving of [false, true]) {
    for (const ordered of [false, true]) {
      for (let seed = 1; seed <= 4; seed++) {
        const link = { loss: 0.1, delayMs: 30, reorder: 0.05 };
        const tsn = 0xffff_ffd0;
        const message = interleaving ? 0xffff_fff0 : 0xfff0;
        const both = { interleaving, initialNumbers: { tsn, message } };
        const pair = new Pair({ seed, link, both }).connect();
        const note = `seed ${seed} interleaving ${interleaving} ordered ${ordered}`;
        for (let i = 0; i < 200; i++) {
          const size = i % 3 === 0 ? 3000 : 100;
          pair.a.sctp.send(pair.now, 1, 53, payload(size, i), { ordered, maxRetransmits: 0 });
          pair.a.sctp.send(pair.now, 2, 53, payload(50, i));
          pair.run(5);
        }
        const drained = () =>
          pair.a.sctp.stats().unackData === 0 && pair.a.sctp.stats().bufferedBytes === 0;
        assert.ok(pair.run(120_000, drained), note + JSON.stringify(pair.a.sctp.stats()));
        const marks = (id: number) =>
          pair.b.of("message").filter((m) => m.streamId === id).map((m) => markOf(m.data));
        assert.equal(marks(2).length, 200, `reliable stream: ${note}`);
        const unreliable = marks(1);
        assert.ok(
          unreliable.length < 200 && unreliable.length > 100,
          `${unreliable.length} ${note}`,
        );
        assert.equal(new Set(unreliable).size, unreliable.length, note);
        if (ordered) assert.deepEqual(unreliable, [...unreliable].sort((x, y) => x - y), note);
        for (const { data } of pair.b.of("message")) {
          assert.deepEqual(data, payload(data.length, markOf(data)), note);
        }
        assert.ok(pair.a.sctp.stats().abandonedMessages > 0);
      }
    }
  }
});

test("Expired messages that were not sent take no TSN (RFC 3758 §3.5 A1)", () => {
  const pair = new Pair({ link: { delayMs: 100 } }).connect();
  for (let i = 0; i < 100; i++) {
    pair.a.sctp.send(pair.now, 1, 53, payload(5000, i), { maxLifetimeMs: 50 });
  }
  pair.run(20_000);
  assert.ok(pair.b.of("message").length < 100);
  assert.equal(pair.a.sctp.bufferedAmount(1), 0);
  assert.equal(pair.a.sctp.stats().unackData, 0);
  pair.a.sctp.send(pair.now, 1, 53, payload(4, 777));
  pair.run(2000);
  assert.equal(markOf(pair.b.of("message").at(-1)!.data), 777);
});

test("A message that expires half sent is skipped, the rest is not sent (RFC 3758 §3.5 A3)", () => {
  for (const interleaving of [false, true]) {
    const pair = new Pair({ link: { delayMs: 50 }, both: { interleaving } }).connect();
    pair.a.sctp.send(pair.now, 1, 53, payload(200_000, 1), { maxLifetimeMs: 75 });
    pair.a.sctp.send(pair.now, 1, 53, payload(100, 2));
    pair.run(5000);
    assert.deepEqual(pair.b.of("message").map(({ data }) => markOf(data)), [2]);
    assert.ok(pair.b.sctp.stats().localWindow > 4_700_000, "nothing of it is held");
    assert.equal(pair.a.sctp.stats().unackData, 0);
  }
});

test("maxRetransmits counts: one loss is survived, two are not (RFC 7496 §3.2)", () => {
  for (const [losses, arrives] of [[1, true], [2, false]] as const) {
    const pair = new Pair({ both: { interleaving: false } }).connect();
    let lost = 0;
    pair.a.filter = (packet) => packet[12] !== 0 || ++lost > losses;
    pair.a.sctp.send(pair.now, 1, 53, payload(100, 1), { maxRetransmits: 1 });
    pair.run(20_000);
    assert.equal(pair.b.of("message").length, arrives ? 1 : 0);
    assert.equal(pair.a.sctp.stats().unackData, 0);
  }
});

test("A lost FORWARD TSN is sent again (RFC 3758 §3.5 F)", () => {
  const pair = new Pair({ both: { interleaving: false } }).connect();
  let forwards = 0;
  pair.a.filter = (packet) => {
    if (packet[12] === 192) return ++forwards > 2;
    return packet[12] !== 0 || forwards > 0;
  };
  pair.a.sctp.send(pair.now, 1, 53, payload(100, 1), { maxRetransmits: 0 });
  pair.run(30_000);
  assert.equal(forwards, 3);
  assert.equal(pair.a.sctp.stats().unackData, 0);
  pair.a.sctp.send(pair.now, 1, 53, payload(100, 2));
  pair.run(2000);
  assert.deepEqual(pair.b.of("message").map(({ data }) => markOf(data)), [2]);
});

test("A message of lifetime 0 is sent once (RFC 3758 §4, W3C webrtc-pc §6.2)", () => {
  const pair = new Pair().connect();
  pair.run(500);
  pair.a.sctp.send(pair.now, 1, 53, payload(100, 1), { maxLifetimeMs: 0 });
  pair.now += 0.5;
  pair.run(500);
  assert.equal(pair.b.of("message").length, 1);
});
