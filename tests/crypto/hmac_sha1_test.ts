import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import {
  hexEncode,
  randomBytes,
  randomU32,
  seededEntropy,
  utf8Encode,
} from "../../src/base/mod.ts";
import { CryptoError, HMAC_SHA1_BYTES, HmacSha1Key } from "../../src/crypto/mod.ts";
import { test } from "../harness.ts";
import { hex, repeat } from "./providers.ts";

function mac(key: Uint8Array, data: Uint8Array, length: number = HMAC_SHA1_BYTES): string {
  const hmac = new HmacSha1Key(key), out = new Uint8Array(length);
  hmac.begin();
  hmac.update(data, 0, data.length);
  hmac.finish(out, 0, length);
  return hexEncode(out);
}

test("HmacSha1Key makes the published MACs (RFC 2202 §3)", () => {
  const cases = [
    [repeat(0x0b, 20), utf8Encode("Hi There"), "b617318655057264e28bc0b6fb378c8ef146be00"],
    [
      utf8Encode("Jefe"),
      utf8Encode("what do ya want for nothing?"),
      "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
    ],
    [repeat(0xaa, 20), repeat(0xdd, 50), "125d7342b9ac11cd91a39af48aa17b4f63f175d3"],
    [
      hex("0102030405060708090a0b0c0d0e0f10111213141516171819"),
      repeat(0xcd, 50),
      "4c9007f4026250c6bc8414f9bf50c86c2d7235da",
    ],
  ] as const;
  for (const [key, data, expected] of cases) assert.equal(mac(key, data), expected);
  const truncated = mac(repeat(0x0c, 20), utf8Encode("Test With Truncation"), 12);
  assert.equal(truncated, "4c1a03424b55e07fe7f27be1");
});

test("HmacSha1Key is node:crypto's HMAC for messages of 0 to 300 bytes in any parts (RFC 2104)", () => {
  const seed = 0x5a1;
  const entropy = seededEntropy(seed);
  const key = randomBytes(entropy, 64);
  const hmac = new HmacSha1Key(key), out = new Uint8Array(22);
  for (let length = 0; length <= 300; length++) {
    const data = randomBytes(entropy, length);
    const middle = randomU32(entropy) % (length + 1);
    hmac.begin();
    hmac.update(data, 0, middle);
    hmac.updateWord(0x80abcdef);
    hmac.update(data, middle, length);
    hmac.finish(out, 1, HMAC_SHA1_BYTES);
    const expected = createHmac("sha1", key).update(data.subarray(0, middle))
      .update(hex("80abcdef")).update(data.subarray(middle)).digest();
    assert.equal(hexEncode(out), `00${hexEncode(expected)}00`, `seed ${seed}, ${length} bytes`);
  }
});

test("HmacSha1Key takes no key that is longer than a block", () => {
  assert.throws(
    () => new HmacSha1Key(new Uint8Array(65)),
    (error) => error instanceof CryptoError && error.code === "invalid-key",
  );
});
