import assert from "node:assert/strict";
import fc from "fast-check";
import { internAddress, writeU16 } from "../../src/base/mod.ts";
import { tsCrypto } from "../../src/crypto/mod.ts";
import {
  MAX_STUN_ATTRIBUTES,
  prepareOpaqueString,
  shortTermKey,
  StunAttribute,
  StunClass,
  stunClassOf,
  StunError,
  stunMessageType,
  StunMethod,
  stunMethodOf,
  StunReader,
  StunWriter,
} from "../../src/stun/mod.ts";
import { fuzz } from "../fuzz.ts";
import { test } from "../harness.ts";
import { IPV6_RESPONSE, REQUEST } from "./vectors.ts";

const SEED = 8489;
const key = tsCrypto.createHmac("sha-1", shortTermKey("password"));
const key256 = tsCrypto.createHmac("sha-256", shortTermKey("password"));
const ID = Uint8Array.from({ length: 12 }, (_, i) => i + 1);

function write(build: (writer: StunWriter) => void): Uint8Array {
  const out = new Uint8Array(2048).fill(0xee);
  const writer = new StunWriter().begin(out, 0, StunMethod.BINDING, StunClass.REQUEST, ID);
  build(writer);
  return out.slice(0, writer.finish());
}

/** A message with these attributes, laid out by hand where a writer would refuse. */
function raw(...attributes: readonly (readonly [type: number, value: Uint8Array])[]): Uint8Array {
  const parts: number[] = [...REQUEST.subarray(0, 20)];
  for (const [type, value] of attributes) {
    parts.push(type >> 8, type & 0xff, value.length >> 8, value.length & 0xff, ...value);
    while (parts.length % 4 !== 0) parts.push(0);
  }
  const bytes = Uint8Array.from(parts);
  writeU16(bytes, 2, bytes.length - 20);
  return bytes;
}

function reads(bytes: Uint8Array): boolean {
  return new StunReader().read(bytes);
}

function refuses(code: string, build: (writer: StunWriter) => void): void {
  assert.throws(() => write(build), (error) => error instanceof StunError && error.code === code);
}

test("Every method and class survives the message type (RFC 8489 §5)", () => {
  for (let method = 0; method <= 0xfff; method++) {
    for (const messageClass of Object.values(StunClass)) {
      const type = stunMessageType(method, messageClass);
      assert.ok(type < 0x4000);
      assert.equal(stunMethodOf(type), method);
      assert.equal(stunClassOf(type), messageClass);
    }
  }
  assert.equal(stunMessageType(StunMethod.BINDING, StunClass.ERROR), 0x0111);
});

