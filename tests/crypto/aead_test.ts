import assert from "node:assert/strict";
import {
  type Entropy,
  hexEncode,
  randomBytes,
  randomU32,
  seededEntropy,
  utf8Encode,
} from "../../src/base/mod.ts";
import {
  AEAD_KEY_BYTES,
  AEAD_TAG_BYTES,
  type AeadAlgorithm,
  AeadBatch,
  type AeadKey,
  CryptoError,
} from "../../src/crypto/mod.ts";
import { test } from "../harness.ts";
import { hex, providers as withoutWasm, wasmProviders } from "./providers.ts";

const providers = [...withoutWasm, ...wasmProviders];

interface AeadVector {
  readonly source: string;
  readonly algorithm: AeadAlgorithm;
  readonly key: string;
  readonly nonce: string;
  readonly aad: string;
  readonly text: string;
  readonly sealed: string;
}

const GCM_NONCE = "cafebabefacedbaddecaf888";
const GCM_AAD = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
const GCM_TEXT = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72" +
  "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";

/** McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B; RFC 8439 §2.8.2. */
const VECTORS: readonly AeadVector[] = [
  {
    source: "GCM test case 1",
    algorithm: "aes-128-gcm",
    key: "00".repeat(16),
    nonce: "00".repeat(12),
    aad: "",
    text: "",
    sealed: "58e2fccefa7e3061367f1d57a4e7455a",
  },
  {
    source: "GCM test case 2",
    algorithm: "aes-128-gcm",
    key: "00".repeat(16),
    nonce: "00".repeat(12),
    aad: "",
    text: "00".repeat(16),
    sealed: "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf",
  },
  {
    source: "GCM test case 4",
    algorithm: "aes-128-gcm",
    key: "feffe9928665731c6d6a8f9467308308",
    nonce: GCM_NONCE,
    aad: GCM_AAD,
    text: GCM_TEXT,
    sealed: "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e" +
      "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091" +
      "5bc94fbc3221a5db94fae95ae7121a47",
  },
  {
    source: "GCM test case 13",
    algorithm: "aes-256-gcm",
    key: "00".repeat(32),
    nonce: "00".repeat(12),
    aad: "",
    text: "",
    sealed: "530f8afbc74536b9a963b4f1c4cb738b",
  },
  {
    source: "GCM test case 16",
    algorithm: "aes-256-gcm",
    key: "feffe9928665731c6d6a8f9467308308".repeat(2),
    nonce: GCM_NONCE,
    aad: GCM_AAD,
    text: GCM_TEXT,
    sealed: "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa" +
      "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662" +
      "76fc6ece0f4e1768cddf8853bb2d551b",
  },
  {
    source: "RFC 8439 §2.8.2",
    algorithm: "chacha20-poly1305",
    key: "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
    nonce: "070000004041424344454647",
    aad: "50515253c0c1c2c3c4c5c6c7",
    text: hexEncode(utf8Encode(
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the " +
        "future, sunscreen would be it.",
    )),
    sealed: "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6" +
      "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36" +
      "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc" +
      "3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691",
  },
];

const ALGORITHMS: readonly AeadAlgorithm[] = ["aes-128-gcm", "aes-256-gcm", "chacha20-poly1305"];

interface Layout {
  readonly batch: AeadBatch;
  readonly textAt: number;
  readonly textEnd: number;
}

/** One record in the middle of memory that must not change around it. */
function layOut(nonce: Uint8Array, aad: Uint8Array, text: Uint8Array, tag?: Uint8Array): Layout {
  const textAt = 3 + nonce.length + aad.length + 2;
  const textEnd = textAt + text.length;
  const bytes = new Uint8Array(textEnd + AEAD_TAG_BYTES + 5).fill(0x5a);
  bytes.set(nonce, 3);
  bytes.set(aad, 3 + nonce.length);
  bytes.set(text, textAt);
  if (tag) bytes.set(tag, textEnd);
  const batch = new AeadBatch(bytes, 1);
  batch.push(3, 3 + nonce.length, aad.length, textAt, text.length);
  return { batch, textAt, textEnd };
}

