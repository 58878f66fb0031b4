import assert from "node:assert/strict";
import * as node from "node:crypto";
import { concatBytes, hexEncode, seededEntropy, utf8Encode } from "../../src/base/mod.ts";
import {
  CryptoError,
  derBitString,
  derNull,
  derOid,
  derSequence,
  derUnsigned,
  parsePublicKeyInfo,
  type SignatureScheme,
  tsCrypto,
} from "../../src/crypto/mod.ts";
import { test } from "../harness.ts";
import { base64url, hex, providers } from "./providers.ts";

function rsaInfo(modulus: Uint8Array, exponent: Uint8Array): Uint8Array {
  return derSequence(
    derSequence(derOid("1.2.840.113549.1.1.1"), derNull()),
    derBitString(derSequence(derUnsigned(modulus), derUnsigned(exponent))),
  );
}

/** RFC 7515 appendix A.2: an RSASSA-PKCS1-v1_5 signature with SHA-256. */
const JWS_N = base64url(
  "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yR" +
    "T-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXB" +
    "dQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9ia" +
    "GNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
);
const JWS_INFO = rsaInfo(JWS_N, hex("010001"));
const JWS_INPUT = utf8Encode(
  "eyJhbGciOiJSUzI1NiJ9." +
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
);
const JWS_SIGNATURE = base64url(
  "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdb" +
    "F9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN" +
    "9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5A" +
    "XLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
);

const PKCS1: readonly SignatureScheme[] = [
  "rsa_pkcs1_sha256",
  "rsa_pkcs1_sha384",
  "rsa_pkcs1_sha512",
];
const PSS = "rsa_pss_rsae_sha256";
const DATA = utf8Encode("signed by OpenSSL, verified by us");

/** One OpenSSL key for the whole file: generation is slow. */
const openssl = node.generateKeyPairSync("rsa", { modulusLength: 2048, publicExponent: 0x10001 });
const opensslInfo = new Uint8Array(openssl.publicKey.export({ format: "der", type: "spki" }));

const oddPairs = [2049, 2052].map((modulusLength) =>
  node.generateKeyPairSync("rsa", { modulusLength })
);

function pssSign(key: node.KeyObject, saltLength: number): Uint8Array {
  const padding = node.constants.RSA_PKCS1_PSS_PADDING;
  return node.sign("sha256", DATA, { key, padding, saltLength });
}

const jwk = openssl.privateKey.export({ format: "jwk" });
const OPENSSL_N = BigInt("0x" + hexEncode(base64url(jwk.n!)));
const OPENSSL_D = BigInt("0x" + hexEncode(base64url(jwk.d!)));

/** Raises a forged encoded message to the private exponent, as an owner of the key could. */
function rawSign(encoded: Uint8Array): Uint8Array {
  let result = 1n, base = BigInt("0x" + hexEncode(encoded));
  for (let d = OPENSSL_D; d > 0n; d >>= 1n) {
    if ((d & 1n) === 1n) result = (result * base) % OPENSSL_N;
    base = (base * base) % OPENSSL_N;
  }
  return hex(result.toString(16).padStart(512, "0"));
}

function pkcs1Encoding(digestInfo: Uint8Array): Uint8Array {
  const encoded = new Uint8Array(256).fill(0xff);
  encoded.set([0, 1]);
  encoded[255 - digestInfo.length] = 0;
  encoded.set(digestInfo, 256 - digestInfo.length);
  return encoded;
}