test("StunReader gives back what StunWriter wrote (RFC 8489 §14)", () => {
  const ip = fc.oneof(fc.ipV4(), fc.ipV6());
  fc.assert(
    fc.property(
      fc.record({
        id: fc.uint8Array({ minLength: 12, maxLength: 12 }),
        username: fc.uint8Array({ maxLength: 508 }),
        software: fc.string({ unit: "grapheme", maxLength: 60 }),
        ip,
        port: fc.nat(65535),
        code: fc.integer({ min: 300, max: 699 }),
        unknown: fc.array(fc.nat(0xffff), { maxLength: 9 }),
        high: fc.nat(0xffffffff),
        low: fc.nat(0xffffffff),
        algorithms: fc.array(
          fc.record({
            algorithm: fc.nat(0xffff),
            parameters: fc.uint8Array({ maxLength: 9 }),
          }),
          { minLength: 1, maxLength: 4 },
        ),
        mac: fc.constantFrom(16, 20, 24, 28, 32),
        at: fc.nat(7),
      }),
      (m) => {
        const out = new Uint8Array(2048).fill(0xee);
        const address = internAddress(m.ip, m.port)!;
        const end = new StunWriter()
          .begin(out, m.at, StunMethod.BINDING, StunClass.ERROR, m.id)
          .bytes(StunAttribute.USERNAME, m.username)
          .text(StunAttribute.SOFTWARE, m.software)
          .address(StunAttribute.MAPPED_ADDRESS, address)
          .xorAddress(StunAttribute.XOR_MAPPED_ADDRESS, address)
          .errorCode(m.code, m.software)
          .unknownAttributes(m.unknown)
          .u32(StunAttribute.PRIORITY, m.high)
          .u64(StunAttribute.ICE_CONTROLLING, m.high, m.low)
          .flag(StunAttribute.USE_CANDIDATE)
          .passwordAlgorithms(StunAttribute.PASSWORD_ALGORITHMS, m.algorithms)
          .integrity(key).integritySha256(key256, m.mac).fingerprint().finish();
        const reader = new StunReader();
        assert.ok(reader.read(out.subarray(m.at, end)));
        assert.deepEqual(reader.transactionId().slice(), m.id);
        assert.deepEqual(reader.value(StunAttribute.USERNAME)!.slice(), m.username);
        assert.equal(reader.text(StunAttribute.SOFTWARE), m.software);
        assert.equal(reader.address(StunAttribute.MAPPED_ADDRESS), address);
        assert.equal(reader.xorAddress(StunAttribute.XOR_MAPPED_ADDRESS), address);
        assert.ok(reader.xorAddressEquals(StunAttribute.XOR_MAPPED_ADDRESS, address));
        assert.deepEqual(reader.errorCode(), { code: m.code, reason: m.software });
        assert.deepEqual(reader.unknownAttributes(), m.unknown);
        assert.equal(reader.word(StunAttribute.PRIORITY), m.high);
        assert.equal(reader.word(StunAttribute.ICE_CONTROLLING, 0, 2), m.high);
        assert.equal(reader.word(StunAttribute.ICE_CONTROLLING, 1, 2), m.low);
        assert.ok(reader.has(StunAttribute.USE_CANDIDATE));
        assert.deepEqual(
          reader.passwordAlgorithms(StunAttribute.PASSWORD_ALGORITHMS)!.map((one) => ({
            ...one,
            parameters: one.parameters!.slice(),
          })),
          m.algorithms.map((one) => ({ ...one })),
        );
        assert.ok(reader.verifyIntegrity(key));
        assert.ok(reader.verifyIntegritySha256(key256, 16));
        assert.equal(reader.verifyIntegritySha256(key256), m.mac === 32);
        assert.ok(reader.verifyFingerprint());
      },
    ),
    fuzz(200, SEED),
  );
});

test("StunReader never throws, whatever the bytes, and reads nothing past them", () => {
  const reader = new StunReader();
  const useAll = (bytes: Uint8Array): void => {
    if (!reader.read(bytes)) return;
    for (let i = 0; i < reader.attributeCount; i++) {
      const type = reader.typeAt(i);
      reader.text(type);
      reader.address(type);
      reader.xorAddress(type);
      reader.passwordAlgorithms(type);
      reader.word(type);
    }
    reader.errorCode();
    reader.unknownAttributes();
    reader.unknownRequired();
    reader.verifyFingerprint();
    reader.verifyIntegrity(key);
    reader.verifyIntegritySha256(key256, 16);
  };
  const attribute = fc.tuple(
    fc.oneof(fc.constantFrom(...Object.values(StunAttribute)), fc.nat(0xffff)),
    fc.uint8Array({ maxLength: 40 }),
  );
  fc.assert(
    fc.property(
      fc.array(attribute, { maxLength: 6 }),
      fc.array(fc.tuple(fc.nat(300), fc.nat(255)), { maxLength: 4 }),
      fc.nat(4),
      (attributes, edits, cut) => {
        const bytes = raw(...attributes as [number, Uint8Array][]);
        for (const [at, value] of edits) bytes[at % bytes.length] = value;
        useAll(bytes);
        useAll(bytes.subarray(0, bytes.length - cut));
      },
    ),
    fuzz(1500, SEED),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      useAll(bytes);
    }),
    fuzz(500, SEED),
  );
});

test("Every changed byte of a message breaks its MESSAGE-INTEGRITY (RFC 8489 §14.5)", () => {
  const bytes = write((w) =>
    w.text(StunAttribute.USERNAME, "a:bc").u32(StunAttribute.PRIORITY, 1).integrity(key)
  );
  const reader = new StunReader();
  assert.ok(reader.read(bytes) && reader.verifyIntegrity(key));
  for (let at = 0; at < bytes.length; at++) {
    for (const flip of [1, 0x80]) {
      const changed = bytes.slice();
      changed[at]! ^= flip;
      assert.equal(reader.read(changed) && reader.verifyIntegrity(key), false, `byte ${at}`);
    }
  }
  const other = tsCrypto.createHmac("sha-1", shortTermKey("other"));
  assert.equal(reader.read(bytes) && reader.verifyIntegrity(other), false);
});