for (const crypto of providers) {
  test(`${crypto.name}: AEADs seal and open the published vectors in place (SP 800-38D, RFC 8439)`, () => {
    for (const vector of VECTORS) {
      const key = crypto.createAead(vector.algorithm, hex(vector.key));
      const { batch, textAt, textEnd } = layOut(
        hex(vector.nonce),
        hex(vector.aad),
        hex(vector.text),
      );
      const before = batch.bytes.slice();
      key.seal(batch);
      const sealed = batch.bytes.subarray(textAt, textEnd + AEAD_TAG_BYTES);
      assert.equal(hexEncode(sealed), vector.sealed, vector.source);
      key.open(batch);
      assert.ok(batch.accepted(0), vector.source);
      const tagRange = [textEnd, textEnd + AEAD_TAG_BYTES] as const;
      assert.deepEqual(
        batch.bytes.fill(0x5a, ...tagRange),
        before,
        "only text and tag are written",
      );
      key.dispose();
    }
  });

  test(`${crypto.name}: any changed bit of nonce, data, text or tag is refused and the text zeroed (RFC 5116 §2.2)`, () => {
    const entropy = seededEntropy(11);
    for (const algorithm of ALGORITHMS) {
      const key = crypto.createAead(algorithm, randomBytes(entropy, AEAD_KEY_BYTES[algorithm]));
      const nonce = randomBytes(entropy, 12), aad = randomBytes(entropy, 13);
      const { batch, textAt, textEnd } = layOut(nonce, aad, randomBytes(entropy, 40));
      key.seal(batch);
      const sealed = batch.bytes.slice();
      for (let at = 3; at < textEnd + AEAD_TAG_BYTES; at++) {
        if (at >= 3 + 12 + 13 && at < textAt) continue; // the gap is not part of the record
        batch.bytes.set(sealed);
        batch.bytes[at]! ^= 1 << (at % 8);
        key.open(batch);
        assert.ok(!batch.accepted(0), `${algorithm}: byte ${at}`);
        assert.ok(batch.bytes.subarray(textAt, textEnd).every((byte) => byte === 0));
      }
      batch.bytes.set(sealed);
      key.open(batch);
      assert.ok(batch.accepted(0), "the untouched record still opens");
    }
  });

  test(`${crypto.name}: a truncated record or shorter additional data is refused (RFC 5116 §2.2)`, () => {
    const entropy = seededEntropy(12);
    for (const algorithm of ALGORITHMS) {
      const key = crypto.createAead(algorithm, randomBytes(entropy, AEAD_KEY_BYTES[algorithm]));
      const { batch, textAt } = layOut(
        new Uint8Array(12),
        randomBytes(entropy, 13),
        new Uint8Array(40),
      );
      key.seal(batch);
      const sealed = batch.bytes.slice();
      for (const [aadLength, length] of [[13, 39], [13, 24], [13, 0], [12, 40], [0, 40]] as const) {
        const shorter = new AeadBatch(sealed.slice(), 1);
        shorter.push(3, 15, aadLength, textAt, length);
        key.open(shorter);
        assert.ok(!shorter.accepted(0), `${algorithm}: ${aadLength}, ${length}`);
      }
    }
  });

  test(`${crypto.name}: one bad record in a batch leaves its neighbours alone`, () => {
    const entropy = seededEntropy(13);
    for (const algorithm of ALGORITHMS) {
      const key = crypto.createAead(algorithm, randomBytes(entropy, AEAD_KEY_BYTES[algorithm]));
      const stride = 12 + 13 + 1200 + AEAD_TAG_BYTES;
      const bytes = randomBytes(entropy, 8 * stride);
      const batch = new AeadBatch(bytes, 8);
      for (let i = 0; i < 8; i++) {
        const at = i * stride;
        batch.push(at, at + 12, 13, at + 25, 1200 - i * 7);
      }
      const plain = bytes.slice();
      key.seal(batch);
      bytes[3 * stride + 100]! ^= 1;
      key.open(batch);
      for (let i = 0; i < 8; i++) {
        assert.equal(batch.accepted(i), i !== 3, `${algorithm}: row ${i}`);
        const at = i * stride + 25, end = at + 1200 - i * 7;
        const expected = i === 3 ? new Uint8Array(end - at) : plain.subarray(at, end);
        assert.deepEqual(bytes.subarray(at, end), expected);
      }
    }
  });

  test(`${crypto.name}: a key of the wrong length is the caller's fault`, () => {
    for (const algorithm of ALGORITHMS) {
      assert.throws(
        () => crypto.createAead(algorithm, new Uint8Array(15)),
        (error) => error instanceof CryptoError && error.code === "invalid-key",
      );
    }
  });
}

