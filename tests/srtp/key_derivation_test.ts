import assert from "node:assert/strict";
import { hexEncode } from "../../src/base/mod.ts";
import { CryptoError } from "../../src/crypto/mod.ts";
import {
  deriveSessionKeys,
  deriveSrtpKey,
  keyingMaterialLength,
  LABEL_RTP_AUTHENTICATION,
  LABEL_RTP_ENCRYPTION,
  LABEL_RTP_SALT,
  splitKeyingMaterial,
  SRTP_EXPORTER_LABEL,
  SrtpError,
  srtpProfileParameters,
} from "../../src/srtp/mod.ts";
import { test } from "../harness.ts";
import { PROFILES } from "./support.ts";
import { DERIVATIONS, hex } from "./vectors.ts";

test("Session keys are the published ones (RFC 3711 B.3, RFC 6188 §7.2)", () => {
  for (const vector of DERIVATIONS) {
    const key = hex(vector.masterKey), salt = hex(vector.masterSalt);
    const derive = (label: number, expected: string): void => {
      const derived = deriveSrtpKey(key, salt, label, expected.length / 2);
      assert.equal(hexEncode(derived), expected, vector.source);
    };
    derive(LABEL_RTP_ENCRYPTION, vector.key);
    derive(LABEL_RTP_SALT, vector.salt);
    derive(LABEL_RTP_AUTHENTICATION, vector.authKey);
  }
});

test("The salt of GCM is taken as 14 bytes that end in two zeros (RFC 7714 §11)", () => {
  const key = hex("000102030405060708090a0b0c0d0e0f"), salt = hex("a0a1a2a3a4a5a6a7a8a9aaab");
  const keys = deriveSessionKeys("SRTP_AEAD_AES_128_GCM", key, salt);
  const padded = new Uint8Array(14);
  padded.set(salt);
  assert.deepEqual(keys.rtp.key, deriveSrtpKey(key, padded, LABEL_RTP_ENCRYPTION, 16));
  assert.deepEqual(keys.rtp.salt, deriveSrtpKey(key, padded, LABEL_RTP_SALT, 12));
});

test("Every profile derives keys of its lengths, all of them different (RFC 3711 §4.3.2)", () => {
  for (const profile of PROFILES) {
    const { keyBytes, saltBytes, authKeyBytes } = srtpProfileParameters(profile);
    const { rtp, rtcp } = deriveSessionKeys(
      profile,
      new Uint8Array(keyBytes),
      new Uint8Array(saltBytes),
    );
    for (const keys of [rtp, rtcp]) {
      assert.equal(keys.key.length, keyBytes);
      assert.equal(keys.salt.length, saltBytes);
      assert.equal(keys.authKey.length, authKeyBytes);
    }
    const all = [rtp.key, rtcp.key, rtp.salt, rtcp.salt, rtp.authKey, rtcp.authKey];
    const beginnings = all.filter((key) => key.length > 0)
      .map((key) => hexEncode(key.subarray(0, 12)));
    assert.equal(new Set(beginnings).size, beginnings.length);
  }
});

test("Keys of the wrong length are the caller's fault", () => {
  const invalid = (error: unknown): boolean =>
    error instanceof SrtpError && error.code === "invalid-key";
  for (const profile of PROFILES) {
    const { keyBytes, saltBytes } = srtpProfileParameters(profile);
    for (const [key, salt] of [[keyBytes - 1, saltBytes], [keyBytes, saltBytes + 1], [0, 0]]) {
      assert.throws(
        () => deriveSessionKeys(profile, new Uint8Array(key!), new Uint8Array(salt!)),
        invalid,
      );
    }
    const length = keyingMaterialLength(profile);
    assert.throws(
      () => splitKeyingMaterial(profile, "client", new Uint8Array(length - 1)),
      invalid,
    );
    assert.throws(
      () => splitKeyingMaterial(profile, "server", new Uint8Array(length + 1)),
      invalid,
    );
  }
  assert.throws(
    () => deriveSrtpKey(new Uint8Array(15), new Uint8Array(14), 0, 16),
    (error) => error instanceof CryptoError && error.code === "invalid-key",
  );
});

test("Exported keying material is client key, server key, client salt, server salt (RFC 5764 §4.2)", () => {
  assert.equal(SRTP_EXPORTER_LABEL, "EXTRACTOR-dtls_srtp");
  const lengths = PROFILES.map((profile) => keyingMaterialLength(profile));
  assert.deepEqual(lengths, [60, 60, 56, 88]);
  for (const profile of PROFILES) {
    const { keyBytes, saltBytes } = srtpProfileParameters(profile);
    const bytes = Uint8Array.from({ length: keyingMaterialLength(profile) }, (_, i) => i);
    const range = (at: number, length: number): Uint8Array => bytes.slice(at, at + length);
    const client = splitKeyingMaterial(profile, "client", bytes);
    assert.deepEqual(client.local.masterKey, range(0, keyBytes));
    assert.deepEqual(client.remote.masterKey, range(keyBytes, keyBytes));
    assert.deepEqual(client.local.masterSalt, range(2 * keyBytes, saltBytes));
    assert.deepEqual(client.remote.masterSalt, range(2 * keyBytes + saltBytes, saltBytes));
    const server = splitKeyingMaterial(profile, "server", bytes);
    assert.deepEqual(server, { local: client.remote, remote: client.local });
  }
});
