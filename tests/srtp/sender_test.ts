import assert from "node:assert/strict";
import { hexEncode, randomBytes, seededEntropy } from "../../src/base/mod.ts";
import { RTP_AT, RTP_COLUMNS, RTP_INDEX, RTP_LENGTH, RTP_STATUS } from "../../src/rtp/mod.ts";
import {
  deriveSessionKeys,
  SRTP_EXHAUSTED,
  SRTP_MALFORMED,
  SRTP_OK,
  SRTP_REPLAYED,
  SRTP_TAILROOM_BYTES,
  SRTP_TOO_OLD,
  SrtpError,
  SrtpReceiver,
  SrtpSender,
} from "../../src/srtp/mod.ts";
import { test } from "../harness.ts";
import { protectControlSlowly, protectSlowly } from "./reference.ts";
import {
  batchOf,
  packetOf,
  PROFILES,
  randomMasterKeys,
  rtcpPacket,
  rtpPacket,
  statusOf,
} from "./support.ts";
import { tsSrtp } from "../../src/srtp/mod.ts";
import { CRYPTEX_PACKETS, hex } from "./vectors.ts";

const entropy = seededEntropy(0x5e4d);

/** The packet of one call in memory of its own, or its status. */
function protect(sender: SrtpSender, packet: Uint8Array): Uint8Array | number {
  const bytes = new Uint8Array(packet.length + SRTP_TAILROOM_BYTES + 4);
  bytes.set(packet, 4);
  const end = sender.protectPacket(bytes, 4, packet.length);
  return end < 0 ? sender.row[RTP_STATUS]! : bytes.slice(4, end);
}

function protectControl(sender: SrtpSender, packet: Uint8Array): Uint8Array | number {
  const bytes = new Uint8Array(packet.length + SRTP_TAILROOM_BYTES);
  bytes.set(packet);
  const end = sender.protectControlPacket(bytes, 0, packet.length);
  return end < 0 ? sender.row[RTP_STATUS]! : bytes.slice(0, end);
}

test("SrtpSender raises a source's rollover counter where its numbers wrap, each source its own (RFC 3711 §3.3.1)", () => {
  for (const profile of PROFILES) {
    const keys = randomMasterKeys(entropy, profile);
    const session = deriveSessionKeys(profile, keys.masterKey, keys.masterSalt);
    const sender = new SrtpSender(keys);
    const sent = [
      [7, 65534, 0],
      [9, 3, 0],
      [7, 0, 1],
      [7, 65535, 0],
      [7, 1, 1],
      [9, 4, 0],
      [7, 30000, 1],
      [7, 60000, 1],
      [7, 20000, 2],
    ] as const;
    for (const [ssrc, sequence, roc] of sent) {
      const packet = rtpPacket(entropy, { payload: 33, ssrc, sequence });
      const expected = protectSlowly(profile, session.rtp, packet, roc);
      assert.deepEqual(
        protect(sender, packet),
        Uint8Array.from(expected),
        `${profile} ${sequence}`,
      );
    }
    assert.deepEqual(sender.stats(), { packets: 9, controlPackets: 0, refused: 0, sources: 2 });
    sender.dispose();
  }
});

test("SrtpSender counts SRTCP indices per source from zero (RFC 3711 §3.2.1)", () => {
  for (const profile of PROFILES) {
    const keys = randomMasterKeys(entropy, profile);
    const session = deriveSessionKeys(profile, keys.masterKey, keys.masterSalt);
    const sender = new SrtpSender(keys);
    for (const [ssrc, index] of [[7, 0], [7, 1], [9, 0], [7, 2], [9, 1]] as const) {
      const packet = rtcpPacket(entropy, 28, ssrc);
      const expected = protectControlSlowly(profile, session.rtcp, packet, index, true);
      assert.deepEqual(protectControl(sender, packet), Uint8Array.from(expected), profile);
    }
    assert.equal(sender.stats().controlPackets, 5);
  }
});

