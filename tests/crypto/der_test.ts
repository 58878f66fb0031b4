import assert from "node:assert/strict";
import fc from "fast-check";
import { concatBytes } from "../../src/base/mod.ts";
import {
  DER,
  derBitString,
  derElement,
  derOctetString,
  derOid,
  DerReader,
  derSequence,
  derUnsigned,
  derUtf8String,
  parsePkcs8,
  parsePublicKeyInfo,
} from "../../src/crypto/mod.ts";
import { fuzz } from "../fuzz.ts";
import { test } from "../harness.ts";
import { hex } from "./providers.ts";

test("object identifiers are written and read as X.690 §8.19 encodes them", () => {
  const known: [string, string][] = [
    ["1.2.840.10045.2.1", "06072a8648ce3d0201"],
    ["1.2.840.113549.1.1.11", "06092a864886f70d01010b"],
    ["2.5.4.3", "0603550403"],
    ["2.999.3", "0603883703"],
  ];
  for (const [text, bytes] of known) {
    assert.deepEqual(derOid(text), hex(bytes));
    assert.equal(new DerReader(hex(bytes)).oid(), text);
  }
  for (const bad of ["0600", "06022a80", "06028001", "060a2affffffffffffffff7f"]) {
    assert.equal(new DerReader(hex(bad)).oid(), undefined, bad);
  }
});

test("integers keep the shortest form (X.690 §8.3.2)", () => {
  for (
    const [magnitude, bytes] of [
      ["", "020100"],
      ["00", "020100"],
      ["7f", "02017f"],
      ["80", "02020080"],
      ["0001", "020101"],
      ["ffff", "020300ffff"],
    ]
  ) assert.deepEqual(derUnsigned(hex(magnitude!)), hex(bytes!));
  assert.deepEqual(new DerReader(hex("02020080")).unsigned(), hex("80"));
  assert.deepEqual(new DerReader(hex("020100")).unsigned(), hex(""));
  for (const bad of ["0200", "0202007f", "020180", "02020000", "0302007f"]) {
    assert.equal(new DerReader(hex(bad)).unsigned(), undefined, bad);
  }
});

test("lengths that are indefinite, not minimal, too long or cut off are refused (X.690 §10.1)", () => {
  for (
    const bad of [
      "",
      "04",
      "0480",
      "048000",
      "048101aa",
      "04817f" + "00".repeat(127),
      "04820080" + "00".repeat(128),
      "0483000100" + "00".repeat(256),
      "0485000000000100",
      "04820100" + "00".repeat(255),
      "0402aa",
      "1f0100",
    ]
  ) {
    assert.equal(new DerReader(hex(bad)).contents(DER.octetString), undefined, bad);
  }
});

test("written elements read back, of every length of length", () => {
  for (const length of [0, 1, 127, 128, 255, 256, 5000]) {
    const bytes = new Uint8Array(length).fill(0xa5);
    const reader = new DerReader(derSequence(derOctetString(bytes), derBitString(bytes)));
    const inner = reader.enter(DER.sequence)!;
    assert.deepEqual(inner.contents(DER.octetString), bytes);
    assert.deepEqual(inner.bitString(), bytes);
    assert.ok(inner.done && reader.done);
  }
});

test("a bit string with unused bits is not whole bytes (X.690 §8.6.2)", () => {
  assert.equal(new DerReader(derElement(DER.bitString, hex("0780"))).bitString(), undefined);
  assert.equal(new DerReader(derElement(DER.bitString)).bitString(), undefined);
});

test("PKCS #8 with parameters inside the EC key is read (RFC 5915 §3)", () => {
  const secret = new Uint8Array(32).fill(9);
  const curve = derOid("1.2.840.10045.3.1.7");
  const inner = derSequence(
    derUnsigned(hex("01")),
    derOctetString(secret),
    derElement(DER.context0, curve),
  );
  const pkcs8 = derSequence(
    derUnsigned(hex("00")),
    derSequence(derOid("1.2.840.10045.2.1"), curve),
    derOctetString(inner),
  );
  assert.deepEqual(parsePkcs8(pkcs8), { algorithm: "ecdsa-p256", secret });
});

test("no reader of keys throws, whatever the bytes (fuzz)", () => {
  const element = fc.letrec<{ node: Uint8Array }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      fc.uint8Array({ maxLength: 40 }),
      fc.string().map(derUtf8String),
      fc.tuple(fc.integer({ min: 0, max: 255 }), fc.array(tie("node"), { maxLength: 4 }))
        .map(([tag, parts]) => derElement(tag, ...parts)),
      fc.array(tie("node"), { maxLength: 4 }).map((parts) => derSequence(concatBytes(...parts))),
    ),
  })).node;
  fc.assert(
    fc.property(element, (bytes) => {
      parsePublicKeyInfo(bytes);
      parsePkcs8(bytes);
      const reader = new DerReader(bytes);
      reader.oid();
      reader.unsigned();
      reader.enter(DER.sequence)?.enter(DER.sequence)?.bitString();
    }),
    fuzz(3000, 11),
  );
});
