import assert from "node:assert/strict";
import { test } from "../harness.ts";
import { markOf, Pair, payload, type Side } from "./pair.ts";

/** A small seeded generator; the associations have their own. */
function generator(seed: number): (below: number) => number {
  let state = seed * 2654435761 >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** What one side has promised to deliver, per stream. */
interface Promised {
  readonly streamId: number;
  readonly mark: number;
  readonly size: number;
  readonly ordered: boolean;
}

const EMPTY_WINDOW = (bytes: number) => Math.floor(0.9 * bytes);

/** One run of sends, resets and outages in both directions; then the link heals. */
function live(seed: number): void {
  const random = generator(seed);
  const interleaving = seed % 2 === 0;
  const receiveBufferBytes = [5 << 20, 300_000, 600_000][seed % 3]!;
  const maxPacketSize = [512, 1188, 1188, 4000][seed % 4]!;
  const link = {
    loss: random(4) * 0.07,
    reorder: random(3) * 0.1,
    duplicate: random(3) * 0.1,
    delayMs: 1 + random(4) * 60,
    bytesPerMs: 200 + random(3) * 3000,
  };
  const pair = new Pair({
    seed,
    link,
    both: {
      interleaving,
      receiveBufferBytes,
      maxPacketSize,
      padding: seed % 5 !== 0,
      heartbeatIntervalMs: 1e12,
      zeroChecksum: seed % 3 === 0,
      initialNumbers: { tsn: 0xffff_ff00 + random(256), message: 0xfff0 },
    },
  }).connect();
  const note = `seed ${seed}`;
  const sides = [[pair.a, pair.b], [pair.b, pair.a]] as const;
  const promised: Promised[][] = [[], []];
  const resets = [0, 0];
  let dark = false;
  const normal = () => !dark;
  pair.a.filter = pair.b.filter = normal;
  let mark = 1;
  for (let step = 0; step < 60; step++) {
    const direction = random(2);
    const [from, to] = sides[direction]!;
    switch (random(12)) {
      case 0:
        dark = !dark && random(2) === 0;
        break;
      case 1:
        to.paused = !to.paused;
        break;
      case 2: {
        const ids = Array.from(
          { length: 1 + random(random(2) === 0 ? 8 : 700) },
          (_, i) => random(2) === 0 ? i % 6 : i,
        );
        from.sctp.resetStreams(pair.now, ids);
        resets[direction]!++;
        break;
      }
      case 3:
        // One direction only: acknowledgements and answers are lost.
        pair.a.filter = random(2) === 0 ? normal : () => false;
        break;
      default:
        for (let i = random(12); i >= 0; i--) {
          const streamId = random(6);
          const size = 4 + (random(4) === 0 ? random(60_000) : random(1500));
          const kind = random(5);
          const ordered = random(3) > 0;
          const options = kind === 0
            ? { ordered, maxRetransmits: random(3) }
            : kind === 1
            ? { ordered, maxLifetimeMs: random(200) }
            : { ordered };
          const data = payload(size, mark);
          if (from.sctp.send(pair.now, streamId, 53, data, options) !== "ok") continue;
          if (kind > 1) promised[direction]!.push({ streamId, mark, size, ordered });
          mark++;
        }
    }
    pair.run(random(4) === 0 ? random(3000) : random(60));
  }
  // The link heals, the owners poll.
  dark = false;
  pair.a.filter = pair.b.filter = undefined;
  for (const side of [pair.a, pair.b]) side.link.setConditions({ delayMs: 30 });
  pair.a.paused = pair.b.paused = false;
  const quiet = (side: Side) => {
    const { unackData, bufferedBytes } = side.sctp.stats();
    return unackData === 0 && bufferedBytes === 0;
  };
  const healed = pair.run(90_000, () => quiet(pair.a) && quiet(pair.b));
  const told = () => `${note} ${JSON.stringify([pair.a.sctp.stats(), pair.b.sctp.stats()])}`;
  assert.ok(healed, told());
  pair.run(20_000);
  for (const [direction, [from, to]] of sides.entries()) {
    assert.equal(from.sctp.state, "established", told());
    const got = to.of("message");
    const seen = new Map(got.map((message, at) => [markOf(message.data), { message, at }]));
    assert.equal(seen.size, got.length, `twice: ${note}`);
    const last = new Map<number, number>();
    for (const { streamId, mark, size, ordered } of promised[direction]!) {
      const found = seen.get(mark);
      assert.ok(found !== undefined, `${mark} is missing: ${told()}`);
      assert.equal(found.message.streamId, streamId, note);
      assert.deepEqual(found.message.data, payload(size, mark), note);
      if (!ordered) continue;
      assert.ok((last.get(streamId) ?? -1) < found.at, `order: ${note}`);
      last.set(streamId, found.at);
    }
    assert.equal(from.sctp.stats().bytesInFlight, 0, told());
    assert.equal(to.sctp.stats().localWindow, EMPTY_WINDOW(receiveBufferBytes), told());
    const asked = new Set(from.of("outgoing-streams-reset").flatMap(({ streamIds }) => streamIds));
    const heard = new Set(to.of("incoming-streams-reset").flatMap(({ streamIds }) => streamIds));
    assert.deepEqual([...asked].sort(), [...heard].sort(), `resets: ${told()}`);
    assert.equal(from.of("streams-reset-failed").length, 0, note);
    assert.equal(asked.size > 0, resets[direction]! > 0, `resets: ${told()}`);
    // Every stream takes messages again.
    for (let id = 0; id < 6; id++) {
      assert.equal(from.sctp.send(pair.now, id, 53, payload(9, mark++)), "ok", note);
    }
  }
  const before = [pair.a.of("message").length, pair.b.of("message").length];
  pair.run(60_000);
  assert.equal(pair.a.of("message").length, before[0]! + 6, told());
  assert.equal(pair.b.of("message").length, before[1]! + 6, told());
  const sent = () => pair.a.sctp.stats().packetsSent + pair.b.sctp.stats().packetsSent;
  const packets = sent();
  pair.run(300_000);
  assert.equal(sent(), packets, `not quiet: ${told()}`);
}

test("Whatever is lost, everything reliable arrives when the link heals, and both sides go quiet (RFC 9260 §6.3)", () => {
  for (let seed = 1; seed <= 48; seed++) live(seed);
  // A FORWARD TSN that overtook a reset.
  live(1648);
});