test("SrtpSender's batches come out as packets one by one do", () => {
  for (const profile of PROFILES) {
    const keys = randomMasterKeys(entropy, profile);
    const one = new SrtpSender(keys), other = new SrtpSender(keys);
    const packets = Array.from(
      { length: 20 },
      (_, i) => rtpPacket(entropy, { payload: 9 * i, ssrc: i % 3, sequence: (65530 + i) & 0xffff }),
    );
    const batch = one.createBatch(20 * 400, 20);
    packets.forEach((packet, i) => {
      batch.bytes.set(packet, 400 * i);
      batch.push(400 * i, packet.length);
    });
    one.protect(batch);
    packets.forEach((packet, i) => {
      assert.equal(statusOf(batch, i), SRTP_OK);
      assert.deepEqual(packetOf(batch, i), protect(other, packet), `${profile}: ${i}`);
    });
    assert.deepEqual(one.stats(), other.stats());
    batch.release();
  }
});

test("SrtpSender protects no index twice unless it is told to (RFC 3711 §9.1)", () => {
  const keys = randomMasterKeys(entropy, "SRTP_AEAD_AES_128_GCM");
  const careful = new SrtpSender(keys), repeating = new SrtpSender({ ...keys, allowRepeats: true });
  const packet = rtpPacket(entropy, { payload: 40, sequence: 5000, ssrc: 1 });
  const sealed = protect(careful, packet);
  assert.deepEqual(protect(repeating, packet), sealed);
  assert.equal(protect(careful, packet), SRTP_REPLAYED);
  assert.deepEqual(protect(repeating, packet), sealed, "the same bytes once more");
  const old = rtpPacket(entropy, { payload: 40, sequence: 5000 - 1024, ssrc: 1 });
  assert.equal(protect(careful, old), SRTP_TOO_OLD);
  assert.equal(protect(repeating, old), SRTP_TOO_OLD);
  assert.equal(careful.stats().refused, 2);
});

test("SrtpSender leaves refused rows of a batch as they were, and the others get through", () => {
  const keys = randomMasterKeys(entropy, "SRTP_AES128_CM_HMAC_SHA1_80");
  const sender = new SrtpSender(keys);
  const good = rtpPacket(entropy, { payload: 40, sequence: 1, ssrc: 1 });
  const next = rtpPacket(entropy, { payload: 40, sequence: 2, ssrc: 1 });
  const bad = rtpPacket(entropy, { payload: 40 });
  bad[0] = 0x40;
  const list = [good, good, bad, new Uint8Array(3), next];
  const batch = batchOf(tsSrtp, true, list);
  sender.protect(batch);
  assert.deepEqual(
    list.map((_, i) => statusOf(batch, i)),
    [SRTP_OK, SRTP_REPLAYED, SRTP_MALFORMED, SRTP_MALFORMED, SRTP_OK],
  );
  for (const i of [1, 2, 3]) assert.deepEqual(packetOf(batch, i), list[i]);
  assert.deepEqual(sender.stats(), { packets: 2, controlPackets: 0, refused: 3, sources: 1 });
});

test("SrtpSender ends at the last index of a key (RFC 3711 §9.2)", () => {
  const keys = randomMasterKeys(entropy, "SRTP_AES128_CM_HMAC_SHA1_80");
  const sender = new SrtpSender(keys);
  sender.resumeSource(1, 0xffff_ffff, 0x7fff_ffff);
  const packet = (sequence: number): Uint8Array =>
    rtpPacket(entropy, { payload: 10, sequence, ssrc: 1 });
  assert.notEqual(typeof protect(sender, packet(65535)), "number");
  assert.equal(sender.row[RTP_INDEX], 0xffff_ffff);
  assert.equal(protect(sender, packet(0)), SRTP_EXHAUSTED);
  assert.notEqual(typeof protect(sender, packet(65534)), "number");
  assert.notEqual(typeof protectControl(sender, rtcpPacket(entropy, 8, 1)), "number");
  assert.equal(protectControl(sender, rtcpPacket(entropy, 8, 1)), SRTP_EXHAUSTED);
  assert.notEqual(typeof protectControl(sender, rtcpPacket(entropy, 8, 2)), "number");
  for (const [roc, index] of [[-1, 0], [0x1_0000_0000, 0], [0.5, 0], [0, -1]] as const) {
    assert.throws(
      () => sender.resumeSource(1, roc, index),
      (error) => error instanceof SrtpError && error.code === "invalid-argument",
    );
  }
});

