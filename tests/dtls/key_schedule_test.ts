import assert from "node:assert/strict";
import { hexDecode } from "../../src/base/mod.ts";
import { prf } from "../../src/dtls/key_schedule.ts";
import { Transcript } from "../../src/dtls/transcript.ts";
import { test } from "../harness.ts";
import { testCrypto } from "./support.ts";

function hex(text: string): Uint8Array {
  return hexDecode(text)!;
}

// Vectors for P_SHA256 and P_SHA384 posted to the IETF TLS working group's list (2009), which most
// TLS stacks carry in their test suites.
const VECTORS = [
  {
    hash: "sha-256",
    secret: "9bbe436ba940f017b17652849a71db35",
    seed: "a0ba9f936cda311827a6f796ffd5198c",
    output: "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a" +
      "6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab" +
      "4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701" +
      "87347b66",
  },
  {
    hash: "sha-384",
    secret: "b80b733d6ceefcdc71566ea48e5567df",
    seed: "cd665cf6a8447dd6ff8b27555edb7465",
    output: "7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cd" +
      "e9ca0faa60be9fe34f82b1233c9146a0e534cb400fed2700884f9dc236f80edd" +
      "8bfa961144c9e8d792eca722a7b32fc3d416d473ebc2c5fd4abfdad05d918425" +
      "9b5bf8cd4d90fa0d31e2dec479e4f1a26066f2eea9a69236a3e52655c9e9aee6" +
      "91c8f3a26854308d5eaa3be85e0990703d73e56f",
  },
] as const;

for (const { hash, secret, seed, output } of VECTORS) {
  test(`prf gives the published bytes for ${hash} (RFC 5246 §5)`, () => {
    const expected = hex(output);
    for (const length of [1, 31, 32, 33, 48, 49, expected.length]) {
      const actual = prf(testCrypto, hash, hex(secret), "test label", hex(seed), length);
      assert.deepEqual(actual, expected.slice(0, length));
    }
  });
}

test("Transcript keeps every byte while it grows, and starts over when cleared (RFC 6347 §4.2.6)", () => {
  const transcript = new Transcript();
  const message = new Uint8Array(1000).map((_, i) => i);
  for (let i = 0; i < 10; i++) transcript.append(message);
  assert.equal(transcript.bytes().length, 10_000);
  assert.deepEqual(transcript.bytes().slice(9000), message);
  transcript.clear();
  assert.equal(transcript.bytes().length, 0);
});
