import assert from "node:assert/strict";
import { createCipheriv } from "node:crypto";
import { hexEncode, randomBytes, randomU32, readU32, seededEntropy } from "../../src/base/mod.ts";
import { AesKey, CryptoError } from "../../src/crypto/mod.ts";
import { test } from "../harness.ts";
import { hex } from "./providers.ts";

test("AES encrypts the example blocks (FIPS 197 appendix C.1, C.3)", () => {
  const text = "00112233445566778899aabbccddeeff";
  for (
    const [key, expected] of [
      ["000102030405060708090a0b0c0d0e0f", "69c4e0d86a7b0430d8cdb78070b4c55a"],
      [
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        "8ea2b7ca516745bfeafc49904b496089",
      ],
    ] as const
  ) {
    const aes = new AesKey(hex(key)), block = hex(text), out = new Uint8Array(18);
    const [w0, w1, w2, w3] = [0, 4, 8, 12].map((at) => readU32(block, at));
    aes.encryptBlock(w0!, w1!, w2!, w3!, out, 1);
    assert.equal(hexEncode(out), `00${expected}00`);
  }
});

test("AES counter mode makes the published keystream, across all 2¹⁶ blocks (RFC 3711 B.2)", () => {
  const aes = new AesKey(hex("2b7e151628aed2a6abf7158809cf4f3c"));
  for (
    const [block, expected] of [
      [0x0000, "e03ead0935c95e80e166b16dd92b4eb4"],
      [0x0001, "d23513162b02d0f72a43a2fe4a5f97ab"],
      [0x0002, "41e95b3bb0a2e8dd477901e4fca894c0"],
      [0xfeff, "ec8cdf7398607cb0f2d21675ea9ea1e4"],
      [0xff00, "362b7c3c6773516318a077d7fc5073ae"],
      [0xff01, "6a2cc3787889374fbeb4c81b17ba6c44"],
    ] as const
  ) {
    const out = new Uint8Array(16);
    aes.xorKeystream(out, 0, 16, 0xf0f1f2f3, 0xf4f5f6f7, 0xf8f9fafb, 0xfcfd0000 | block);
    assert.equal(hexEncode(out), expected, `block ${block}`);
  }
});

test("AES counter mode is node:crypto's for any key, counter, place and length (SP 800-38A §6.5)", () => {
  const seed = 0xae5;
  const entropy = seededEntropy(seed);
  for (let run = 0; run < 300; run++) {
    const key = randomBytes(entropy, run % 2 === 0 ? 16 : 32);
    const counter = randomBytes(entropy, 16);
    // The last word counts alone here, where node:crypto counts in all 128 bits.
    counter[12]! &= 0x7f;
    const length = randomU32(entropy) % (run % 10 === 0 ? 9000 : 100), at = run % 5;
    const bytes = randomBytes(entropy, at + length + 3);
    const expected = bytes.slice();
    const name = key.length === 16 ? "aes-128-ctr" : "aes-256-ctr";
    const cipher = createCipheriv(name, key, counter);
    expected.set(cipher.update(expected.subarray(at, at + length)), at);
    cipher.final();
    const [w0, w1, w2, w3] = [0, 4, 8, 12].map((at) => readU32(counter, at));
    new AesKey(key).xorKeystream(bytes, at, at + length, w0!, w1!, w2!, w3!);
    assert.equal(hexEncode(bytes), hexEncode(expected), `seed ${seed}, run ${run}`);
  }
});

test("AES keys of other lengths are the caller's fault", () => {
  for (const length of [0, 15, 24, 33]) {
    assert.throws(
      () => new AesKey(new Uint8Array(length)),
      (error) => error instanceof CryptoError && error.code === "invalid-key",
    );
  }
});
