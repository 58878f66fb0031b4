import assert from "node:assert/strict";
import {
  certificateOf,
  generateCertificate,
  RTCCertificate,
  type RTCCertificateAlgorithm,
} from "../../src/api/certificate.ts";
import { seededEntropy } from "../../src/base/mod.ts";
import { tsCrypto } from "../../src/crypto/mod.ts";
import { test } from "../harness.ts";

const HOST = { crypto: tsCrypto, entropy: seededEntropy(9) };
const ECDSA = { name: "ECDSA", namedCurve: "P-256" };
const DAY = 86_400_000;
const NOW = 1_800_000_000_000;

function generate(algorithm: RTCCertificateAlgorithm): RTCCertificate {
  return generateCertificate(HOST, algorithm, NOW);
}

test("A certificate lasts 30 days by default and a year at most (webrtc-pc §4.9.1)", () => {
  assert.equal(generate(ECDSA).expires, NOW + 30 * DAY);
  assert.equal(generate({ ...ECDSA, expires: 5000 }).expires, NOW + 5000);
  assert.equal(generate({ ...ECDSA, expires: 2 ** 52 }).expires, NOW + 365 * DAY);
  assert.throws(() => generate({ ...ECDSA, expires: -1 }), TypeError);
});

test("getFingerprints gives SHA-256 in lower-case hexadecimal (webrtc-pc §4.9.3, §5.5)", () => {
  const certificate = generate(ECDSA);
  const [fingerprint] = certificate.getFingerprints();
  assert.equal(fingerprint!.algorithm, "sha-256");
  assert.match(fingerprint!.value!, /^([0-9a-f]{2}:){31}[0-9a-f]{2}$/);
  assert.equal(
    fingerprint!.value,
    certificateOf(certificate).fingerprint("sha-256").toLowerCase(),
  );
});

test("Algorithms other than the required two are NotSupportedErrors (webrtc-pc §4.9.1)", () => {
  const rsa = {
    name: "RSASSA-PKCS1-v1_5",
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: "SHA-256",
  };
  for (
    const algorithm of [
      "invalid-keygen",
      { name: "RSA-PSS" },
      { ...ECDSA, namedCurve: "P-384" },
      { ...rsa, hash: "SHA-1" },
      { ...rsa, modulusLength: 1024 },
      { ...rsa, publicExponent: new Uint8Array([3]) },
    ]
  ) assert.throws(() => generate(algorithm), { name: "NotSupportedError" });
  assert.throws(() => generate({ name: "ECDSA" }), TypeError);
  assert.throws(() => generate({ name: "RSASSA-PKCS1-v1_5" }), TypeError);
});

test("RTCCertificate has no public constructor (webrtc-pc §4.9.3)", () => {
  assert.throws(() => Reflect.construct(RTCCertificate, []), TypeError);
});
