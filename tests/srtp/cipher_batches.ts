/** The part of the cipher suite about batches. @module */
import assert from "node:assert/strict";
import { seededEntropy } from "../../src/base/mod.ts";
import { RTP_AT, RTP_COLUMNS, RTP_INDEX } from "../../src/rtp/mod.ts";
import { SRTP_OK, SRTP_REFUSED, type SrtpCipherProvider } from "../../src/srtp/mod.ts";
import { test } from "../harness.ts";
import {
  assertColumns,
  batchOf,
  guardsIntact,
  indexOf,
  packetOf,
  packetsOf,
  PROFILES,
  randomBelow,
  randomCipherOptions,
  randomRtp,
  rtcpPacket,
  rtpPacket,
  sameBytes,
  statusOf,
} from "./support.ts";

/** Registers these tests for one provider. */
export function testBatches(provider: SrtpCipherProvider): void {
  test(`${provider.name}: batches of 1 to 70 packets of mixed lengths come out as packets one by one do`, () => {
    const seed = 0xba1;
    const entropy = seededEntropy(seed);
    for (let count = 1; count <= 70; count++) {
      const profile = PROFILES[count % PROFILES.length]!;
      const what = `seed ${seed}, ${count} packets, ${profile}`;
      const cipher = provider.createCipher(randomCipherOptions(entropy, profile));
      const packets = Array.from({ length: count }, () => randomRtp(entropy, 250));
      const indices = packets.map(() => randomBelow(entropy, 0x1_0000_0000));
      const batch = batchOf(provider, count % 2 === 0, packets, indices);
      cipher.protect(batch);
      assert.ok(guardsIntact(batch, packets), `${what}: guards`);
      const sealed = packetsOf(batch);
      packets.forEach((packet, i) => {
        assert.equal(statusOf(batch, i), SRTP_OK, `${what}: ${i}`);
        const one = batchOf(provider, i % 2 === 0, [packet], [indices[i]!]);
        cipher.protect(one);
        assert.ok(sameBytes(packetOf(one, 0), sealed[i]!), `${what}: ${i}`);
        one.release();
      });
      // One that is wrong leaves its neighbours alone.
      const hurt = randomBelow(entropy, count);
      const { length } = sealed[hurt]!;
      batch.bytes[batch.rows[hurt * RTP_COLUMNS + RTP_AT]! + length - 1]! ^= 1;
      cipher.unprotect(batch);
      assert.ok(guardsIntact(batch, packets), `${what}: guards`);
      packets.forEach((packet, i) => {
        assert.equal(statusOf(batch, i), i === hurt ? SRTP_REFUSED : SRTP_OK, `${what}: ${i}`);
        if (i !== hurt) {
          assert.ok(sameBytes(packetOf(batch, i), packet), `${what}: ${i}`);
          assertColumns(batch, i, what);
        }
      });
      batch.release();
      cipher.dispose();
    }
  });

  test(`${provider.name}: batches of RTCP packets come back with their indices (RFC 3711 §3.4)`, () => {
    const seed = 0xba2;
    const entropy = seededEntropy(seed);
    for (let count = 1; count <= 70; count += 3) {
      const profile = PROFILES[count % PROFILES.length]!;
      const what = `seed ${seed}, ${count} packets, ${profile}`;
      const cipher = provider.createCipher(randomCipherOptions(entropy, profile));
      const packets = Array.from(
        { length: count },
        () => rtcpPacket(entropy, 8 + 4 * randomBelow(entropy, 50)),
      );
      const indices = packets.map(() => randomBelow(entropy, 0x8000_0000));
      indices[0] = 0x7fff_ffff;
      const batch = batchOf(provider, count % 2 === 0, packets, indices);
      cipher.protectControl(batch);
      packets.forEach((_, i) => {
        assert.equal(statusOf(batch, i), SRTP_OK, `${what}: ${i}`);
        batch.rows[i * RTP_COLUMNS + RTP_INDEX] = 0;
      });
      cipher.unprotectControl(batch);
      assert.ok(guardsIntact(batch, packets), `${what}: guards`);
      packets.forEach((packet, i) => {
        assert.equal(statusOf(batch, i), SRTP_OK, `${what}: ${i}`);
        assert.equal(indexOf(batch, i), indices[i], `${what}: ${i}`);
        assert.ok(sameBytes(packetOf(batch, i), packet), `${what}: ${i}`);
      });
      batch.release();
      cipher.dispose();
    }
  });

  test(`${provider.name}: payloads of no byte and of a whole datagram pass`, () => {
    const entropy = seededEntropy(0xba3);
    for (const profile of PROFILES) {
      const cipher = provider.createCipher(randomCipherOptions(entropy, profile));
      const packets = [0, 1, 15, 16, 17, 1400, 9000, 65000].map((payload) =>
        rtpPacket(entropy, { payload })
      );
      const batch = batchOf(provider, false, packets);
      cipher.protect(batch);
      cipher.unprotect(batch);
      packets.forEach((packet, i) => {
        assert.equal(statusOf(batch, i), SRTP_OK, `${profile}: ${packet.length} bytes`);
        assert.ok(sameBytes(packetOf(batch, i), packet), `${profile}: ${packet.length} bytes`);
      });
      batch.release();
      cipher.dispose();
    }
  });

  test(`${provider.name}: an empty batch does nothing, and one is used again and again`, () => {
    const entropy = seededEntropy(0xba4);
    const cipher = provider.createCipher(randomCipherOptions(entropy, "SRTP_AEAD_AES_128_GCM"));
    const batch = provider.createBatch(2000, 4);
    for (let round = 0; round < 5; round++) {
      batch.count = 0;
      cipher.protect(batch);
      cipher.unprotect(batch);
      cipher.protectControl(batch);
      cipher.unprotectControl(batch);
      const packet = rtpPacket(entropy, { payload: 100 * round });
      batch.bytes.set(packet, round);
      batch.push(round, packet.length);
      cipher.protect(batch);
      cipher.unprotect(batch);
      assert.equal(statusOf(batch, 0), SRTP_OK);
      assert.ok(sameBytes(packetOf(batch, 0), packet));
    }
    batch.release();
    cipher.dispose();
  });
}