for (const crypto of providers.slice(1)) {
  test(`${crypto.name} and TypeScript seal and open each other's records, 10 000 random ones`, () => {
    const seed = 0xaead;
    const entropy = seededEntropy(seed);
    const keys = ALGORITHMS.map((algorithm) => {
      const key = randomBytes(entropy, AEAD_KEY_BYTES[algorithm]);
      return [
        providers[0]!.createAead(algorithm, key),
        crypto.createAead(algorithm, key),
      ] as const;
    });
    for (let i = 0; i < 10_000; i++) {
      const [a, b] = keys[i % keys.length]!;
      const { batch } = layOut(
        randomBytes(entropy, 12),
        randomBytes(entropy, randomU32(entropy) % 40),
        randomBytes(entropy, randomU32(entropy) % 100),
      );
      const copy = new AeadBatch(batch.bytes.slice(), 1);
      copy.rows.set(batch.rows);
      copy.count = 1;
      a.seal(batch);
      b.seal(copy);
      assert.deepEqual(batch.bytes, copy.bytes, `seed ${seed}, record ${i}`);
      a.open(copy);
      b.open(batch);
      assert.ok(copy.accepted(0) && batch.accepted(0), `seed ${seed}, record ${i}`);
    }
  });

  test(`${crypto.name} and TypeScript agree on batches of any shape`, () => {
    const seed = 0xba7c;
    const entropy = seededEntropy(seed);
    for (let round = 0; round < 60; round++) {
      const algorithm = ALGORITHMS[round % 3]!;
      const key = randomBytes(entropy, AEAD_KEY_BYTES[algorithm]);
      const [reference, other] = [
        providers[0]!.createAead(algorithm, key),
        crypto.createAead(algorithm, key),
      ];
      const batch = randomBatch(entropy, round % 2 === 0);
      const copy = new AeadBatch(batch.bytes.slice(), batch.count);
      copy.rows.set(batch.rows);
      copy.count = batch.count;
      reference.seal(batch);
      other.seal(copy);
      assert.ok(sameBytes(batch.bytes, copy.bytes), `seed ${seed}, round ${round}: sealed`);
      const hurt = randomU32(entropy) % batch.bytes.length;
      batch.bytes[hurt]! ^= 1;
      copy.bytes[hurt]! ^= 1;
      reference.open(batch);
      other.open(copy);
      assert.ok(sameBytes(batch.bytes, copy.bytes), `seed ${seed}, round ${round}: opened`);
      assert.deepEqual(copy.rows, batch.rows, `seed ${seed}, round ${round}: verdicts`);
      other.dispose();
    }
  });
}

/** Quick, where `assert.deepEqual` takes seconds for what these batches hold. */
function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

/** Records of equal or of different lengths, some of them far from each other. */
function randomBatch(entropy: Entropy, equal: boolean): AeadBatch {
  const count = 1 + randomU32(entropy) % 40;
  const common = randomU32(entropy) % 1500;
  const lengths = Array.from(
    { length: count },
    () => equal ? common : randomU32(entropy) % (randomU32(entropy) % 8 === 0 ? 20_000 : 300),
  );
  const room = lengths.reduce((sum, length) => sum + length + 100, 0);
  const gap = randomU32(entropy) % 4 === 0 ? 200_000 : 0;
  const batch = new AeadBatch(randomBytes(entropy, room + gap), count);
  let at = 0;
  lengths.forEach((length, index) => {
    const aadLength = randomU32(entropy) % 40;
    batch.push(at, at + 12, aadLength, at + 12 + aadLength, length);
    at += 12 + aadLength + length + AEAD_TAG_BYTES + (index === count >> 1 ? gap : 0);
  });
  return batch;
}

for (const crypto of wasmProviders) {
  test(`${crypto.name}: a key that was disposed of seals nothing and says so`, () => {
    const key = crypto.createAead("aes-128-gcm", new Uint8Array(16));
    const { batch } = layOut(new Uint8Array(12), new Uint8Array(3), new Uint8Array(40));
    const before = batch.bytes.slice();
    key.dispose();
    key.dispose();
    assert.throws(() => key.seal(batch), TypeError);
    assert.throws(() => key.open(batch), TypeError);
    assert.deepEqual(batch.bytes, before);
  });

  test(`${crypto.name}: a row outside of the batch's memory is the caller's fault`, () => {
    const key = crypto.createAead("aes-256-gcm", new Uint8Array(32));
    for (const [nonceAt, aadAt, textAt] of [[90, 0, 0], [0, 96, 0], [0, 0, 75]] as const) {
      const batch = new AeadBatch(new Uint8Array(100), 1);
      batch.push(nonceAt, aadAt, 5, textAt, 10);
      assert.throws(() => key.seal(batch), RangeError);
      assert.throws(() => key.open(batch), RangeError);
    }
  });

  test(`${crypto.name}: keys come and go without disturbing each other`, () => {
    const entropy = seededEntropy(0x6e75);
    const keys: { key: AeadKey; twin: AeadKey }[] = [];
    for (let round = 0; round < 300; round++) {
      const bytes = randomBytes(entropy, 16);
      keys.push({
        key: crypto.createAead("aes-128-gcm", bytes),
        twin: providers[0]!.createAead("aes-128-gcm", bytes),
      });
      const at = randomU32(entropy) % keys.length;
      const { batch } = layOut(
        randomBytes(entropy, 12),
        new Uint8Array(3),
        randomBytes(entropy, 20),
      );
      keys[at]!.key.seal(batch);
      keys[at]!.twin.open(batch);
      assert.ok(batch.accepted(0), `round ${round}`);
      if (keys.length > 20) keys.splice(at, 1)[0]!.key.dispose();
    }
  });
}
