import assert from "node:assert/strict";
import { randomBytes, seededEntropy } from "../../src/base/mod.ts";
import {
  RTP_COLUMNS,
  RTP_INDEX,
  RTP_PAYLOAD_LENGTH,
  RTP_SEQUENCE,
  RTP_STATUS,
} from "../../src/rtp/mod.ts";
import {
  deriveSessionKeys,
  SRTP_EXHAUSTED,
  SRTP_MALFORMED,
  SRTP_OK,
  SRTP_REFUSED,
  SRTP_REPLAYED,
  SRTP_SOURCE_LIMIT,
  SRTP_TOO_OLD,
  type SrtpBatch,
  SrtpError,
  SrtpReceiver,
  SrtpSender,
  tsSrtp,
} from "../../src/srtp/mod.ts";
import { fuzzRuns, fuzzSeed } from "../fuzz.ts";
import { test } from "../harness.ts";
import { protectControlSlowly, protectSlowly } from "./reference.ts";
import {
  batchOf,
  packetOf,
  PROFILES,
  randomBelow,
  randomMasterKeys,
  rtcpPacket,
  rtpPacket,
  sameBytes,
  statusOf,
} from "./support.ts";

const entropy = seededEntropy(0x4ece);
const PROFILE = "SRTP_AES128_CM_HMAC_SHA1_80";
const SSRC = 0xdecafbad;

/** A receiver, and packets of any index for it. */
function create(maxSources?: number): {
  receiver: SrtpReceiver;
  rtp(roc: number, sequence: number, ssrc?: number): Uint8Array;
  rtcp(index: number, ssrc?: number): Uint8Array;
} {
  const keys = randomMasterKeys(entropy, PROFILE);
  const session = deriveSessionKeys(PROFILE, keys.masterKey, keys.masterSalt);
  return {
    receiver: new SrtpReceiver({ ...keys, ...(maxSources !== undefined && { maxSources }) }),
    rtp: (roc, sequence, ssrc = SSRC) =>
      protectSlowly(
        PROFILE,
        session.rtp,
        rtpPacket(entropy, { payload: 20, sequence, ssrc }),
        roc,
      ),
    rtcp: (index, ssrc = SSRC) =>
      protectControlSlowly(PROFILE, session.rtcp, rtcpPacket(entropy, 28, ssrc), index, true),
  };
}

/** Status of one packet by itself; the packet is not changed. */
function one(receiver: SrtpReceiver, packet: Uint8Array): number {
  const bytes = packet.slice();
  const end = receiver.unprotectPacket(bytes, 0, bytes.length);
  const status = receiver.row[RTP_STATUS]!;
  assert.equal(end >= 0, status === SRTP_OK);
  return status;
}

function oneControl(receiver: SrtpReceiver, packet: Uint8Array): number {
  const bytes = packet.slice();
  const end = receiver.unprotectControlPacket(bytes, 0, bytes.length);
  const status = receiver.row[RTP_STATUS]!;
  assert.equal(end >= 0, status === SRTP_OK);
  return status;
}

/** Statuses of packets in one batch. */
function many(receiver: SrtpReceiver, packets: readonly Uint8Array[]): number[] {
  const batch = batchOf(tsSrtp, true, packets);
  const accepted = receiver.unprotect(batch);
  const statuses = packets.map((_, i) => statusOf(batch, i));
  assert.equal(accepted, statuses.filter((status) => status === SRTP_OK).length);
  return statuses;
}

function forged(packet: Uint8Array): Uint8Array {
  const bytes = packet.slice();
  bytes[bytes.length - 1]! ^= 1;
  return bytes;
}

