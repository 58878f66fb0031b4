import assert from "node:assert/strict";
import { readU32, writeU32 } from "../../src/base/mod.ts";
import { sealPacket } from "../../src/sctp/packet.ts";
import { test } from "../harness.ts";
import { markOf, Pair, payload } from "./pair.ts";

test("A reset is told on both sides, after what was queued (RFC 6525 §5.1.2, §5.2.2)", () => {
  const pair = new Pair().connect();
  for (let i = 0; i < 50; i++) pair.a.sctp.send(pair.now, 7, 53, payload(3000, i));
  pair.a.sctp.resetStreams(pair.now, [7]);
  assert.equal(pair.a.sctp.send(pair.now, 7, 53, payload(4, 1)), "closed");
  assert.ok(pair.run(20_000, () => pair.a.of("outgoing-streams-reset").length > 0));
  const types = pair.b.events.map((event) => event.type);
  assert.equal(pair.b.of("message").length, 50);
  assert.ok(types.indexOf("incoming-streams-reset") > types.lastIndexOf("message"));
  assert.deepEqual(pair.b.of("incoming-streams-reset")[0]!.streamIds, [7]);
  assert.deepEqual(pair.a.of("outgoing-streams-reset")[0]!.streamIds, [7]);
});

test("100 streams are opened and reset again and again over a bad link (RFC 6525)", () => {
  for (const interleaving of [false, true]) {
    for (let seed = 1; seed <= 4; seed++) {
      const link = { loss: 0.05 * seed, reorder: 0.1, duplicate: 0.1, delayMs: 30 };
      const tsn = 0xffff_ffe0 + seed;
      const message = interleaving ? 0xffff_fffe : 0xfffe;
      const both = { interleaving, initialNumbers: { tsn, message } };
      const pair = new Pair({ seed, link, both }).connect();
      const ids = Array.from({ length: 100 }, (_, i) => i * 3);
      const count = (
        side: typeof pair.a,
        type: "incoming-streams-reset" | "outgoing-streams-reset",
      ) => side.of(type).reduce((sum, event) => sum + event.streamIds.length, 0);
      for (let round = 1; round <= 4; round++) {
        for (const side of [pair.a, pair.b]) {
          for (const id of ids) {
            for (let i = 0; i < 3; i++) {
              assert.equal(side.sctp.send(pair.now, id, 53, payload(200, i + 3 * round)), "ok");
            }
          }
          side.sctp.resetStreams(pair.now, ids);
        }
        const done = () =>
          [pair.a, pair.b].every((side) =>
            count(side, "outgoing-streams-reset") === 100 * round &&
            count(side, "incoming-streams-reset") === 100 * round
          );
        assert.ok(pair.run(300_000, done), `round ${round} seed ${seed} ${interleaving}`);
        for (const side of [pair.a, pair.b]) {
          const messages = side.of("message");
          assert.equal(messages.length, 300 * round, `seed ${seed}`);
          const last = new Map<number, number>();
          for (const { streamId, data } of messages) {
            assert.ok((last.get(streamId) ?? -1) < markOf(data));
            last.set(streamId, markOf(data));
          }
        }
      }
    }
  }
});

test("A reset request that is lost is sent again with its number (RFC 6525 §5.1.1)", () => {
  const pair = new Pair().connect();
  const requests: string[] = [];
  pair.a.filter = (packet) => {
    if (packet[12] !== 130) return true;
    requests.push(packet.subarray(12).join());
    return requests.length > 2;
  };
  pair.a.sctp.resetStreams(pair.now, [1]);
  assert.ok(pair.run(20_000, () => pair.a.of("outgoing-streams-reset").length > 0));
  assert.equal(requests.length, 3);
  assert.equal(new Set(requests).size, 1);
});

test("A lost answer is given again, and the reset is not done twice (RFC 6525 §5.2.1)", () => {
  const pair = new Pair().connect();
  let answers = 0;
  pair.b.filter = (packet) => packet[12] !== 130 || ++answers > 2;
  pair.a.sctp.resetStreams(pair.now, [1]);
  assert.ok(pair.run(20_000, () => pair.a.of("outgoing-streams-reset").length > 0));
  assert.equal(pair.b.of("incoming-streams-reset").length, 1);
});