for (const crypto of providers) {
  test(`${crypto.name}: verifies the PKCS #1 v1.5 signature of RFC 7515 §A.2`, () => {
    assert.ok(crypto.verify("rsa_pkcs1_sha256", JWS_INFO, JWS_INPUT, JWS_SIGNATURE));
    assert.ok(!crypto.verify("rsa_pkcs1_sha384", JWS_INFO, JWS_INPUT, JWS_SIGNATURE));
    assert.ok(!crypto.verify(PSS, JWS_INFO, JWS_INPUT, JWS_SIGNATURE));
    assert.ok(!crypto.verify("rsa_pkcs1_sha256", opensslInfo, JWS_INPUT, JWS_SIGNATURE));
  });

  test(`${crypto.name}: verifies what OpenSSL signs, PKCS #1 v1.5 and PSS (RFC 8017 §8)`, () => {
    for (const scheme of PKCS1) {
      const signed = node.sign(scheme.slice(-6), DATA, openssl.privateKey);
      assert.ok(crypto.verify(scheme, opensslInfo, DATA, signed), scheme);
      assert.ok(!crypto.verify(scheme, opensslInfo, DATA.subarray(1), signed), scheme);
      assert.ok(!crypto.verify("ecdsa_secp256r1_sha256", opensslInfo, DATA, signed));
    }
    for (let i = 0; i < 20; i++) {
      const signed = pssSign(openssl.privateKey, 32);
      assert.ok(crypto.verify(PSS, opensslInfo, DATA, signed));
      assert.ok(!crypto.verify(PSS, opensslInfo, DATA.subarray(1), signed));
    }
  });

  test(`${crypto.name}: PSS wants a salt as long as the digest (RFC 8446 §4.2.3)`, () => {
    for (const length of [0, 20, 31, 33, 64]) {
      assert.ok(!crypto.verify(PSS, opensslInfo, DATA, pssSign(openssl.privateKey, length)));
    }
  });

  test(`${crypto.name}: PSS holds for moduli whose length is not a multiple of 8 (RFC 8017 §9.1.2)`, () => {
    for (const pair of oddPairs) {
      const info = new Uint8Array(pair.publicKey.export({ format: "der", type: "spki" }));
      const signed = pssSign(pair.privateKey, 32);
      assert.ok(crypto.verify(PSS, info, DATA, signed), `${info.length} bytes`);
      signed[10]! ^= 1;
      assert.ok(!crypto.verify(PSS, info, DATA, signed), `${info.length} bytes`);
    }
  });

  test(`${crypto.name}: the encoded message is compared whole (RFC 8017 §8.2.2, Bleichenbacher 2006)`, () => {
    const scheme = "rsa_pkcs1_sha256";
    const prefix = hex("3031300d060960864801650304020105000420");
    const digest = tsCrypto.hash("sha-256", DATA);
    const right = pkcs1Encoding(concatBytes(prefix, digest));
    assert.ok(crypto.verify(scheme, opensslInfo, DATA, rawSign(right)));

    const garbageBehind = new Uint8Array(256);
    garbageBehind.set(concatBytes(hex("0001ffffffffffffffff00"), prefix, digest));
    const shortPadding = concatBytes(hex("0001"), new Uint8Array(256 - 53), prefix, digest);
    const noParameters = pkcs1Encoding(
      concatBytes(hex("302f300b0609608648016503040201" + "0420"), digest),
    );
    const berLength = pkcs1Encoding(
      concatBytes(hex("308131300d060960864801650304020105000420"), digest),
    );
    const blockType2 = right.slice();
    blockType2[1] = 2;
    const holeInPadding = right.slice();
    holeInPadding[100] = 0xfe;
    const bareDigest = pkcs1Encoding(digest);
    const forged = [
      garbageBehind,
      shortPadding,
      noParameters,
      berLength,
      blockType2,
      holeInPadding,
      bareDigest,
    ];
    for (const [i, encoded] of forged.entries()) {
      assert.ok(!crypto.verify(scheme, opensslInfo, DATA, rawSign(encoded)), `forgery ${i}`);
    }
  });

  test(`${crypto.name}: signatures of the wrong length or not below the modulus are refused (RFC 8017 §5.2.2)`, () => {
    const scheme = "rsa_pkcs1_sha256";
    const n = BigInt("0x" + hexEncode(JWS_N)), s = BigInt("0x" + hexEncode(JWS_SIGNATURE));
    const bad = [
      new Uint8Array(0),
      JWS_SIGNATURE.subarray(1),
      concatBytes(Uint8Array.of(0), JWS_SIGNATURE),
      concatBytes(JWS_SIGNATURE, Uint8Array.of(0)),
      new Uint8Array(256),
      new Uint8Array(256).fill(0xff),
      JWS_N,
    ];
    if (s + n < 1n << 2048n) bad.push(hex((s + n).toString(16)));
    for (const [i, signature] of bad.entries()) {
      assert.ok(!crypto.verify(scheme, JWS_INFO, JWS_INPUT, signature), `form ${i}`);
      assert.ok(!crypto.verify(PSS, JWS_INFO, JWS_INPUT, signature), `form ${i}`);
    }
  });
}

test("RSA keys under 2048 or over 8192 bits, even or with odd exponents are refused (RFC 9325 §4.5)", () => {
  const e = hex("010001");
  const bits = (length: number): Uint8Array => {
    const n = new Uint8Array(length / 8).fill(0xff);
    return n;
  };
  assert.equal(parsePublicKeyInfo(rsaInfo(bits(2048), e))?.kind, "rsa");
  assert.equal(parsePublicKeyInfo(rsaInfo(bits(8192), e))?.kind, "rsa");
  const shorter = bits(2048);
  shorter[0] = 0x7f; // 2047 bits
  const even = bits(2048);
  even[255] = 0xfe;
  for (const n of [bits(1024), shorter, even, bits(8200), new Uint8Array(1)]) {
    assert.equal(parsePublicKeyInfo(rsaInfo(n, e)), undefined, `${8 * n.length} bits`);
  }
  for (const exponent of ["00", "01", "02", "010000", "0100000001"]) {
    assert.equal(parsePublicKeyInfo(rsaInfo(bits(2048), hex(exponent))), undefined, exponent);
  }
});

test("ts: RSA private keys are refused as unsupported", () => {
  const code = { code: "unsupported" };
  assert.throws(() => tsCrypto.generateSigningKey("rsa-2048", seededEntropy(1)), code);
  const stored = openssl.privateKey.export({ format: "der", type: "pkcs8" });
  assert.throws(() => tsCrypto.importSigningKey(new Uint8Array(stored)), code);
});

test("native: an RSA key signs, exports and imports again", () => {
  const native = providers.find((crypto) => crypto.name === "native");
  if (native === undefined) return;
  const key = native.generateSigningKey("rsa-2048", seededEntropy(1));
  const again = native.importSigningKey(key.exportPkcs8());
  assert.deepEqual(again.publicKeyInfo, key.publicKeyInfo);
  for (const scheme of [...PKCS1, PSS] as const) {
    const signed = again.sign(scheme, DATA);
    for (const crypto of providers) {
      assert.ok(crypto.verify(scheme, key.publicKeyInfo, DATA, signed), scheme);
    }
  }
  assert.throws(() => key.sign("ecdsa_secp256r1_sha256", DATA), CryptoError);
});