test("SrtpReceiver gives back what SrtpSender protected, in batches and alone (RFC 3711 §3.3)", () => {
  for (const profile of PROFILES) {
    const keys = randomMasterKeys(entropy, profile);
    const sender = new SrtpSender(keys), receiver = new SrtpReceiver(keys);
    const packets = Array.from(
      { length: 30 },
      (_, i) =>
        rtpPacket(entropy, { payload: 11 * i, ssrc: i % 4, sequence: (65520 + i) & 0xffff }),
    );
    const batch = receiver.createBatch(30 * 400, 30);
    packets.forEach((packet, i) => {
      batch.bytes.set(packet, 400 * i);
      batch.push(400 * i, packet.length);
    });
    sender.protect(batch);
    assert.equal(receiver.unprotect(batch), 30);
    packets.forEach((packet, i) => {
      assert.ok(sameBytes(packetOf(batch, i), packet), `${profile}: ${i}`);
      const row = i * RTP_COLUMNS;
      assert.equal(batch.rows[row + RTP_SEQUENCE], (65520 + i) & 0xffff);
      assert.equal(batch.rows[row + RTP_PAYLOAD_LENGTH], 11 * i);
    });
    const packet = rtpPacket(entropy, { payload: 50, ssrc: 1, sequence: 40 });
    const bytes = new Uint8Array(200);
    bytes.set(packet, 3);
    const end = receiver.unprotectPacket(bytes, 3, sender.protectPacket(bytes, 3, 62) - 3);
    assert.equal(end, 65);
    assert.ok(sameBytes(bytes.subarray(3, end), packet));
    assert.equal(receiver.row[RTP_SEQUENCE], 40);
    const control = rtcpPacket(entropy, 40, 1);
    bytes.set(control, 5);
    const length = sender.protectControlPacket(bytes, 5, 40) - 5;
    assert.equal(receiver.unprotectControlPacket(bytes, 5, length), 45);
    assert.ok(sameBytes(bytes.subarray(5, 45), control));
    const { packets: count, controlPackets, sources } = receiver.stats();
    assert.deepEqual([count, controlPackets, sources], [31, 1, 4]);
    sender.dispose();
    receiver.dispose();
  }
});

test("SrtpReceiver takes each packet once, whatever the order (RFC 3711 §3.3.2)", () => {
  const { receiver, rtp } = create();
  const packets = Array.from({ length: 200 }, (_, i) => rtp(0, 1000 + i));
  for (let i = packets.length - 1; i > 0; i--) {
    const j = randomBelow(entropy, i + 1);
    [packets[i], packets[j]] = [packets[j]!, packets[i]!];
  }
  for (const packet of packets) {
    assert.equal(one(receiver, packet), SRTP_OK);
    assert.equal(one(receiver, packet), SRTP_REPLAYED);
  }
  assert.ok(many(receiver, packets).every((status) => status === SRTP_REPLAYED));
  assert.equal(receiver.stats().replayed, 400);
});

test("SrtpReceiver takes the first of two equal packets in a batch, after any forged one (RFC 3711 §3.3.2)", () => {
  for (const warm of [false, true]) {
    const { receiver, rtp } = create();
    if (warm) assert.equal(one(receiver, rtp(0, 4)), SRTP_OK);
    const packet = rtp(0, 5), other = rtp(0, 6);
    assert.deepEqual(
      many(receiver, [forged(packet), packet, packet, other, forged(other), other]),
      [SRTP_REFUSED, SRTP_OK, SRTP_REPLAYED, SRTP_OK, SRTP_REFUSED, SRTP_REPLAYED],
    );
  }
});

test("SrtpReceiver wipes the second of two equal packets in a batch", () => {
  const { receiver, rtp } = create();
  assert.equal(one(receiver, rtp(0, 4)), SRTP_OK);
  const packet = rtp(0, 5);
  const batch = batchOf(tsSrtp, true, [packet, packet]);
  assert.equal(receiver.unprotect(batch), 1);
  assert.ok(packetOf(batch, 1).every((byte) => byte === 0));
});

test("The replay window is 1024 packets wide (RFC 3711 §3.3.2)", () => {
  const { receiver, rtp } = create();
  assert.equal(one(receiver, rtp(3, 10)), SRTP_REFUSED, "a rollover that nobody told of");
  receiver.setRolloverCounter(SSRC, 3);
  assert.equal(one(receiver, rtp(3, 10)), SRTP_OK);
  // The window reaches back over the wrap.
  assert.equal(one(receiver, rtp(2, 65536 + 10 - 1023)), SRTP_OK);
  assert.equal(one(receiver, rtp(2, 65536 + 10 - 1023)), SRTP_REPLAYED);
  assert.equal(one(receiver, rtp(2, 65536 + 10 - 1024)), SRTP_TOO_OLD);
  assert.deepEqual(many(receiver, [rtp(2, 65536 + 10 - 1022), rtp(2, 60000)]), [
    SRTP_OK,
    SRTP_TOO_OLD,
  ]);
  // Moving on by the whole window and by less.
  assert.equal(one(receiver, rtp(3, 11)), SRTP_OK);
  assert.equal(one(receiver, rtp(2, 65536 + 10 - 1023)), SRTP_TOO_OLD);
  assert.equal(one(receiver, rtp(3, 11 + 1024)), SRTP_OK);
  assert.equal(one(receiver, rtp(3, 11)), SRTP_TOO_OLD);
  assert.equal(one(receiver, rtp(3, 12)), SRTP_OK, "not seen, and its bit was cleared");
  assert.equal(one(receiver, rtp(3, 12)), SRTP_REPLAYED);
});