test("StunReader refuses what is not one whole message (RFC 8489 §6.3)", () => {
  assert.equal(reads(new Uint8Array(0)), false);
  assert.equal(reads(REQUEST.subarray(0, 19)), false);
  for (let cut = 1; cut < REQUEST.length; cut++) {
    assert.equal(reads(REQUEST.subarray(0, REQUEST.length - cut)), false, `${cut} bytes missing`);
  }
  assert.equal(reads(Uint8Array.from([...REQUEST, 0, 0, 0, 0])), false);
  const withBits = REQUEST.slice();
  withBits[0] = 0x40;
  assert.equal(reads(withBits), false);
  const withoutCookie = REQUEST.slice();
  withoutCookie[4] = 0;
  assert.equal(reads(withoutCookie), false);
});

test("StunReader refuses integrity attributes and FINGERPRINT of a wrong length (RFC 8489 §14)", () => {
  for (const length of [0, 16, 19, 21, 24]) {
    assert.equal(reads(raw([StunAttribute.MESSAGE_INTEGRITY, new Uint8Array(length)])), false);
  }
  for (const length of [0, 12, 15, 18, 36]) {
    const value = new Uint8Array(length);
    assert.equal(reads(raw([StunAttribute.MESSAGE_INTEGRITY_SHA256, value])), false);
  }
  assert.equal(reads(raw([StunAttribute.FINGERPRINT, new Uint8Array(8)])), false);
});

test("StunReader refuses attributes behind FINGERPRINT (RFC 8489 §14.7)", () => {
  const fingerprint = [StunAttribute.FINGERPRINT, new Uint8Array(4)] as const;
  assert.equal(reads(raw(fingerprint)), true);
  assert.equal(reads(raw(fingerprint, [StunAttribute.SOFTWARE, new Uint8Array(4)])), false);
});

test("Attributes behind MESSAGE-INTEGRITY do not count, but for two (RFC 8489 §9)", () => {
  const reader = new StunReader();
  assert.ok(reader.read(raw(
    [StunAttribute.MESSAGE_INTEGRITY, new Uint8Array(20)],
    [StunAttribute.USE_CANDIDATE, new Uint8Array(0)],
    [StunAttribute.MESSAGE_INTEGRITY_SHA256, new Uint8Array(32)],
    [0x7777, new Uint8Array(0)],
    [StunAttribute.FINGERPRINT, new Uint8Array(4)],
  )));
  assert.equal(reader.has(StunAttribute.USE_CANDIDATE), false);
  assert.equal(reader.unknownRequired(), undefined);
  assert.equal(reader.has(StunAttribute.MESSAGE_INTEGRITY_SHA256), true);
  assert.equal(reader.has(StunAttribute.FINGERPRINT), true);
  assert.ok(reader.read(raw(
    [StunAttribute.MESSAGE_INTEGRITY_SHA256, new Uint8Array(32)],
    [StunAttribute.MESSAGE_INTEGRITY, new Uint8Array(20)],
  )));
  assert.equal(reader.has(StunAttribute.MESSAGE_INTEGRITY), false);
});

test("The first of two attributes of a type counts (RFC 8489 §14)", () => {
  const reader = new StunReader();
  assert.ok(reader.read(raw(
    [StunAttribute.PRIORITY, Uint8Array.of(0, 0, 0, 1)],
    [StunAttribute.PRIORITY, Uint8Array.of(0, 0, 0, 2)],
  )));
  assert.equal(reader.word(StunAttribute.PRIORITY), 1);
});

test("Only unknown attributes below 0x8000 must be understood (RFC 8489 §14)", () => {
  const reader = new StunReader();
  assert.ok(reader.read(raw(
    [0x7001, new Uint8Array(3)],
    [0xc057, new Uint8Array(4)], // GOOG-NETWORK-INFO
    [StunAttribute.LIFETIME, new Uint8Array(4)],
  )));
  assert.deepEqual(reader.unknownRequired(), [0x7001, StunAttribute.LIFETIME]);
  assert.equal(reader.unknownRequired((type) => type < 0x8000), undefined);
});

