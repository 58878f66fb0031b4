import assert from "node:assert/strict";
import {
  concatBytes,
  hexEncode,
  randomBytes,
  seededEntropy,
  utf8Encode,
} from "../../src/base/mod.ts";
import {
  CryptoError,
  derBitString,
  derElement,
  derOid,
  derSequence,
  derUnsigned,
  type SignatureScheme,
  tsCrypto,
  writeP256Pkcs8,
} from "../../src/crypto/mod.ts";
import { test } from "../harness.ts";
import { fixedEntropy, hex, providers } from "./providers.ts";

const SHA256 = "ecdsa_secp256r1_sha256";
const SHA384 = "ecdsa_secp384r1_sha384";

/** DER ECDSA-Sig-Value (RFC 3279 §2.2.3). */
function signature(r: string, s: string): Uint8Array {
  return derSequence(derUnsigned(hex(r)), derUnsigned(hex(s)));
}

function ecInfo(curveOid: string, x: string, y: string): Uint8Array {
  const algorithm = derSequence(derOid("1.2.840.10045.2.1"), derOid(curveOid));
  return derSequence(algorithm, derBitString(concatBytes(Uint8Array.of(4), hex(x), hex(y))));
}

/** RFC 6979 appendix A.2.5. */
const P256_SECRET = "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";
const P256_INFO = ecInfo(
  "1.2.840.10045.3.1.7",
  "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6",
  "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299",
);
const P256_SAMPLE = signature(
  "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716",
  "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
);
const P256_TEST = signature(
  "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367",
  "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083",
);
/** The same key and message under SHA-384. */
const P256_SAMPLE_384 = signature(
  "0eafea039b20e9b42309fb1d89e213057cbf973dc0cfc8f129edddc800ef7719",
  "4861f0491e6998b9455193e34e7b0d284ddd7149a74b95b9261f13abde940954",
);

/** RFC 6979 appendix A.2.6. */
const P384_INFO = ecInfo(
  "1.3.132.0.34",
  "ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64" +
    "def8f0ea9055866064a254515480bc13",
  "8015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9f54ca84b3f1c9db1" +
    "288b231c3ae0d4fe7344fd2533264720",
);
const P384_SAMPLE = signature(
  "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c" +
    "81a648152e44acf96e36dd1e80fabe46",
  "99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94f" +
    "a329c145786e679e7b82c71a38628ac8",
);

const SAMPLE = utf8Encode("sample");
const N = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

test("ts: ECDSA signatures are the deterministic ones of RFC 6979 §A.2.5", () => {
  const key = tsCrypto.generateSigningKey("ecdsa-p256", fixedEntropy(hex(P256_SECRET)));
  assert.deepEqual(key.publicKeyInfo, P256_INFO);
  assert.deepEqual(key.sign(SHA256, SAMPLE), P256_SAMPLE);
  assert.deepEqual(key.sign(SHA256, utf8Encode("test")), P256_TEST);
});