test("SrtpReceiver follows wraps with loss around them (RFC 3711 §3.3.1)", () => {
  for (const step of [1, 7, 300, 1023, 20000, 32767]) {
    const { receiver, rtp } = create();
    let index = 65000;
    for (let i = 0; i < 40; i++) {
      const packet = rtp(Math.floor(index / 65536), index % 65536);
      assert.equal(one(receiver, packet), SRTP_OK, `steps of ${step}, index ${index}`);
      assert.equal(receiver.row[RTP_INDEX], Math.floor(index / 65536));
      index += step;
    }
  }
});

test("SrtpReceiver follows a wrap within one batch, of a source that is new or known (RFC 3711 §3.3.1)", () => {
  const wrap = [[0, 65533], [0, 65535], [1, 0], [0, 65534], [1, 2], [1, 1]] as const;
  for (const warm of [false, true]) {
    const { receiver, rtp } = create();
    if (warm) assert.equal(one(receiver, rtp(0, 65000)), SRTP_OK);
    const statuses = many(receiver, wrap.map(([roc, sequence]) => rtp(roc, sequence)));
    assert.ok(statuses.every((status) => status === SRTP_OK), `${statuses}`);
    assert.equal(one(receiver, rtp(1, 3)), SRTP_OK);
  }
});

test("SrtpReceiver joins late when it is told the rollover counter (RFC 3711 §3.3.1)", () => {
  const { receiver, rtp } = create();
  assert.equal(one(receiver, rtp(5, 100)), SRTP_REFUSED);
  assert.equal(receiver.stats().sources, 0);
  receiver.setRolloverCounter(SSRC, 5);
  assert.deepEqual(many(receiver, [rtp(5, 65535), rtp(6, 0)]), [SRTP_OK, SRTP_OK]);
  receiver.setRolloverCounter(SSRC, 0xffff_ffff);
  assert.equal(one(receiver, rtp(0xffff_ffff, 65535)), SRTP_OK);
  assert.equal(one(receiver, rtp(0, 0)), SRTP_EXHAUSTED, "the indices end (RFC 3711 §9.2)");
  assert.deepEqual(many(receiver, [rtp(0, 0)]), [SRTP_EXHAUSTED]);
  assert.equal(receiver.stats().exhausted, 2);
  for (const roc of [-1, 0x1_0000_0000, 1.5, NaN]) {
    assert.throws(
      () => receiver.setRolloverCounter(SSRC, roc),
      (error) => error instanceof SrtpError && error.code === "invalid-argument",
    );
  }
});

test("SrtpReceiver has no index before the first (RFC 3711 §3.3.1)", () => {
  const { receiver, rtp } = create();
  assert.equal(one(receiver, rtp(0, 3)), SRTP_OK);
  assert.equal(one(receiver, rtp(0xffff_ffff, 65535)), SRTP_TOO_OLD);
});

test("Half a circle away is decided as RFC 3711 appendix A does", () => {
  const low = create();
  assert.equal(one(low.receiver, low.rtp(0, 100)), SRTP_OK);
  assert.equal(one(low.receiver, low.rtp(0, 100 + 0x8000)), SRTP_OK, "ahead from the lower half");
  const high = create();
  assert.equal(one(high.receiver, high.rtp(0, 40000)), SRTP_OK);
  assert.equal(one(high.receiver, high.rtp(1, 40000 - 0x8000)), SRTP_TOO_OLD, "behind from above");
});