test("A reset ahead of lost data waits for it (RFC 6525 §5.2.2 E2)", () => {
  const pair = new Pair({ both: { interleaving: false } }).connect();
  let lost = false;
  pair.a.filter = (packet) => {
    if (packet[12] !== 0 || lost) return true;
    lost = true;
    return false;
  };
  pair.a.sctp.send(pair.now, 2, 53, payload(100, 1));
  pair.a.sctp.resetStreams(pair.now, [2]);
  assert.ok(pair.run(20_000, () => pair.a.of("outgoing-streams-reset").length > 0));
  assert.deepEqual(pair.b.events.map((event) => event.type), [
    "connected",
    "message",
    "incoming-streams-reset",
  ]);
});

test("Both sides may reset at once (RFC 8831 §6.7)", () => {
  const pair = new Pair().connect();
  pair.a.sctp.resetStreams(pair.now, [4]);
  pair.b.sctp.resetStreams(pair.now, [4]);
  pair.run(5000);
  for (const side of [pair.a, pair.b]) {
    assert.equal(side.of("outgoing-streams-reset").length, 1);
    assert.equal(side.of("incoming-streams-reset").length, 1);
  }
});

/** Lets `pair.b` take a chunk as if `pair.a` had sent it. */
function inject(pair: Pair, chunk: number[]): void {
  let tag = 0;
  pair.a.filter = (packet) => {
    tag = (packet[4]! << 24) | (packet[5]! << 16) | (packet[6]! << 8) | packet[7]!;
    return true;
  };
  pair.a.sctp.send(pair.now, 0, 53, payload(4, 1));
  pair.run(500);
  pair.a.filter = undefined;
  const packet = new Uint8Array(12 + chunk.length);
  packet.set([0x13, 0x88, 0x13, 0x88]);
  writeU32(packet, 4, tag);
  packet.set(chunk, 12);
  sealPacket(packet, 0, packet.length);
  pair.b.sctp.handleInput(pair.now, packet);
}

function answersOf(pair: Pair): number[][] {
  const answers: number[][] = [];
  pair.b.filter = (packet) => {
    if (packet[12] === 130) answers.push([...packet.subarray(12)]);
    return true;
  };
  return answers;
}

test("Requests with a number out of turn are refused (RFC 6525 §5.2.1)", () => {
  const pair = new Pair({ a: { initialNumbers: { tsn: 0x100 } } }).connect();
  const answers = answersOf(pair);
  inject(pair, [130, 0, 0, 22, 0, 13, 0, 18, 0, 0, 1, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0]);
  pair.run(100);
  assert.equal(answers[0]!.at(-1), 5);
  assert.equal(pair.b.of("incoming-streams-reset").length, 0);
});

test("Streams are added on request, TSN resets are denied (RFC 6525 §5.2.4, §5.2.5)", () => {
  const pair = new Pair({ a: { initialNumbers: { tsn: 0x100 } } }).connect();
  const answers = answersOf(pair);
  inject(pair, [130, 0, 0, 16, 0, 17, 0, 12, 0, 0, 1, 0, 0, 1, 0, 0]);
  pair.run(100);
  assert.equal(answers[0]!.at(-1), 2, "65535 streams is all there are");
  inject(pair, [130, 0, 0, 12, 0, 15, 0, 8, 0, 0, 1, 1]);
  pair.run(100);
  assert.equal(answers[1]!.at(-1), 2);
});

test("The peer may ask us to reset our streams (RFC 6525 §5.2.3)", () => {
  const pair = new Pair({ a: { initialNumbers: { tsn: 0x100 } } }).connect();
  pair.b.sctp.send(pair.now, 9, 53, payload(100, 1));
  pair.run(100);
  inject(pair, [130, 0, 0, 14, 0, 14, 0, 10, 0, 0, 1, 0, 0, 9, 0, 0]);
  pair.run(2000);
  assert.deepEqual(pair.b.of("outgoing-streams-reset")[0]!.streamIds, [9]);
  assert.deepEqual(pair.a.of("incoming-streams-reset")[0]!.streamIds, [9]);
});

