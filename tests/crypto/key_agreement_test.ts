import assert from "node:assert/strict";
import { hexEncode, seededEntropy } from "../../src/base/mod.ts";
import type { NamedCurve } from "../../src/crypto/mod.ts";
import { test } from "../harness.ts";
import { fixedEntropy, hex, providers } from "./providers.ts";

interface AgreementVector {
  readonly source: string;
  readonly curve: NamedCurve;
  readonly secrets: readonly [string, string];
  readonly publicKeys: readonly [string, string];
  readonly shared: string;
}

const VECTORS: readonly AgreementVector[] = [
  {
    source: "RFC 7748 §6.1",
    curve: "x25519",
    secrets: [
      "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
      "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
    ],
    publicKeys: [
      "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
      "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
    ],
    shared: "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742",
  },
  {
    source: "RFC 5903 §8.1",
    curve: "secp256r1",
    secrets: [
      "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433",
      "c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53",
    ],
    publicKeys: [
      "04dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180" +
      "5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3",
      "04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63" +
      "56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab",
    ],
    shared: "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de",
  },
];

/** Points of small order on Curve25519 and its twist (RFC 7748 §7): all give the zero secret. */
const SMALL_ORDER = [
  "00".repeat(32),
  "01" + "00".repeat(31),
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  "ec" + "ff".repeat(30) + "7f",
  "ed" + "ff".repeat(30) + "7f",
  "ee" + "ff".repeat(30) + "7f",
];

for (const crypto of providers) {
  test(`${crypto.name}: key agreement matches RFC 7748 §6.1 and RFC 5903 §8.1`, () => {
    for (const { source, curve, secrets, publicKeys, shared } of VECTORS) {
      const [a, b] = secrets.map((secret) =>
        crypto.createKeyAgreement(curve, fixedEntropy(hex(secret)))
      );
      assert.equal(hexEncode(a!.publicKey), publicKeys[0], source);
      assert.equal(hexEncode(b!.publicKey), publicKeys[1], source);
      assert.equal(hexEncode(a!.deriveSecret(b!.publicKey)!), shared, source);
      assert.equal(hexEncode(b!.deriveSecret(a!.publicKey)!), shared, source);
    }
  });

  test(`${crypto.name}: X25519 refuses shares that give the all-zero secret (RFC 7748 §6.1)`, () => {
    const agreement = crypto.createKeyAgreement("x25519", seededEntropy(1));
    for (const share of SMALL_ORDER) assert.equal(agreement.deriveSecret(hex(share)), undefined);
  });

  test(`${crypto.name}: shares of the wrong length or form are refused (RFC 8422 §5.11)`, () => {
    for (const curve of ["x25519", "secp256r1"] as const) {
      const agreement = crypto.createKeyAgreement(curve, seededEntropy(2));
      const share = crypto.createKeyAgreement(curve, seededEntropy(3)).publicKey;
      assert.notEqual(agreement.deriveSecret(share), undefined);
      assert.equal(agreement.deriveSecret(share.subarray(1)), undefined);
      assert.equal(agreement.deriveSecret(new Uint8Array(0)), undefined);
      const longer = new Uint8Array(share.length + 1);
      longer.set(share);
      assert.equal(agreement.deriveSecret(longer), undefined);
    }
  });

  test(`${crypto.name}: P-256 refuses points off the curve, compressed, hybrid and at infinity (RFC 8422 §5.11)`, () => {
    const agreement = crypto.createKeyAgreement("secp256r1", seededEntropy(4));
    const share = crypto.createKeyAgreement("secp256r1", seededEntropy(5)).publicKey;
    for (let bit = 8; bit < 65 * 8; bit += 7) {
      const off = share.slice();
      off[bit >> 3]! ^= 1 << (bit & 7);
      assert.equal(agreement.deriveSecret(off), undefined, `bit ${bit}`);
    }
    const parity = share[64]! & 1;
    const compressed = Uint8Array.of(2 + parity, ...share.subarray(1, 33));
    const hybrid = Uint8Array.of(6 + parity, ...share.subarray(1));
    const infinity = new Uint8Array(65);
    infinity[0] = 4;
    // x and y not reduced modulo p: the same point by a second name.
    const p = hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
    const unreduced = Uint8Array.of(4, ...p, ...share.subarray(33));
    for (const bad of [compressed, hybrid, infinity, Uint8Array.of(0), unreduced]) {
      assert.equal(agreement.deriveSecret(bad), undefined);
    }
  });
}

test("the same entropy gives the same key pair in every provider, 200 of them", () => {
  for (const curve of ["x25519", "secp256r1"] as const) {
    const sources = providers.map(() => seededEntropy(77));
    for (let i = 0; i < 100; i++) {
      const keys = providers.map((crypto, n) => crypto.createKeyAgreement(curve, sources[n]!));
      const [first] = keys;
      for (const key of keys) {
        assert.deepEqual(key.publicKey, first!.publicKey);
        assert.deepEqual(key.deriveSecret(first!.publicKey), first!.deriveSecret(key.publicKey));
      }
    }
  }
});

test("entropy that never yields a P-256 scalar is reported, not waited for (FIPS 186-5 §A.2.2)", () => {
  for (const crypto of providers) {
    for (const byte of [0x00, 0xff]) {
      assert.throws(
        () => crypto.createKeyAgreement("secp256r1", (out) => out.fill(byte)),
        { code: "invalid-argument" },
      );
    }
  }
});