test("Malformed values are absent values", () => {
  const reader = new StunReader();
  const xor = StunAttribute.XOR_MAPPED_ADDRESS;
  for (
    const value of [[], [0, 1, 0, 0], [0, 1, ...Array(18).fill(0)], [0, 3, ...Array(6).fill(0)]]
  ) {
    assert.ok(reader.read(raw([xor, Uint8Array.from(value)])));
    assert.equal(reader.xorAddress(xor), undefined);
  }
  for (const value of [[0, 0, 4], [0, 0, 2, 0], [0, 0, 7, 0], [0, 0, 4, 100]]) {
    assert.ok(reader.read(raw([StunAttribute.ERROR_CODE, Uint8Array.from(value)])));
    assert.equal(reader.errorCode(), undefined);
  }
  assert.ok(reader.read(raw([StunAttribute.PRIORITY, new Uint8Array(8)])));
  assert.equal(reader.word(StunAttribute.PRIORITY), -1);
  assert.ok(reader.read(raw([StunAttribute.PASSWORD_ALGORITHMS, Uint8Array.of(0, 1, 0, 9)])));
  assert.equal(reader.passwordAlgorithms(StunAttribute.PASSWORD_ALGORITHMS), undefined);
  assert.ok(reader.read(raw([StunAttribute.SOFTWARE, Uint8Array.of(0xff)])));
  assert.equal(reader.text(StunAttribute.SOFTWARE), undefined);
});

test("A message with more attributes than the limit is malformed", () => {
  const many = Array.from(
    { length: MAX_STUN_ATTRIBUTES },
    () => [0x8111, new Uint8Array(0)] as const,
  );
  assert.equal(reads(raw(...many)), true);
  assert.equal(reads(raw(...many, [0x8111, new Uint8Array(0)])), false);
});

test("StunWriter refuses what a receiver would ignore or could not read", () => {
  refuses("misplaced-attribute", (w) => w.integrity(key).flag(StunAttribute.USE_CANDIDATE));
  refuses("misplaced-attribute", (w) => w.integritySha256(key256).integrity(key));
  refuses("misplaced-attribute", (w) => w.fingerprint().fingerprint());
  refuses("invalid-value", (w) => w.bytes(StunAttribute.USERNAME, new Uint8Array(509)));
  refuses("invalid-value", (w) => w.text(StunAttribute.SOFTWARE, "x".repeat(764)));
  refuses("invalid-value", (w) => w.errorCode(299, ""));
  refuses("invalid-value", (w) => w.integritySha256(key256, 18));
  refuses("buffer-too-small", (w) => w.bytes(StunAttribute.DATA, new Uint8Array(2048)));
  const out = new Uint8Array(24);
  const writer = new StunWriter();
  assert.throws(() => writer.begin(out, 8, 1, StunClass.REQUEST, ID), /cannot hold/);
  assert.throws(() => writer.begin(out, 0, 1, StunClass.REQUEST, ID.subarray(1)), /12 bytes/);
});

test("A header-only message and one with padding of ours round-trip", () => {
  assert.equal(write(() => {}).length, 20);
  const bytes = write((w) => w.text(StunAttribute.SOFTWARE, "abc"));
  assert.equal(bytes.at(-1), 0);
  assert.equal(reads(bytes) && reads(IPV6_RESPONSE), true);
});

test("prepareOpaqueString maps spaces, normalizes and refuses controls (RFC 8265 §4.2)", () => {
  assert.equal(prepareOpaqueString("a\u3000b"), "a b");
  assert.equal(prepareOpaqueString("cafe\u0301"), "caf\u00e9");
  assert.equal(prepareOpaqueString("\u30de\u30c8"), "\u30de\u30c8");
  assert.equal(prepareOpaqueString("a\u200db"), "a\u200db");
  for (const bad of ["", "a\tb", "The\u00adM", "\u1100", "\ufdd0"]) {
    assert.throws(() => prepareOpaqueString(bad), StunError);
  }
});

test("The longest message that the length field allows is read to its end (RFC 8489 §5)", () => {
  const size = 20 + 0xfffc;
  const out = new Uint8Array(size);
  const writer = new StunWriter().begin(out, 0, StunMethod.BINDING, StunClass.REQUEST, ID);
  // Two attributes fill everything in front of FINGERPRINT.
  const room = size - 20 - 8 - 4 - 4;
  writer.bytes(0x8ffe, new Uint8Array(room - 60_000)).bytes(0x8fff, new Uint8Array(60_000));
  const end = writer.fingerprint().finish();
  assert.equal(end, size);
  const reader = new StunReader();
  assert.ok(reader.read(out));
  assert.ok(reader.verifyFingerprint());
});