test("Forged packets of far sequence numbers change nothing, alone or in a batch (RFC 3711 §3.3.1)", () => {
  const { receiver, rtp } = create();
  assert.equal(one(receiver, rtp(0, 100)), SRTP_OK);
  for (const sequence of [101, 1200, 30000, 32868, 60000, 65535]) {
    assert.notEqual(one(receiver, forged(rtp(0, sequence))), SRTP_OK);
  }
  const batch = [30000, 60000, 101, 20000, 102, 103].map((sequence) => {
    const packet = rtp(0, sequence);
    return sequence > 200 ? forged(packet) : packet;
  });
  const accepted = many(receiver, batch).filter((status) => status === SRTP_OK);
  assert.equal(accepted.length, 3);
  // A source that is new: what is forged before its first packet does not move its counter.
  const fresh = create();
  const statuses = many(fresh.receiver, [
    forged(fresh.rtp(0, 60000)),
    fresh.rtp(0, 5),
    forged(fresh.rtp(0, 40000)),
    fresh.rtp(0, 6),
  ]);
  assert.deepEqual([statuses[1], statuses[3]], [SRTP_OK, SRTP_OK]);
});

test("SrtpReceiver takes SRTCP by the index that it carries, once (RFC 3711 §3.3.2, §3.4)", () => {
  const { receiver, rtcp } = create();
  for (const index of [5, 0, 0x7fff_ffff, 0x7fff_ffff - 1023]) {
    const packet = rtcp(index);
    assert.notEqual(oneControl(receiver, forged(packet)), SRTP_OK);
    assert.equal(oneControl(receiver, packet), SRTP_OK, `${index}`);
    assert.equal(receiver.row[RTP_INDEX], index);
    assert.equal(oneControl(receiver, packet), SRTP_REPLAYED, `${index}`);
  }
  assert.equal(oneControl(receiver, rtcp(0x7fff_ffff - 1024)), SRTP_TOO_OLD);
  assert.equal(oneControl(receiver, rtcp(7, 99)), SRTP_OK, "another source");
  const packet = rtcp(8, 99);
  const batch = batchOf(tsSrtp, true, [packet, packet, forged(rtcp(9, 99)), new Uint8Array(5)]);
  assert.equal(receiver.unprotectControl(batch), 1);
  assert.deepEqual(
    [0, 1, 2, 3].map((i) => statusOf(batch, i)),
    [SRTP_OK, SRTP_REPLAYED, SRTP_REFUSED, SRTP_MALFORMED],
  );
  assert.ok(packetOf(batch, 1).every((byte) => byte === 0));
});

test("SRTP and SRTCP of one source have windows of their own, under keys of their own (RFC 3711 §3.2.1)", () => {
  const { receiver, rtp, rtcp } = create();
  assert.equal(one(receiver, rtp(0, 5)), SRTP_OK);
  assert.equal(oneControl(receiver, rtcp(5)), SRTP_OK);
  assert.equal(receiver.stats().sources, 1);
  assert.equal(oneControl(receiver, rtp(0, 6)), SRTP_REFUSED);
});

test("SrtpReceiver keeps no more sources than it may, and those it has go on", () => {
  const { receiver, rtp, rtcp } = create(3);
  for (const ssrc of [1, 2]) assert.equal(one(receiver, rtp(0, 1, ssrc)), SRTP_OK);
  assert.equal(oneControl(receiver, rtcp(0, 3)), SRTP_OK);
  assert.equal(one(receiver, rtp(0, 1, 4)), SRTP_SOURCE_LIMIT);
  assert.equal(oneControl(receiver, rtcp(0, 4)), SRTP_SOURCE_LIMIT);
  assert.deepEqual(many(receiver, [rtp(0, 2, 1), rtp(0, 1, 5), rtp(0, 1, 3)]), [
    SRTP_OK,
    SRTP_SOURCE_LIMIT,
    SRTP_OK,
  ]);
  assert.throws(
    () => receiver.setRolloverCounter(4, 0),
    (error) => error instanceof SrtpError && error.code === "source-limit",
  );
  receiver.removeSource(2);
  assert.equal(one(receiver, rtp(0, 1, 4)), SRTP_OK);
  assert.equal(receiver.stats().sourceLimit, 3);
  // Two new sources in one batch of SRTCP, and room for one.
  receiver.removeSource(4);
  const batch = batchOf(tsSrtp, true, [rtcp(1, 8), rtcp(1, 9)]);
  assert.equal(receiver.unprotectControl(batch), 1);
  assert.equal(statusOf(batch, 1), SRTP_SOURCE_LIMIT);
  assert.ok(packetOf(batch, 1).every((byte) => byte === 0), "and it is wiped");
});