test("The line is shared by weight (RFC 8831 §6.4, RFC 8260 §3.6)", () => {
  for (const interleaving of [false, true]) {
    const pair = new Pair({ link: { delayMs: 10, bytesPerMs: 500 }, both: { interleaving } })
      .connect();
    const priorities = [128, 256, 512, 1024];
    for (let i = 0; i < 400; i++) {
      priorities.forEach((priority, id) => {
        pair.a.sctp.send(pair.now, id, 53, payload(4000, i), { priority });
      });
    }
    const half = () => pair.b.of("message").length >= 600;
    assert.ok(pair.run(60_000, half));
    const counts = priorities.map((_, id) =>
      pair.b.of("message").filter((message) => message.streamId === id).length
    );
    for (let i = 1; i < 4; i++) {
      const ratio = counts[i]! / counts[i - 1]!;
      assert.ok(ratio > 1.6 && ratio < 2.5, `${counts}`);
    }
  }
});

test("With interleaving a large message does not hold up a small one (RFC 8260 §1.1)", () => {
  const order = (interleaving: boolean) => {
    const pair = new Pair({ both: { interleaving } }).connect();
    pair.a.sctp.send(pair.now, 1, 53, payload(250_000, 1));
    pair.drain();
    pair.a.sctp.send(pair.now, 2, 53, payload(100, 2), { priority: 1024 });
    pair.run(20_000, () => pair.b.of("message").length === 2);
    return pair.b.of("message").map(({ streamId }) => streamId);
  };
  assert.deepEqual(order(false), [1, 2]);
  assert.deepEqual(order(true), [2, 1]);
});

test("The buffered amount counts what was never sent, and its threshold is told (W3C webrtc-pc §6.2)", () => {
  const pair = new Pair().connect();
  const { sctp } = pair.a;
  sctp.setBufferedAmountLowThreshold(3, 10_000);
  for (let i = 0; i < 30; i++) sctp.send(pair.now, 3, 53, payload(5000, i));
  assert.equal(sctp.bufferedAmount(3), 150_000);
  assert.equal(sctp.bufferedAmount(4), 0);
  assert.ok(pair.run(10_000, () => pair.a.of("buffered-amount-low").length > 0));
  assert.ok(sctp.bufferedAmount(3) <= 10_000);
  pair.run(5000);
  assert.equal(sctp.bufferedAmount(3), 0);
  assert.equal(pair.a.of("buffered-amount-low").length, 1);
});

test("What does not fit the send buffer, or the peer, is not taken (RFC 8841 §6)", () => {
  const pair = new Pair({ a: { sendBufferBytes: 10_000, remoteMaxMessageSize: 5000 } }).connect();
  const { sctp } = pair.a;
  assert.equal(sctp.send(pair.now, 0, 53, payload(5001, 1)), "too-large");
  assert.equal(sctp.send(pair.now, 0, 53, payload(5000, 1)), "ok");
  assert.equal(sctp.send(pair.now, 0, 53, payload(5000, 1)), "ok");
  assert.equal(sctp.send(pair.now, 0, 53, payload(1, 1)), "buffer-full");
  assert.throws(() => sctp.send(pair.now, 0, 53, new Uint8Array(0)), { code: "empty-message" });
  assert.throws(() => sctp.send(pair.now, 65_535, 53, payload(1, 1)), { code: "invalid-stream" });
});

test("More streams than one request takes are reset in the smallest packets, too (RFC 6525 §4.1)", () => {
  const pair = new Pair({ both: { maxPacketSize: 512, padding: false } }).connect();
  const ids = Array.from({ length: 700 }, (_, i) => i);
  pair.a.sctp.resetStreams(pair.now, ids);
  pair.run(2000);
  const done = pair.a.of("outgoing-streams-reset").flatMap(({ streamIds }) => streamIds);
  assert.deepEqual(done, ids);
  // And on a path that takes nothing larger than the least.
  const narrow = new Pair({ link: { delayMs: 5, mtu: 468 } }).connect();
  narrow.a.sctp.resetStreams(narrow.now, ids);
  narrow.run(2000);
  assert.equal(narrow.b.of("incoming-streams-reset").length, 4);
});

