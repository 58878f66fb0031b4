import assert from "node:assert/strict";
import { internAddress } from "../../src/base/mod.ts";
import { tsCrypto } from "../../src/crypto/mod.ts";
import {
  crc32,
  longTermKey,
  PASSWORD_ALGORITHM_SHA256,
  shortTermKey,
  StunAttribute,
  StunClass,
  StunMethod,
  StunReader,
  StunWriter,
  userhash,
} from "../../src/stun/mod.ts";
import { test } from "../harness.ts";
import {
  IPV4_RESPONSE,
  IPV6_RESPONSE,
  LONG_TERM_PASSWORD,
  LONG_TERM_REALM,
  LONG_TERM_REQUEST,
  LONG_TERM_USERNAME,
  PASSWORD,
  REQUEST,
  SHA256_REQUEST,
} from "./vectors.ts";

const shortKey = tsCrypto.createHmac("sha-1", shortTermKey(PASSWORD));

function reading(bytes: Uint8Array): StunReader {
  const reader = new StunReader();
  assert.equal(reader.read(bytes), true);
  return reader;
}

test("crc32 of the check string is the published value (ITU V.42)", () => {
  assert.equal(crc32(new TextEncoder().encode("123456789")), 0xcbf43926);
});

test("StunReader reads the sample request (RFC 5769 §2.1)", () => {
  const reader = reading(REQUEST);
  assert.equal(reader.method, StunMethod.BINDING);
  assert.equal(reader.messageClass, StunClass.REQUEST);
  assert.equal(reader.text(StunAttribute.SOFTWARE), "STUN test client");
  assert.equal(reader.text(StunAttribute.USERNAME), "evtj:h6vY");
  assert.equal(reader.word(StunAttribute.PRIORITY), 0x6e0001ff);
  assert.equal(reader.word(StunAttribute.ICE_CONTROLLED, 0, 2), 0x932ff9b1);
  assert.equal(reader.word(StunAttribute.ICE_CONTROLLED, 1, 2), 0x51263b36);
  assert.equal(reader.verifyIntegrity(shortKey), true);
  assert.equal(reader.verifyFingerprint(), true);
  assert.equal(reader.unknownRequired(), undefined);
});

for (
  const [section, bytes, ip] of [
    ["§2.2", IPV4_RESPONSE, "192.0.2.1"],
    ["§2.3", IPV6_RESPONSE, "2001:db8:1234:5678:11:2233:4455:6677"],
  ] as const
) {
  test(`StunReader reads the sample response with ${ip} (RFC 5769 ${section})`, () => {
    const reader = reading(bytes);
    const address = internAddress(ip, 32853)!;
    assert.equal(reader.messageClass, StunClass.SUCCESS);
    assert.equal(reader.text(StunAttribute.SOFTWARE), "test vector");
    assert.equal(reader.xorAddress(StunAttribute.XOR_MAPPED_ADDRESS), address);
    assert.equal(reader.xorAddressEquals(StunAttribute.XOR_MAPPED_ADDRESS, address), true);
    const other = internAddress(ip, 32852)!;
    assert.equal(reader.xorAddressEquals(StunAttribute.XOR_MAPPED_ADDRESS, other), false);
    assert.equal(reader.verifyIntegrity(shortKey), true);
    assert.equal(reader.verifyFingerprint(), true);
  });

  test(`StunWriter writes that response but for the padding (RFC 5769 ${section})`, () => {
    // The RFC pads with spaces, we with zeros: the attributes before the padding are the same.
    const out = new Uint8Array(128);
    const end = new StunWriter()
      .begin(out, 8, StunMethod.BINDING, StunClass.SUCCESS, bytes.subarray(8, 20))
      .text(StunAttribute.SOFTWARE, "test vector")
      .xorAddress(StunAttribute.XOR_MAPPED_ADDRESS, internAddress(ip, 32853)!)
      .integrity(shortKey).fingerprint().finish();
    assert.equal(end - 8, bytes.length);
    const macAt = bytes.length - 28;
    const expected = bytes.slice(0, macAt);
    expected[35] = 0;
    assert.deepEqual(out.slice(8, 8 + macAt), expected);
    const reader = reading(out.subarray(8, end));
    assert.equal(reader.verifyIntegrity(shortKey) && reader.verifyFingerprint(), true);
  });
}

test("StunReader and StunWriter agree with the long-term request (RFC 5769 §2.4)", () => {
  const key = longTermKey(tsCrypto, "md5", LONG_TERM_USERNAME, LONG_TERM_REALM, LONG_TERM_PASSWORD);
  const hmac = tsCrypto.createHmac("sha-1", key);
  const reader = reading(LONG_TERM_REQUEST);
  assert.equal(reader.text(StunAttribute.USERNAME), LONG_TERM_USERNAME);
  assert.equal(reader.text(StunAttribute.NONCE), "f//499k954d6OL34oL9FSTvy64sA");
  assert.equal(reader.text(StunAttribute.REALM), LONG_TERM_REALM);
  assert.equal(reader.verifyIntegrity(hmac), true);
  assert.equal(reader.verifyFingerprint(), false);

  const out = new Uint8Array(LONG_TERM_REQUEST.length);
  new StunWriter()
    .begin(out, 0, StunMethod.BINDING, StunClass.REQUEST, LONG_TERM_REQUEST.subarray(8, 20))
    .text(StunAttribute.USERNAME, LONG_TERM_USERNAME)
    .text(StunAttribute.NONCE, "f//499k954d6OL34oL9FSTvy64sA")
    .text(StunAttribute.REALM, LONG_TERM_REALM)
    .integrity(hmac).finish();
  assert.deepEqual(out, new Uint8Array(LONG_TERM_REQUEST));
});

test("StunReader and StunWriter agree with the SHA-256 request (RFC 8489 B.1, erratum 6268)", () => {
  const key = longTermKey(
    tsCrypto,
    "sha-256",
    LONG_TERM_USERNAME,
    LONG_TERM_REALM,
    LONG_TERM_PASSWORD,
  );
  const hmac = tsCrypto.createHmac("sha-256", key);
  const hash = userhash(tsCrypto, LONG_TERM_USERNAME, LONG_TERM_REALM);
  const reader = reading(SHA256_REQUEST);
  assert.deepEqual(reader.value(StunAttribute.USERHASH)!.slice(), new Uint8Array(hash));
  assert.equal(reader.verifyIntegritySha256(hmac), true);
  const nonce = reader.text(StunAttribute.NONCE)!;
  assert.deepEqual(
    reader.passwordAlgorithms(StunAttribute.PASSWORD_ALGORITHM)!.map((one) => one.algorithm),
    [PASSWORD_ALGORITHM_SHA256],
  );

  const out = new Uint8Array(SHA256_REQUEST.length);
  new StunWriter()
    .begin(out, 0, StunMethod.BINDING, StunClass.REQUEST, SHA256_REQUEST.subarray(8, 20))
    .bytes(StunAttribute.USERHASH, hash)
    .text(StunAttribute.NONCE, nonce)
    .text(StunAttribute.REALM, LONG_TERM_REALM)
    .passwordAlgorithms(StunAttribute.PASSWORD_ALGORITHM, [
      { algorithm: PASSWORD_ALGORITHM_SHA256 },
    ])
    .integritySha256(hmac).finish();
  assert.deepEqual(out, new Uint8Array(SHA256_REQUEST));
});
