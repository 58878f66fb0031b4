import assert from "node:assert/strict";
import * as node from "node:crypto";
import { equalBytes, seededEntropy } from "../../src/base/mod.ts";
import {
  Certificate,
  createCertificate,
  createSelfSigned,
  DER,
  derBitString,
  derElement,
  derNull,
  derOid,
  DerReader,
  derSequence,
  derTime,
  derUnsigned,
  fingerprintAlgorithm,
  formatFingerprint,
  MAX_CERTIFICATE_BYTES,
  parseCertificate,
  parseFingerprint,
  tsCrypto,
} from "../../src/crypto/mod.ts";
import { test } from "../harness.ts";
import { hex, providers } from "./providers.ts";

const NOW = Date.UTC(2026, 6, 1, 12, 30, 15, 250);
const DAY = 86_400_000;
const ECDSA = "ecdsa_secp256r1_sha256";

/** `a=fingerprint` example of RFC 8122 §5. */
const FINGERPRINT =
  "12:DF:3E:5D:49:6B:19:E5:7C:AB:4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB:4A:AD";

for (const crypto of providers) {
  test(`${crypto.name}: a self-signed certificate is one that OpenSSL reads and verifies (RFC 5280 §4.1)`, () => {
    const certificate = createCertificate({ crypto, entropy: seededEntropy(1), nowMs: NOW });
    const x509 = new node.X509Certificate(certificate.der);
    assert.equal(x509.subject, "CN=WebRTC");
    assert.equal(x509.issuer, "CN=WebRTC");
    assert.ok(x509.verify(x509.publicKey));
    assert.equal(Date.parse(x509.validFrom), NOW - 250 - DAY);
    assert.equal(Date.parse(x509.validTo), NOW - 250 + 30 * DAY);
    assert.match(x509.serialNumber, /^[4-7][0-9A-F]{31}$/);
    assert.equal(x509.fingerprint256, certificate.fingerprint("sha-256"));
    assert.equal(x509.fingerprint512, certificate.fingerprint("sha-512"));
    assert.equal(x509.fingerprint, certificate.fingerprint("sha-1"));
    const info = x509.publicKey.export({ format: "der", type: "spki" });
    assert.ok(equalBytes(info, certificate.privateKey.publicKeyInfo));
    assert.equal(certificate.expiresMs, NOW - 250 + 30 * DAY);
  });

  test(`${crypto.name}: our parser finds key, validity and signature (RFC 5280 §4.1)`, () => {
    const certificate = createCertificate({
      crypto,
      entropy: seededEntropy(2),
      nowMs: NOW,
      lifetimeMs: 5000,
      commonName: "größer",
    });
    const info = parseCertificate(certificate.der)!;
    assert.deepEqual(info.publicKeyInfo, certificate.privateKey.publicKeyInfo);
    assert.equal(info.signatureAlgorithm, "1.2.840.10045.4.3.2");
    assert.equal(info.notAfterMs, NOW - 250 + 5000);
    assert.equal(info.notBeforeMs, NOW - 250 - DAY);
    assert.ok(crypto.verify(ECDSA, info.publicKeyInfo, info.tbs, info.signature));
  });

  test(`${crypto.name}: a stored certificate joins its key again, and no other`, () => {
    const entropy = seededEntropy(3);
    const certificate = createCertificate({ crypto, entropy, nowMs: NOW });
    const key = crypto.importSigningKey(certificate.privateKey.exportPkcs8());
    const again = new Certificate(certificate.der, key);
    assert.equal(again.fingerprint("sha-256"), certificate.fingerprint("sha-256"));
    const stranger = crypto.generateSigningKey("ecdsa-p256", entropy);
    const code = { code: "invalid-certificate" };
    assert.throws(() => new Certificate(certificate.der, stranger), code);
    assert.throws(() => new Certificate(certificate.der.subarray(1), key), code);
  });
}

test("native: an RSA certificate is one that OpenSSL reads and verifies (RFC 4055 §5)", () => {
  const crypto = providers.find(({ name }) => name === "native");
  if (crypto === undefined) return;
  const entropy = seededEntropy(4);
  const certificate = createCertificate({ crypto, entropy, nowMs: NOW, algorithm: "rsa-2048" });
  const x509 = new node.X509Certificate(certificate.der);
  assert.ok(x509.verify(x509.publicKey));
  const info = parseCertificate(certificate.der)!;
  assert.equal(info.signatureAlgorithm, "1.2.840.113549.1.1.11");
  assert.ok(tsCrypto.verify("rsa_pkcs1_sha256", info.publicKeyInfo, info.tbs, info.signature));
});

test("native: a certificate of our own with a key that no peer would take is refused (RFC 9325 §4.5)", () => {
  const native = providers.find((crypto) => crypto.name === "native");
  if (native === undefined) return;
  const { privateKey } = node.generateKeyPairSync("rsa", { modulusLength: 1024 });
  const stored = privateKey.export({ format: "der", type: "pkcs8" });
  const key = native.importSigningKey(new Uint8Array(stored));
  const der = createSelfSigned({
    key,
    commonName: "weak",
    notBeforeMs: 0,
    notAfterMs: 1e12,
    entropy: seededEntropy(1),
  });
  assert.throws(() => new Certificate(der, key), { code: "invalid-certificate" });
});