test("SrtpSender gives CSRCs without an extension an empty one, for Cryptex (RFC 9335 §5.1)", () => {
  for (const vectors of CRYPTEX_PACKETS) {
    const [plain, sealed] = vectors.packets[4]!;
    const withExtension = hex(plain);
    // The vector with its extension taken out: X bit, 0xBEDE and a length of zero.
    const bare = new Uint8Array(withExtension.length - 4);
    bare.set(withExtension.subarray(0, 20));
    bare.set(withExtension.subarray(24), 20);
    bare[0]! &= ~0x10;
    const keys = {
      profile: vectors.profile,
      masterKey: hex(vectors.masterKey),
      masterSalt: hex(vectors.masterSalt),
      cryptex: true,
    };
    const out = protect(new SrtpSender(keys), bare);
    assert.equal(hexEncode(out as Uint8Array), sealed, vectors.source);
    const receiver = new SrtpReceiver(keys);
    const bytes = (out as Uint8Array).slice();
    const end = receiver.unprotectPacket(bytes, 0, bytes.length);
    assert.equal(hexEncode(bytes.subarray(0, end)), plain, vectors.source);
  }
});

test("SrtpSender leaves packets with an extension, or without CSRCs, as long as they are, for Cryptex", () => {
  for (const profile of PROFILES) {
    const keys = { ...randomMasterKeys(entropy, profile), cryptex: true };
    const sender = new SrtpSender(keys), receiver = new SrtpReceiver(keys);
    for (const [csrcs, extension] of [[0, undefined], [0, 2], [3, 0]] as const) {
      const packet = rtpPacket(entropy, {
        payload: 33,
        csrcs,
        ssrc: 1 + csrcs,
        sequence: extension ?? 9,
        ...(extension !== undefined && { extension }),
      });
      const bytes = protect(sender, packet) as Uint8Array;
      const end = receiver.unprotectPacket(bytes, 0, bytes.length);
      assert.deepEqual(bytes.slice(0, end), packet, profile);
    }
  }
});

test("SrtpSender writes nothing behind the room that a packet must have", () => {
  for (const profile of PROFILES) {
    for (const cryptex of [false, true]) {
      const sender = new SrtpSender({ ...randomMasterKeys(entropy, profile), cryptex });
      const packet = rtpPacket(entropy, { payload: 21, csrcs: 2 });
      const bytes = new Uint8Array(packet.length + SRTP_TAILROOM_BYTES + 8).fill(0xa5);
      bytes.set(packet, 4);
      assert.notEqual(sender.protectPacket(bytes, 4, packet.length), -1);
      const behind = bytes.subarray(4 + packet.length + SRTP_TAILROOM_BYTES);
      assert.ok([...bytes.subarray(0, 4), ...behind].every((byte) => byte === 0xa5), profile);
      // Without that room there is nothing to do, and what is no packet for it is not touched.
      const tight = packet.slice();
      assert.equal(
        new SrtpSender({ ...randomMasterKeys(entropy, profile), cryptex })
          .protectPacket(tight, 0, tight.length),
        -1,
      );
    }
  }
});

test("SrtpSender takes no longer packet than its batch says", () => {
  const sender = new SrtpSender(randomMasterKeys(entropy, "SRTP_AEAD_AES_128_GCM"));
  const batch = sender.createBatch(100, 1);
  batch.bytes.set(randomBytes(entropy, 100));
  batch.bytes[0] = 0x80;
  batch.push(0, 101);
  sender.protect(batch);
  assert.equal(batch.rows[RTP_STATUS], SRTP_MALFORMED);
  batch.count = 0;
  batch.push(90, 100);
  sender.protectControl(batch);
  assert.equal(batch.rows[RTP_STATUS], SRTP_MALFORMED);
  assert.deepEqual([batch.rows[RTP_AT], batch.rows[RTP_LENGTH]], [90, 100]);
  assert.equal(batch.rows.length, RTP_COLUMNS);
  batch.release();
});
