/** The part of the cipher suite about RFC 9335. @module */
import assert from "node:assert/strict";
import { seededEntropy } from "../../src/base/mod.ts";
import { RTP_AT, RTP_COLUMNS } from "../../src/rtp/mod.ts";
import { SRTP_MALFORMED, SRTP_OK, type SrtpCipherProvider } from "../../src/srtp/mod.ts";
import { test } from "../harness.ts";
import {
  assertColumns,
  batchOf,
  guardsIntact,
  isVisible,
  packetOf,
  PROFILES,
  randomBelow,
  randomCipherOptions,
  rtpPacket,
  sameBytes,
  statusOf,
} from "./support.ts";

/** Registers these tests for one provider. */
export function testCryptex(provider: SrtpCipherProvider): void {
  test(`${provider.name}: with Cryptex, CSRCs and extensions are hidden and come back (RFC 9335 §5)`, () => {
    const seed = 0xc0de;
    const entropy = seededEntropy(seed);
    for (const profile of PROFILES) {
      const cipher = provider.createCipher(randomCipherOptions(entropy, profile, true));
      const packets = Array.from({ length: 60 }, (_, i) =>
        rtpPacket(entropy, {
          payload: randomBelow(entropy, 200),
          csrcs: i % 16,
          extension: randomBelow(entropy, 9),
          extensionProfile: i % 3 === 0 ? 0x1000 : 0xbede,
        }));
      const batch = batchOf(provider, false, packets);
      cipher.protect(batch);
      assert.ok(guardsIntact(batch, packets), `${profile}: guards`);
      packets.forEach((packet, i) => {
        const sealed = packetOf(batch, i);
        assert.equal(statusOf(batch, i), SRTP_OK, `${profile}: ${i}`);
        const header = packet.slice(0, 12);
        assert.ok(sameBytes(sealed.subarray(0, 12), header), "the fixed header stays");
        assert.ok(!isVisible(sealed, 0, packet, 12), `${profile}: ${i}`);
      });
      cipher.unprotect(batch);
      packets.forEach((packet, i) => {
        assert.equal(statusOf(batch, i), SRTP_OK, `${profile}: ${i}`);
        assert.ok(sameBytes(packetOf(batch, i), packet), `${profile}: ${i}`);
        assertColumns(batch, i, profile);
      });
      batch.release();
      cipher.dispose();
    }
  });

  test(`${provider.name}: with Cryptex, packets without CSRCs and extension are plain SRTP, and plain SRTP is taken (RFC 9335 §5.2)`, () => {
    const entropy = seededEntropy(0xc0df);
    for (const profile of PROFILES) {
      const options = randomCipherOptions(entropy, profile);
      const ordinary = provider.createCipher(options);
      const cryptex = provider.createCipher({ ...options, cryptex: true });
      const bare = rtpPacket(entropy, { payload: 50 });
      const one = batchOf(provider, false, [bare]), other = batchOf(provider, false, [bare]);
      ordinary.protect(one);
      cryptex.protect(other);
      assert.ok(sameBytes(packetOf(one, 0), packetOf(other, 0)), profile);
      one.release();
      other.release();
      const full = rtpPacket(entropy, { payload: 50, csrcs: 2, extension: 3 });
      const batch = batchOf(provider, false, [full, bare]);
      ordinary.protect(batch);
      cryptex.unprotect(batch);
      for (const [i, packet] of [full, bare].entries()) {
        assert.equal(statusOf(batch, i), SRTP_OK, profile);
        assert.ok(sameBytes(packetOf(batch, i), packet), profile);
      }
      batch.release();
      ordinary.dispose();
      cryptex.dispose();
    }
  });

  test(`${provider.name}: with Cryptex, what it cannot hide is not sent (RFC 9335 §4)`, () => {
    const entropy = seededEntropy(0xc0e0);
    for (const profile of PROFILES) {
      const cipher = provider.createCipher(randomCipherOptions(entropy, profile, true));
      const packets = [
        rtpPacket(entropy, { payload: 50, csrcs: 1 }),
        rtpPacket(entropy, { payload: 50, extension: 1, extensionProfile: 0x1001 }),
        rtpPacket(entropy, { payload: 50, extension: 1, extensionProfile: 0x4242 }),
        rtpPacket(entropy, { payload: 50, extension: 1, extensionProfile: 0xc0de }),
      ];
      const batch = batchOf(provider, false, packets);
      const before = batch.bytes.slice();
      cipher.protect(batch);
      packets.forEach((_, i) => {
        assert.equal(statusOf(batch, i), SRTP_MALFORMED, `${profile}: ${i}`);
      });
      assert.ok(sameBytes(batch.bytes, before), `${profile}: not touched`);
      batch.release();
      cipher.dispose();
    }
  });

  test(`${provider.name}: with Cryptex, a packet with any byte changed is refused`, () => {
    const entropy = seededEntropy(0xc0e1);
    for (const profile of PROFILES) {
      const cipher = provider.createCipher(randomCipherOptions(entropy, profile, true));
      const packet = rtpPacket(entropy, { payload: 30, csrcs: 2, extension: 2 });
      const batch = batchOf(provider, false, [packet]);
      cipher.protect(batch);
      const sealed = packetOf(batch, 0);
      batch.release();
      const variants = Array.from(sealed, (_, at) => {
        const variant = sealed.slice();
        variant[at]! ^= 1 << (at % 8);
        return variant;
      });
      const opened = batchOf(provider, false, variants);
      cipher.unprotect(opened);
      variants.forEach((_, i) => {
        assert.notEqual(statusOf(opened, i), SRTP_OK, `${profile}: byte ${i}`);
        const at = opened.rows[i * RTP_COLUMNS + RTP_AT]!;
        assert.ok(!isVisible(opened.bytes, at, packet, 12), `${profile}: byte ${i}`);
      });
      assert.ok(guardsIntact(opened, variants));
      opened.release();
      cipher.dispose();
    }
  });
}
