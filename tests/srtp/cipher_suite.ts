/**
 * What every {@linkcode SrtpCipherProvider} must do, as one suite: a test file calls `testCiphers` for
 * each provider that it has, in whatever runtime, and `crossCheck` for two of them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { hexEncode } from "../../src/base/mod.ts";
import { RTP_INDEX } from "../../src/rtp/mod.ts";
import {
  deriveSessionKeys,
  SRTP_OK,
  type SrtpCipherOptions,
  type SrtpCipherProvider,
} from "../../src/srtp/mod.ts";
import { test } from "../harness.ts";
import { testBatches } from "./cipher_batches.ts";
import { testCryptex } from "./cipher_cryptex.ts";
import { testMalformed } from "./cipher_malformed.ts";
import { testRefusals } from "./cipher_refusals.ts";
import { batchOf, indexOf, MEMORIES, packetOf, statusOf } from "./support.ts";
import {
  CONTROL_INDEX,
  CRYPTEX_PACKETS,
  GCM_CLEAR_CONTROL_PACKETS,
  GCM_CONTROL_PACKETS,
  GCM_PACKETS,
  hex,
  KEYSTREAM,
  LIBSRTP_PACKETS,
  type MasterVectors,
  type PacketVector,
} from "./vectors.ts";
export { crossCheck } from "./cross_check.ts";

/** Registers the whole suite for one provider. */
export function testCiphers(provider: SrtpCipherProvider): void {
  testVectors(provider);
  testRefusals(provider);
  testMalformed(provider);
  testBatches(provider);
  testCryptex(provider);
}

/** Session keys of a vector, for RTP and RTCP. */
function vectorOptions(vector: PacketVector): SrtpCipherOptions {
  const keys = { key: hex(vector.key), salt: hex(vector.salt), authKey: new Uint8Array(0) };
  return { profile: vector.profile, rtp: keys, rtcp: keys };
}

function masterOptions(vectors: MasterVectors, cryptex: boolean): SrtpCipherOptions {
  const { profile, masterKey, masterSalt } = vectors;
  return { profile, ...deriveSessionKeys(profile, hex(masterKey), hex(masterSalt)), cryptex };
}

function testVectors(provider: SrtpCipherProvider): void {
  test(`${provider.name}: AES counter mode makes the published keystream (RFC 3711 B.2)`, () => {
    const keys = {
      key: hex(KEYSTREAM.key),
      salt: hex(KEYSTREAM.salt),
      authKey: new Uint8Array(20),
    };
    const cipher = provider.createCipher({
      profile: "SRTP_AES128_CM_HMAC_SHA1_80",
      rtp: keys,
      rtcp: keys,
    });
    // SSRC, sequence number and rollover of zero leave the salt as it is.
    const packet = new Uint8Array(12 + 48);
    packet[0] = 0x80;
    for (const plain of MEMORIES) {
      const batch = batchOf(provider, plain, [packet]);
      cipher.protect(batch);
      const text = hexEncode(packetOf(batch, 0).subarray(12, 60));
      assert.equal(text, KEYSTREAM.blocks.join(""));
      batch.release();
    }
    cipher.dispose();
  });

  test(`${provider.name}: SRTP packets are those of RFC 7714 §16`, () => {
    for (const vector of GCM_PACKETS) {
      const cipher = provider.createCipher(vectorOptions(vector));
      for (const plain of MEMORIES) {
        const batch = batchOf(provider, plain, [hex(vector.plain)]);
        cipher.protect(batch);
        assert.equal(statusOf(batch, 0), SRTP_OK, vector.source);
        assert.equal(hexEncode(packetOf(batch, 0)), vector.sealed, vector.source);
        cipher.unprotect(batch);
        assert.equal(statusOf(batch, 0), SRTP_OK, vector.source);
        assert.equal(hexEncode(packetOf(batch, 0)), vector.plain, vector.source);
        batch.release();
      }
      cipher.dispose();
    }
  });

  test(`${provider.name}: SRTCP packets are those of RFC 7714 §17.1 and §17.2`, () => {
    for (const vector of GCM_CONTROL_PACKETS) {
      const cipher = provider.createCipher(vectorOptions(vector));
      for (const plain of MEMORIES) {
        const batch = batchOf(provider, plain, [hex(vector.plain)], [CONTROL_INDEX]);
        cipher.protectControl(batch);
        assert.equal(statusOf(batch, 0), SRTP_OK, vector.source);
        assert.equal(hexEncode(packetOf(batch, 0)), vector.sealed, vector.source);
        batch.rows[RTP_INDEX] = 0;
        cipher.unprotectControl(batch);
        assert.equal(statusOf(batch, 0), SRTP_OK, vector.source);
        assert.equal(indexOf(batch, 0), CONTROL_INDEX, vector.source);
        assert.equal(hexEncode(packetOf(batch, 0)), vector.plain, vector.source);
        batch.release();
      }
      cipher.dispose();
    }
  });

  test(`${provider.name}: SRTCP that is not encrypted is checked (RFC 7714 §17.3, §17.4)`, () => {
    for (const vector of GCM_CLEAR_CONTROL_PACKETS) {
      const cipher = provider.createCipher(vectorOptions(vector));
      for (const plain of MEMORIES) {
        const batch = batchOf(provider, plain, [hex(vector.sealed)]);
        cipher.unprotectControl(batch);
        assert.equal(statusOf(batch, 0), SRTP_OK, vector.source);
        assert.equal(indexOf(batch, 0), CONTROL_INDEX, vector.source);
        assert.equal(hexEncode(packetOf(batch, 0)), vector.plain, vector.source);
        batch.release();
        const sealed = hex(vector.sealed);
        for (let at = 0; at < sealed.length; at++) {
          sealed[at]! ^= 0x20;
          const hurt = batchOf(provider, plain, [sealed]);
          cipher.unprotectControl(hurt);
          assert.notEqual(statusOf(hurt, 0), SRTP_OK, `${vector.source}: byte ${at}`);
          hurt.release();
          sealed[at]! ^= 0x20;
        }
      }
      cipher.dispose();
    }
  });

  test(`${provider.name}: packets under a master key are those of libsrtp and of RFC 9335 appendix A`, () => {
    for (const vectors of [LIBSRTP_PACKETS, ...CRYPTEX_PACKETS]) {
      const cipher = provider.createCipher(masterOptions(vectors, vectors !== LIBSRTP_PACKETS));
      for (const plain of MEMORIES) {
        const batch = batchOf(provider, plain, vectors.packets.map(([packet]) => hex(packet)));
        cipher.protect(batch);
        vectors.packets.forEach(([, sealed], i) => {
          assert.equal(statusOf(batch, i), SRTP_OK, `${vectors.source}, packet ${i}`);
          assert.equal(hexEncode(packetOf(batch, i)), sealed, `${vectors.source}, packet ${i}`);
        });
        cipher.unprotect(batch);
        vectors.packets.forEach(([packet], i) => {
          assert.equal(statusOf(batch, i), SRTP_OK, `${vectors.source}, packet ${i}`);
          assert.equal(hexEncode(packetOf(batch, i)), packet, `${vectors.source}, packet ${i}`);
        });
        batch.release();
      }
      cipher.dispose();
    }
  });
}