test("no certificate lives longer than a year (W3C webrtc-pc §4.9.1)", () => {
  const certificate = createCertificate({
    crypto: tsCrypto,
    entropy: seededEntropy(5),
    nowMs: NOW,
    lifetimeMs: 400 * DAY,
  });
  assert.equal(certificate.expiresMs, NOW - 250 + 365 * DAY);
});

test("validity is UTCTime through 2049 and GeneralizedTime from 2050 on (RFC 5280 §4.1.2.5)", () => {
  const key = tsCrypto.generateSigningKey("ecdsa-p256", seededEntropy(6));
  const entropy = seededEntropy(7);
  const notBeforeMs = Date.UTC(2049, 11, 31, 23, 59, 59), notAfterMs = Date.UTC(2050, 0, 1);
  const der = createSelfSigned({ key, entropy, commonName: "x", notBeforeMs, notAfterMs });
  const info = parseCertificate(der)!;
  assert.deepEqual([info.notBeforeMs, info.notAfterMs], [notBeforeMs, notAfterMs]);
  const x509 = new node.X509Certificate(der);
  assert.equal(Date.parse(x509.validTo), notAfterMs);
  assert.equal(derTime(notBeforeMs)[0], DER.utcTime);
  assert.equal(derTime(notAfterMs)[0], DER.generalizedTime);
});

test("a version 1 certificate without the version field is read (RFC 5280 §4.1.2.1)", () => {
  const key = tsCrypto.generateSigningKey("ecdsa-p256", seededEntropy(8));
  const algorithm = derSequence(derOid("1.2.840.10045.4.3.2"));
  const time = derSequence(derTime(NOW), derTime(NOW));
  const tbs = derSequence(
    derElement(DER.integer, hex("ff")), // serials of old tools are negative
    algorithm,
    derSequence(),
    time,
    derSequence(),
    key.publicKeyInfo,
  );
  const der = derSequence(tbs, algorithm, derBitString(key.sign(ECDSA, tbs)));
  assert.deepEqual(parseCertificate(der)?.publicKeyInfo, key.publicKeyInfo);
});

test("malformed, truncated, extended and oversize certificates are undefined, never an exception", () => {
  const { der } = createCertificate({ crypto: tsCrypto, entropy: seededEntropy(9), nowMs: NOW });
  for (let length = 0; length < der.length; length++) {
    assert.equal(parseCertificate(der.subarray(0, length)), undefined);
  }
  assert.equal(parseCertificate(Uint8Array.of(...der, 0)), undefined);
  assert.equal(parseCertificate(new Uint8Array(MAX_CERTIFICATE_BYTES + 1)), undefined);
  assert.equal(parseCertificate(derSequence(derUnsigned(hex("01")), derNull())), undefined);
  const entropy = seededEntropy(10);
  const noise = new Uint8Array(3 * 4000);
  entropy(noise);
  for (let i = 0; i < noise.length; i += 3) {
    const bad = der.slice();
    for (let j = 0; j < 1 + (i % 3); j++) {
      bad[noise[i]! * (j + 1) % der.length]! ^= noise[i + 1]! | 1;
    }
    parseCertificate(bad);
    new DerReader(bad).enter(noise[i + 2]!);
  }
});

test("fingerprints are upper-case hexadecimal with colons (RFC 8122 §5)", () => {
  const digest = parseFingerprint("sha-256", FINGERPRINT)!;
  assert.equal(formatFingerprint(digest), FINGERPRINT);
  assert.deepEqual(parseFingerprint("sha-256", FINGERPRINT.toLowerCase()), digest);
});

test("fingerprints of another length or form are refused (RFC 8122 §5)", () => {
  for (
    const bad of [
      "",
      FINGERPRINT.slice(3),
      FINGERPRINT + ":00",
      FINGERPRINT + ":",
      FINGERPRINT.replaceAll(":", ""),
      FINGERPRINT.replace(":", " "),
      FINGERPRINT.replace("12", "1G"),
      FINGERPRINT.replace("12", "1"),
    ]
  ) assert.equal(parseFingerprint("sha-256", bad), undefined, bad);
  assert.equal(parseFingerprint("sha-1", FINGERPRINT), undefined);
});

test("hash names compare without case; MD5 and MD2 are not fingerprints (RFC 8122 §5)", () => {
  assert.equal(fingerprintAlgorithm("SHA-256"), "sha-256");
  assert.equal(fingerprintAlgorithm("sha-1"), "sha-1");
  for (const name of ["md5", "md2", "sha256", "", "__proto__", "constructor"]) {
    assert.equal(fingerprintAlgorithm(name), undefined);
  }
});
