import assert from "node:assert/strict";
import { test } from "../harness.ts";
import { markOf, Pair, payload } from "./pair.ts";

/** Ordered, unordered, limited and expiring messages at once, over links of many kinds. */
function mix(seed: number, interleaving: boolean): void {
  const link = {
    loss: 0.02 + 0.18 * ((seed % 7) / 7),
    reorder: 0.2 * ((seed % 3) / 3),
    duplicate: 0.1,
    delayMs: 10 + (seed % 5) * 60,
    bytesPerMs: seed % 2 === 1 ? 500 : 5000,
  };
  const initialNumbers = { tsn: 0xffff_fff0 - seed, message: 0xfff0 };
  const pair = new Pair({ seed, link, both: { interleaving, initialNumbers } }).connect();
  if (seed % 4 === 0) {
    pair.a.sctp.setPathMtu(16_000);
    pair.b.sctp.setPathMtu(9000);
  }
  let reliable = 0;
  for (let i = 0; i < 120; i++) {
    const streamId = i % 9;
    if (streamId < 7) reliable++;
    const options = streamId === 8
      ? { maxRetransmits: i % 2, ordered: i % 4 < 2 }
      : streamId === 7
      ? { maxLifetimeMs: 100 }
      : { ordered: streamId < 5 };
    pair.a.sctp.send(pair.now, streamId, 53, payload(4 + (i * 7919) % 20_000, i), options);
    if (i % 15 === 0) pair.run(50);
  }
  const done = () => {
    const { unackData, bufferedBytes } = pair.a.sctp.stats();
    return unackData === 0 && bufferedBytes === 0;
  };
  const note = `seed ${seed} interleaving ${interleaving}`;
  assert.ok(pair.run(900_000, done), `${note} ${JSON.stringify(pair.a.sctp.stats())}`);
  const messages = pair.b.of("message");
  assert.equal(messages.filter(({ streamId }) => streamId < 7).length, reliable, note);
  const seen = new Set<number>();
  for (const { data } of messages) {
    const mark = markOf(data);
    assert.ok(!seen.has(mark), `twice: ${note}`);
    seen.add(mark);
    assert.deepEqual(data, payload(4 + (mark * 7919) % 20_000, mark), note);
  }
  const empty = Math.floor(0.9 * 5 * 1024 * 1024);
  assert.equal(pair.b.sctp.stats().localWindow, empty, `memory is held: ${note}`);
}

test("Every kind of reliability at once leaves nothing behind (RFC 9260, RFC 3758, RFC 8899)", () => {
  for (let seed = 100; seed < 112; seed++) {
    mix(seed, false);
    mix(seed, true);
  }
});
