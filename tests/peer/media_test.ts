import assert from "node:assert/strict";
import type { SrtpProfile } from "../../src/srtp/mod.ts";
import { fuzzSeed } from "../fuzz.ts";
import { test } from "../harness.ts";
import { type End, Pair } from "./pair.ts";

const PROFILES: readonly SrtpProfile[] = [
  "SRTP_AES128_CM_HMAC_SHA1_80",
  "SRTP_AES128_CM_HMAC_SHA1_32",
  "SRTP_AEAD_AES_128_GCM",
  "SRTP_AEAD_AES_256_GCM",
];

/** An RTP packet without extension (RFC 3550 §5.1). */
function rtp(ssrc: number, sequence: number, payload: readonly number[]): Uint8Array {
  const header = [0x80, 96, sequence >> 8, sequence & 255, 0, 0, 0, 1];
  return Uint8Array.of(...header, ssrc >>> 24, ssrc >> 16, ssrc >> 8, ssrc, ...payload);
}

/** An empty receiver report (RFC 3550 §6.4.2). */
function receiverReport(ssrc: number): Uint8Array {
  return Uint8Array.of(0x80, 201, 0, 1, ssrc >>> 24, ssrc >> 16, ssrc >> 8, ssrc);
}

function connected(profiles: readonly SrtpProfile[], conditions = {}, seed = 1): Pair {
  const pair = new Pair(fuzzSeed(seed), conditions, { media: { profiles } });
  pair.meet();
  const ready = ({ transport }: End): boolean => transport.media?.ready === true;
  assert.ok(pair.run(() => ready(pair.a) && ready(pair.b), 60_000), "no keys");
  return pair;
}

function received(end: End): string[] {
  return end.rtp.map((packet) => [...packet.subarray(2)].join());
}

for (const profile of PROFILES) {
  test(`PeerTransport keys ${profile} from DTLS, in both directions (RFC 5764 §4.2)`, () => {
    const pair = connected([profile]);
    assert.equal(pair.a.transport.dtls?.srtpProfile, profile);
    for (const [from, to, ssrc] of [[pair.a, pair.b, 1], [pair.b, pair.a, 2]] as const) {
      const packets = [1, 2, 3].map((sequence) => rtp(ssrc, sequence, [7, 8, 9, sequence]));
      from.sent = [];
      for (const packet of packets) assert.ok(from.transport.media?.sendRtp(packet));
      assert.ok(from.transport.media?.sendRtcp(receiverReport(ssrc)));
      assert.ok(pair.run(() => to.rtp.length === 3 && to.rtcp.length === 1, 1000));
      assert.deepEqual(to.rtp, packets);
      assert.deepEqual(to.rtcp, [receiverReport(ssrc)]);
      for (const datagram of from.sent) {
        assert.ok(!String(datagram).includes("7,8,9"), "a payload in plain sight");
      }
    }
  });
}

test("PeerTransport hands RTP up through loss, reordering and wraps, each packet once (RFC 3711 §3.3)", () => {
  const pair = connected(PROFILES.slice(2), {
    loss: 0.1,
    reorder: 0.2,
    duplicate: 0.2,
    delayMs: 20,
  }, 5);
  const sent = new Set<string>();
  for (let number = 0; number < 140_000; number += 70) {
    const packet = rtp(9, number & 0xffff, [number >> 16, number >> 8 & 255, number & 255]);
    sent.add([...packet.subarray(2)].join());
    pair.a.transport.media?.sendRtp(packet);
    pair.run(() => false, 5);
    pair.clock.now += 5;
  }
  pair.run(() => false, 1000);
  const got = received(pair.b);
  assert.equal(new Set(got).size, got.length, "a packet came twice");
  assert.ok(got.every((packet) => sent.has(packet)), "a packet that nobody sent");
  assert.ok(got.length > sent.size * 0.8, `${got.length} of ${sent.size}`);
});

test("PeerTransport drops media before there are keys, from strangers, forged and replayed (RFC 3711 §3.3)", () => {
  const pair = new Pair(fuzzSeed(6), {}, { media: {} });
  assert.equal(pair.a.transport.media?.sendRtp(rtp(1, 1, [1])), false);
  pair.a.transport.handleDatagram(pair.clock.now, rtp(1, 1, [1]), pair.b.address, pair.a.base);
  assert.equal(pair.a.transport.dropped, 1);

  const { a, b, clock } = connected(PROFILES.slice(2));
  b.sent = [];
  b.transport.media?.sendRtp(rtp(1, 1, [1, 2, 3]));
  b.transport.drain(clock.now, b);
  const [datagram] = b.sent;
  assert.ok(datagram);
  const deliver = (bytes: Uint8Array, from = b.address): void => {
    a.transport.handleDatagram(clock.now, bytes, from, a.base);
    a.transport.endBatch(clock.now);
  };
  for (let bit = 0; bit < 8 * datagram.length; bit++) {
    const forged = datagram.slice();
    forged[bit >> 3]! ^= 1 << (bit & 7);
    deliver(forged);
  }
  for (let length = 0; length < datagram.length; length++) deliver(datagram.subarray(0, length));
  const stranger = { ...b.address, port: 9999 };
  deliver(datagram, stranger);
  assert.equal(a.rtp.length + a.rtcp.length, 0);
  deliver(datagram);
  deliver(datagram);
  assert.deepEqual(a.rtp, [rtp(1, 1, [1, 2, 3])]);
});

test("PeerTransport without media drops RTP and offers profiles all the same (RFC 8827 §6.5)", () => {
  const pair = new Pair(fuzzSeed(7));
  pair.meet();
  assert.ok(pair.run(() => pair.b.transport.dtls?.state === "connected", 10_000));
  assert.equal(pair.b.transport.media, undefined);
  const { dropped } = pair.b.transport;
  pair.b.transport.handleDatagram(pair.clock.now, rtp(1, 1, [1]), pair.a.address, pair.b.base);
  assert.equal(pair.b.transport.dropped, dropped + 1);
});

test("PeerTransport forgets the keys of a closed connection, also in the middle of a batch", () => {
  const pair = connected(PROFILES.slice(2));
  const { a, b, clock } = pair;
  a.onRtp = () => a.transport.close(clock.now, a);
  b.transport.media?.sendRtp(rtp(1, 1, [1]));
  b.transport.media?.sendRtcp(receiverReport(1));
  assert.ok(pair.run(() => a.transport.media?.ready === false, 1000));
  assert.equal(a.rtcp.length, 0);
  assert.equal(a.transport.media?.sendRtp(rtp(2, 1, [1])), false);
});

test("PeerTransport sends a whole key frame of one turn, and counts what has no room", () => {
  const pair = connected(PROFILES.slice(2));
  const { media } = pair.a.transport;
  const payload = new Array<number>(1150).fill(1);
  let queued = 0;
  while (media?.sendRtp(rtp(3, queued, payload))) queued++;
  assert.ok(queued > 400, `${queued} packets`);
  assert.equal(media?.dropped, 1);
  assert.ok(pair.run(() => pair.b.rtp.length === queued, 5000));
  assert.ok(media?.sendRtp(rtp(3, queued, payload)));
});