for (const crypto of providers) {
  test(`${crypto.name}: verifies RFC 6979 §A.2.5 and §A.2.6, P-256 and P-384`, () => {
    assert.ok(crypto.verify(SHA256, P256_INFO, SAMPLE, P256_SAMPLE));
    assert.ok(crypto.verify(SHA256, P256_INFO, utf8Encode("test"), P256_TEST));
    assert.ok(crypto.verify(SHA384, P384_INFO, SAMPLE, P384_SAMPLE));
    assert.ok(!crypto.verify(SHA256, P256_INFO, utf8Encode("test"), P256_SAMPLE));
  });

  test(`${crypto.name}: hash and curve are independent in TLS 1.2 (RFC 5246 §7.4.1.4.1)`, () => {
    assert.ok(crypto.verify(SHA384, P256_INFO, SAMPLE, P256_SAMPLE_384));
    assert.ok(!crypto.verify(SHA256, P256_INFO, SAMPLE, P256_SAMPLE_384));
    assert.ok(!crypto.verify(SHA256, P384_INFO, SAMPLE, P384_SAMPLE));
  });

  test(`${crypto.name}: any changed bit of an ECDSA signature is refused (FIPS 186-5 §6.4.2)`, () => {
    for (let bit = 0; bit < 8 * P256_SAMPLE.length; bit += 3) {
      const bad = P256_SAMPLE.slice();
      bad[bit >> 3]! ^= 1 << (bit & 7);
      assert.ok(!crypto.verify(SHA256, P256_INFO, SAMPLE, bad), `bit ${bit}`);
    }
  });

  test(`${crypto.name}: r and s outside 1 … n − 1 are refused (FIPS 186-5 §6.4.2)`, () => {
    const one = "01";
    for (const [r, s] of [["00", "00"], ["00", one], [one, "00"], [N, one], [one, N], [N, N]]) {
      assert.ok(!crypto.verify(SHA256, P256_INFO, SAMPLE, signature(r!, s!)));
    }
  });

  test(`${crypto.name}: ECDSA signatures that are not DER are refused (RFC 3279 §2.2.3)`, () => {
    const body = P256_SAMPLE.subarray(2);
    const r = hex("efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716");
    const s = hex("f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
    const bad: Uint8Array[] = [
      new Uint8Array(0),
      P256_SAMPLE.subarray(0, -1),
      concatBytes(P256_SAMPLE, Uint8Array.of(0)), // trailing byte
      concatBytes(Uint8Array.of(0x30, 0x81, body.length), body), // length not minimal
      concatBytes(Uint8Array.of(0x30, 0x80), body, new Uint8Array(2)), // indefinite length
      concatBytes(r, s), // IEEE P1363 form
      derSequence(derElement(2, r), derElement(2, s)), // negative integers
      derSequence(derElement(2, new Uint8Array(2), r), derUnsigned(s)), // padded integer
      derSequence(derUnsigned(r), derUnsigned(s), derUnsigned(s)),
      derSequence(derUnsigned(r)),
    ];
    for (const [i, signed] of bad.entries()) {
      assert.ok(!crypto.verify(SHA256, P256_INFO, SAMPLE, signed), `form ${i}`);
    }
  });

  test(`${crypto.name}: keys that are malformed, off the curve or of another kind verify nothing`, () => {
    const offCurve = P256_INFO.slice();
    offCurve[offCurve.length - 1]! ^= 1;
    const zero = P256_INFO.slice().fill(0, 27);
    for (const info of [offCurve, zero, P256_INFO.subarray(1), P256_INFO.subarray(0, -1), SAMPLE]) {
      assert.ok(!crypto.verify(SHA256, info, SAMPLE, P256_SAMPLE));
    }
    const rsa: SignatureScheme[] = ["rsa_pkcs1_sha256", "rsa_pss_rsae_sha256"];
    for (const scheme of rsa) assert.ok(!crypto.verify(scheme, P256_INFO, SAMPLE, P256_SAMPLE));
  });

  test(`${crypto.name}: an exported P-256 key imports again (RFC 5958 §2, RFC 5915 §3)`, () => {
    const key = crypto.generateSigningKey("ecdsa-p256", seededEntropy(6));
    const stored = key.exportPkcs8();
    const again = crypto.importSigningKey(stored);
    assert.deepEqual(again.publicKeyInfo, key.publicKeyInfo);
    assert.deepEqual(again.exportPkcs8(), stored);
    const signed = again.sign(SHA256, SAMPLE);
    for (const other of providers) {
      assert.ok(other.verify(SHA256, key.publicKeyInfo, SAMPLE, signed));
      assert.deepEqual(other.importSigningKey(stored).publicKeyInfo, key.publicKeyInfo);
    }
  });

  test(`${crypto.name}: stored keys that cannot be right are refused`, () => {
    const good = crypto.generateSigningKey("ecdsa-p256", seededEntropy(7)).exportPkcs8();
    const point = hex("04" + hexEncode(P256_INFO.subarray(-64)));
    const bad = [
      new Uint8Array(0),
      good.subarray(0, -1),
      concatBytes(good, Uint8Array.of(0)),
      writeP256Pkcs8(new Uint8Array(32), point), // secret 0
      writeP256Pkcs8(hex(N), point), // secret n
      writeP256Pkcs8(hex("01".repeat(32)), point), // somebody else's point
    ];
    for (const [i, pkcs8] of bad.entries()) {
      assert.throws(
        () => crypto.importSigningKey(pkcs8),
        (error) => error instanceof CryptoError && error.code === "invalid-key",
        `form ${i}`,
      );
    }
  });

  test(`${crypto.name}: a key does not sign with a scheme of another kind`, () => {
    const key = crypto.generateSigningKey("ecdsa-p256", seededEntropy(8));
    for (const scheme of [SHA384, "rsa_pkcs1_sha256"] as const) {
      assert.throws(() => key.sign(scheme, SAMPLE), { code: "invalid-argument" });
    }
  });
}

test("providers verify each other's ECDSA signatures, 150 random ones", () => {
  const seed = 0x516;
  const entropy = seededEntropy(seed);
  const keys = providers.map((crypto) => crypto.generateSigningKey("ecdsa-p256", entropy));
  for (let i = 0; i < 150; i++) {
    const data = randomBytes(entropy, i);
    const key = keys[i % keys.length]!;
    const signed = key.sign(SHA256, data);
    for (const crypto of providers) {
      assert.ok(crypto.verify(SHA256, key.publicKeyInfo, data, signed), `seed ${seed}, ${i}`);
    }
  }
});