test("No FORWARD TSN passes a reset that may be done already (RFC 3758 §3.5 C, RFC 6525 §5.2.2)", () => {
  for (const interleaving of [false, true]) {
    const pair = new Pair({ both: { interleaving } }).connect();
    pair.run(1000);
    // User data is lost towards b, acknowledgements and answers towards a.
    pair.a.filter = (packet) => packet[12] !== (interleaving ? 64 : 0);
    pair.b.filter = (packet) => packet[12] !== 3 && packet[12] !== 130;
    pair.a.sctp.send(pair.now, 1, 53, payload(100, 1), { maxRetransmits: 0 });
    pair.run(600);
    pair.a.sctp.resetStreams(pair.now, [1]);
    pair.run(50);
    assert.equal(pair.b.of("incoming-streams-reset").length, 1);
    pair.a.sctp.send(pair.now, 2, 53, payload(100, 2), { maxRetransmits: 0 });
    pair.run(6000);
    pair.a.filter = pair.b.filter = undefined;
    assert.ok(pair.run(10_000, () => pair.a.of("outgoing-streams-reset").length > 0));
    pair.a.sctp.send(pair.now, 1, 53, payload(100, 3));
    pair.run(10_000);
    assert.deepEqual(pair.b.of("message").map(({ data }) => markOf(data)), [3]);
    assert.equal(pair.a.sctp.stats().unackData, 0);
  }
});

test("A reset that is put off may be asked for anew under the next number (RFC 6525 §5.2.2 E2)", () => {
  const pair = new Pair({ both: { interleaving: false } }).connect();
  const { a, b } = pair;
  let requests = 0, lost = true;
  a.filter = (packet) => {
    if (packet[12] === 0 && lost) return false;
    if (packet[12] !== 130) return true;
    // The next number each time, as stacks do that count an answer "in progress" as an end.
    writeU32(packet, 20, readU32(packet, 20) + requests++);
    packet.fill(0, 8, 12);
    sealPacket(packet, 0, packet.length);
    return true;
  };
  const results: number[] = [];
  b.filter = (packet) => {
    if (packet[12] === 130) results.push(packet[27]!);
    return true;
  };
  a.sctp.send(pair.now, 2, 53, payload(100, 1));
  a.sctp.resetStreams(pair.now, [2]);
  pair.run(1000);
  lost = false;
  pair.run(5000);
  assert.ok(results.length > 1);
  assert.ok(results.every((result) => result === 6 || result === 1), results.join());
  assert.equal(results.at(-1), 1);
  assert.ok(b.of("incoming-streams-reset").length > 0);
  assert.equal(b.of("message").length, 1);
});

test("What giving messages up makes due is written by the same poll (RFC 6525 §5.1.2, RFC 3758 §3.5)", () => {
  const pair = new Pair({ both: { interleaving: false } }).connect();
  const { sctp } = pair.a;
  pair.run(1000);
  const out = new Uint8Array(2000);
  const firstChunk = () => sctp.pollTransmit(pair.now, out, 0, 2000) > 0 ? out[12] : undefined;
  // The last message of a stream expires unsent: the stream is ready for its reset.
  sctp.send(pair.now, 3, 53, payload(100, 1), { maxLifetimeMs: 10 });
  sctp.resetStreams(pair.now, [3]);
  pair.now += 20;
  assert.equal(firstChunk(), 130);
  // A lost message expires before it goes again: the peer is told to skip it.
  sctp.send(pair.now, 4, 53, payload(100, 1), { maxLifetimeMs: 3000 });
  assert.equal(firstChunk(), 0);
  pair.now += 1000;
  sctp.handleTimeout(pair.now);
  pair.now += 2500;
  assert.equal(firstChunk(), 130, "the request is repeated");
  assert.equal(firstChunk(), 192);
});

test("A request to reset no stream in particular means all that were used (RFC 6525 §5.2.3)", () => {
  const pair = new Pair({ a: { initialNumbers: { tsn: 0x100 } } }).connect();
  pair.b.sctp.send(pair.now, 3, 53, payload(100, 1));
  pair.b.sctp.send(pair.now, 8, 53, payload(100, 1));
  pair.run(100);
  inject(pair, [130, 0, 0, 12, 0, 14, 0, 8, 0, 0, 1, 0]);
  pair.run(500);
  assert.deepEqual(pair.b.of("outgoing-streams-reset")[0]!.streamIds, [3, 8]);
});
