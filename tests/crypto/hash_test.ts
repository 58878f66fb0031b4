import assert from "node:assert/strict";
import { hexEncode, randomBytes, seededEntropy, utf8Encode } from "../../src/base/mod.ts";
import type { HashAlgorithm } from "../../src/crypto/mod.ts";
import { test } from "../harness.ts";
import { hex, providers, repeat } from "./providers.ts";

/** RFC 1321 appendix A.5, and the "abc" examples of FIPS 180-4. */
const ABC: Record<HashAlgorithm, string> = {
  "md5": "900150983cd24fb0d6963f7d28e17f72",
  "sha-1": "a9993e364706816aba3e25717850c26c9cd0d89d",
  "sha-224": "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7",
  "sha-256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  "sha-384": "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed" +
    "8086072ba1e7cc2358baeca134c825a7",
  "sha-512": "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a" +
    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
};

interface HmacVector {
  readonly source: string;
  readonly key: Uint8Array;
  readonly data: Uint8Array;
  readonly macs: Partial<Record<HashAlgorithm, string>>;
}

const HMACS: readonly HmacVector[] = [
  {
    source: "RFC 4231 §4.2, RFC 2202 §3 case 1",
    key: repeat(0x0b, 20),
    data: utf8Encode("Hi There"),
    macs: {
      "sha-1": "b617318655057264e28bc0b6fb378c8ef146be00",
      "sha-224": "896fb1128abbdf196832107cd49df33f47b4b1169912ba4f53684b22",
      "sha-256": "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
      "sha-384": "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c" +
        "faea9ea9076ede7f4af152e8b2fa9cb6",
      "sha-512": "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde" +
        "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854",
    },
  },
  {
    source: "RFC 2202 §2 case 1",
    key: repeat(0x0b, 16),
    data: utf8Encode("Hi There"),
    macs: { "md5": "9294727a3638bb1c13f48ef8158bfc9d" },
  },
  {
    source: "RFC 4231 §4.3, RFC 2202 §2 and §3 case 2",
    key: utf8Encode("Jefe"),
    data: utf8Encode("what do ya want for nothing?"),
    macs: {
      "md5": "750c783e6ab0b503eaa86e310a5db738",
      "sha-1": "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
      "sha-256": "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    },
  },
  {
    source: "RFC 2202 §3 case 6",
    key: repeat(0xaa, 80),
    data: utf8Encode("Test Using Larger Than Block-Size Key - Hash Key First"),
    macs: { "sha-1": "aa4ae5e15272d00e95705637ce8a3b55ed402112" },
  },
  {
    source: "RFC 4231 §4.7",
    key: repeat(0xaa, 131),
    data: utf8Encode("Test Using Larger Than Block-Size Key - Hash Key First"),
    macs: { "sha-256": "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
  },
];

for (const crypto of providers) {
  test(`${crypto.name}: hashes match their published examples (FIPS 180-4, RFC 1321)`, () => {
    for (const [algorithm, expected] of Object.entries(ABC) as [HashAlgorithm, string][]) {
      assert.equal(hexEncode(crypto.hash(algorithm, utf8Encode("abc"))), expected);
    }
  });

  test(`${crypto.name}: a running hash can be read midway and goes on (RFC 5246 §7.4.9)`, () => {
    for (const algorithm of Object.keys(ABC) as HashAlgorithm[]) {
      const running = crypto.createHash(algorithm);
      running.update(utf8Encode("a"));
      assert.deepEqual(running.digest(), crypto.hash(algorithm, utf8Encode("a")));
      assert.deepEqual(running.digest(), crypto.hash(algorithm, utf8Encode("a")));
      running.update(utf8Encode("bc"));
      assert.equal(hexEncode(running.digest()), ABC[algorithm]);
    }
  });

  test(`${crypto.name}: HMAC matches RFC 2202 and RFC 4231, however the data is split`, () => {
    for (const { source, key, data, macs } of HMACS) {
      for (const [algorithm, expected] of Object.entries(macs) as [HashAlgorithm, string][]) {
        const prepared = crypto.createHmac(algorithm, key);
        assert.equal(hexEncode(prepared.sign(data)), expected, source);
        const parts = [data.subarray(0, 3), data.subarray(3, 3), data.subarray(3)];
        assert.equal(hexEncode(prepared.sign(...parts)), expected, source);
      }
    }
  });

  test(`${crypto.name}: an empty HMAC key is a key (RFC 2104 §2)`, () => {
    // The answer for empty key and empty text, computed with OpenSSL's command line.
    const mac = crypto.createHmac("sha-256", new Uint8Array(0)).sign();
    const expected = "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad";
    assert.deepEqual(mac, hex(expected));
  });

  test(`${crypto.name}: digests are the caller's own bytes`, () => {
    const mac = crypto.createHmac("sha-1", repeat(1, 20));
    const first = mac.sign(repeat(2, 10));
    const copy = first.slice();
    mac.sign(repeat(3, 10));
    assert.deepEqual(first, copy);
  });
}

test("all providers hash and authenticate alike, 2000 random inputs", () => {
  const seed = 0x4a54;
  const entropy = seededEntropy(seed);
  const algorithms = Object.keys(ABC) as HashAlgorithm[];
  for (let i = 0; i < 2000; i++) {
    const algorithm = algorithms[i % algorithms.length]!;
    const key = randomBytes(entropy, i % 150), data = randomBytes(entropy, i % 300);
    const digests = providers.map((crypto) => hexEncode(crypto.hash(algorithm, data)));
    const macs = providers.map((crypto) => hexEncode(crypto.createHmac(algorithm, key).sign(data)));
    assert.equal(new Set(digests).size, 1, `seed ${seed}, input ${i}`);
    assert.equal(new Set(macs).size, 1, `seed ${seed}, input ${i}`);
  }
});
