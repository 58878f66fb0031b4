/** The part of the cipher suite about what is no packet. @module */
import assert from "node:assert/strict";
import { seededEntropy, writeU16 } from "../../src/base/mod.ts";
import { RTP_AT } from "../../src/rtp/mod.ts";
import { SRTP_MALFORMED, SRTP_OK, type SrtpCipherProvider } from "../../src/srtp/mod.ts";
import { test } from "../harness.ts";
import {
  batchOf,
  guardsIntact,
  isVisible,
  MEMORIES,
  PROFILES,
  randomCipherOptions,
  rtpPacket,
  sameBytes,
  statusOf,
} from "./support.ts";

/** Registers these tests for one provider. */
export function testMalformed(provider: SrtpCipherProvider): void {
  test(`${provider.name}: what is no RTP or RTCP packet is malformed both ways and not touched (RFC 3550 A.1)`, () => {
    const entropy = seededEntropy(0x3a1);
    for (const profile of PROFILES) {
      const cipher = provider.createCipher(randomCipherOptions(entropy, profile));
      const bad = [0, 1, 3].map((version) => {
        const packet = rtpPacket(entropy, { payload: 60 });
        packet[0] = (version << 6) | (packet[0]! & 0x3f);
        return packet;
      });
      // Lengths in the header that leave the packet.
      const csrcs = rtpPacket(entropy, { payload: 4 });
      csrcs[0]! |= 15;
      const extension = rtpPacket(entropy, { payload: 60, extension: 2 });
      writeU16(extension, 14, 1000);
      const cut = rtpPacket(entropy, { payload: 2 });
      cut[0]! |= 0x10;
      for (const plain of MEMORIES) {
        for (const [packets, control] of [[[...bad, csrcs, extension, cut], false], [bad, true]]) {
          const list = packets as Uint8Array[];
          list.push(new Uint8Array(0), Uint8Array.of(0x80), new Uint8Array(7).fill(0x80));
          const batch = batchOf(provider, plain, list);
          const before = batch.bytes.slice();
          if (control) cipher.protectControl(batch);
          else cipher.protect(batch);
          list.forEach((_, i) => assert.equal(statusOf(batch, i), SRTP_MALFORMED, `${i}`));
          assert.ok(sameBytes(batch.bytes, before), `${profile}: protect`);
          if (control) cipher.unprotectControl(batch);
          else cipher.unprotect(batch);
          list.forEach((_, i) => assert.equal(statusOf(batch, i), SRTP_MALFORMED, `${i}`));
          assert.ok(sameBytes(batch.bytes, before), `${profile}: unprotect`);
          batch.release();
        }
      }
      cipher.dispose();
    }
  });

  test(`${provider.name}: an authentic packet whose padding leaves it is malformed, and its text wiped (RFC 3550 A.1)`, () => {
    const entropy = seededEntropy(0x3a2);
    for (const profile of PROFILES) {
      const cipher = provider.createCipher(randomCipherOptions(entropy, profile));
      for (const count of [0, 41, 255]) {
        const packet = rtpPacket(entropy, { payload: 40, padding: 1 });
        packet[packet.length - 1] = count;
        const batch = batchOf(provider, false, [packet]);
        cipher.protect(batch);
        assert.equal(statusOf(batch, 0), SRTP_OK);
        cipher.unprotect(batch);
        assert.equal(statusOf(batch, 0), SRTP_MALFORMED, `${profile}: padding of ${count}`);
        assert.ok(!isVisible(batch.bytes, batch.rows[RTP_AT]!, packet, 12), profile);
        assert.ok(guardsIntact(batch, [packet]));
        batch.release();
      }
      cipher.dispose();
    }
  });
}