test("100 000 sources that are not authentic take no memory", () => {
  const { receiver, rtp, rtcp } = create();
  const packet = forged(rtp(0, 1)), control = forged(rtcp(1));
  const batch = batchOf(tsSrtp, true, [packet, packet, control]);
  const [at, secondAt, controlAt] = [0, 1, 2].map((i) => batch.rows[i * RTP_COLUMNS]!);
  for (let ssrc = 0; ssrc < 100_000; ssrc += 2) {
    for (const place of [at!, secondAt!]) {
      batch.bytes[place + 8] = ssrc >>> 16;
      batch.bytes[place + 9] = ssrc >>> 8;
      batch.bytes[place + 10] = ssrc + (place === at ? 0 : 1);
    }
    batch.bytes[controlAt! + 4] = ssrc >>> 8;
    receiver.unprotect(batch);
  }
  receiver.unprotectControl(batch);
  assert.equal(receiver.stats().sources, 0);
  assert.equal(receiver.stats().packets, 0);
});

test("SrtpReceiver agrees with a plain model on reordered, repeated, lost and forged packets", () => {
  const seed = fuzzSeed(0x30de1);
  const chance = seededEntropy(seed);
  for (let run = 0; run < fuzzRuns(30); run++) {
    const what = `seed ${seed}, run ${run}`;
    const { receiver, rtp } = create();
    const seen = new Set<number>();
    let top = -1;
    // The first packet must be of rollover 0, which nobody tells the receiver.
    let next = randomBelow(chance, 50000);
    const packets = new Map<number, Uint8Array>();
    for (let round = 0; round < 12; round++) {
      const indices = Array.from({ length: 1 + randomBelow(chance, 30) }, () => {
        next += randomBelow(chance, 20) === 0 ? randomBelow(chance, 3000) : 1;
        const back = randomBelow(chance, 4) === 0 ? randomBelow(chance, 1500) : 0;
        return Math.max(top < 0 ? next : 0, next - back);
      });
      const forgeries = indices.map(() => randomBelow(chance, 6) === 0);
      const list = indices.map((index, i) => {
        let packet = packets.get(index);
        if (packet === undefined) {
          packet = rtp(Math.floor(index / 65536), index % 65536);
          packets.set(index, packet);
        }
        return forgeries[i] ? forged(packet) : packet;
      });
      const statuses = round % 2 === 0
        ? many(receiver, list)
        : list.map((packet) => one(receiver, packet));
      indices.forEach((index, i) => {
        const wanted = !forgeries[i] && !seen.has(index) && index > top - 1024 && index >= 0;
        assert.equal(statuses[i] === SRTP_OK, wanted, `${what}, round ${round}, row ${i}`);
        if (!wanted) return;
        seen.add(index);
        top = Math.max(top, index);
      });
    }
  }
});

test("No bytes make SrtpReceiver throw, and none of them is accepted", () => {
  const seed = fuzzSeed(0xf0221);
  const noise = seededEntropy(seed);
  for (const profile of PROFILES) {
    const receiver = new SrtpReceiver({ ...randomMasterKeys(noise, profile), cryptex: true });
    for (let run = 0; run < fuzzRuns(40); run++) {
      const packets = Array.from({ length: 40 }, (_, i) => {
        const bytes = randomBytes(noise, randomBelow(noise, 90));
        if (i % 2 === 0 && bytes.length > 0) bytes[0] = 0x80 | (bytes[0]! & 0x3f);
        return bytes;
      });
      const batch: SrtpBatch = batchOf(tsSrtp, true, packets);
      assert.equal(receiver.unprotect(batch), 0, `seed ${seed}`);
      assert.equal(receiver.unprotectControl(batch), 0, `seed ${seed}`);
      for (const packet of packets) {
        assert.equal(receiver.unprotectPacket(packet, 0, packet.length), -1);
        assert.equal(receiver.unprotectControlPacket(packet, 0, packet.length), -1);
      }
    }
    const { refused, malformed, sources } = receiver.stats();
    assert.equal(refused + malformed, fuzzRuns(40) * 160);
    assert.equal(sources, 0);
  }
});

test("Packets that do not lie in their memory are malformed", () => {
  const { receiver, rtp } = create();
  const packet = rtp(0, 1);
  assert.equal(receiver.unprotectPacket(packet, 0, packet.length + 1), -1);
  assert.equal(receiver.unprotectPacket(packet, packet.length, packet.length), -1);
  assert.equal(receiver.unprotectControlPacket(packet, 30, packet.length), -1);
  assert.equal(receiver.stats().malformed, 3);
  assert.equal(one(receiver, packet), SRTP_OK);
});
