import assert from "node:assert/strict";
import { createCipheriv } from "node:crypto";
import { hexEncode } from "../../src/base/mod.ts";
import { SrtpIv, takeCounters } from "../../src/host/ecb_counters.ts";
import { EcbKeystream } from "../../src/host/ecb_keystream.ts";
import { LookAhead } from "../../src/host/ecb_look_ahead.ts";
import { asWords, xorKeystream } from "../../src/host/ecb_xor.ts";
import { builtinModule } from "../../src/host/node_modules.ts";
import { hex, repeat } from "../crypto/providers.ts";
import { test } from "../harness.ts";

const crypto = builtinModule("node:crypto")!;

/** Keystream of one packet by counter mode itself, and the initialization vector as RFC 3711 has it. */
function reference(
  key: Uint8Array,
  salt: Uint8Array,
  ssrc: number,
  roc: number,
  sequenceNumber: number,
  length: number,
): Uint8Array {
  const iv = new Uint8Array(16);
  const view = new DataView(iv.buffer);
  view.setUint32(4, ssrc);
  view.setUint32(8, roc);
  view.setUint16(12, sequenceNumber);
  for (let i = 0; i < salt.length; i++) iv[i]! ^= salt[i]!;
  const cipher = createCipheriv(key.length === 16 ? "aes-128-ctr" : "aes-256-ctr", key, iv);
  const keystream = cipher.update(new Uint8Array(length));
  cipher.final();
  return keystream;
}

interface SetUp {
  readonly key: Uint8Array;
  readonly salt: Uint8Array;
  readonly ahead: LookAhead;
  readonly calls: () => number;
}

function withLookAhead(body: (setUp: SetUp) => void, keyBytes = 16): void {
  const key = repeat(0x35, keyBytes), salt = repeat(0x7a, 14);
  const keystream = new EcbKeystream(crypto, key);
  let calls = 0;
  const counting = {
    encrypt: (blocks: Uint8Array) => (calls++, keystream.encrypt(blocks)),
    dispose: () => keystream.dispose(),
  };
  const ahead = new LookAhead(counting, new SrtpIv(salt));
  body({ key, salt, ahead, calls: () => calls });
  ahead.dispose();
  keystream.dispose();
}

/** Sends one packet: where its keystream was, or −1. */
function send(
  ahead: LookAhead,
  ssrc: number,
  roc: number,
  sequenceNumber: number,
  blocks: number,
): number {
  const word = ahead.find(ssrc, roc, sequenceNumber, blocks);
  ahead.advance(ssrc, roc, sequenceNumber, blocks);
  return word;
}

/** What `ahead` has for a packet, as bytes. */
function found(ahead: LookAhead, word: number, length: number): Uint8Array {
  const out = new Uint8Array(length);
  xorKeystream(out, 0, length, ahead.words, word);
  return out;
}

test("ECB of counter blocks is AES-CM keystream (RFC 3711 B.2)", () => {
  const keystream = new EcbKeystream(crypto, hex("2B7E151628AED2A6ABF7158809CF4F3C"));
  const iv = new SrtpIv(hex("F0F1F2F3F4F5F6F7F8F9FAFBFCFD"));
  iv.setRtp(0, 0, 0);
  const counters = takeCounters();
  counters.push(iv, 3);
  assert.equal(
    hexEncode(keystream.encrypt(counters.filled())).toUpperCase(),
    "E03EAD0935C95E80E166B16DD92B4EB4" + "D23513162B02D0F72A43A2FE4A5F97AB" +
      "41E95B3BB0A2E8DD477901E4FCA894C0",
  );
  keystream.dispose();
});

test("the block counter of AES-CM counts 16 bits, most significant byte first (RFC 3711 §4.1.1)", () => {
  const iv = new SrtpIv(hex("F0F1F2F3F4F5F6F7F8F9FAFBFCFD"));
  iv.setRtp(0, 0, 0);
  const counters = takeCounters();
  counters.push(iv, 0x102);
  const blocks = counters.filled();
  assert.equal(hexEncode(blocks.subarray(0xff * 16, 0x100 * 16)).slice(-4), "00ff");
  assert.equal(hexEncode(blocks.subarray(0x101 * 16)).slice(-4), "0101");
});

test("an SRTP nonce of GCM is salt XOR SSRC, ROC and SEQ, its text begins with block 2 (RFC 7714 §8.1)", () => {
  const iv = new SrtpIv(hex("517569642070726F2071756F"));
  iv.setRtp(0x5501a0b2, 0, 0xf17b); // RFC 7714 §16.1.1
  assert.equal(hexEncode(iv.nonce), "51753c6580c2726f20718414");
  const counters = takeCounters();
  counters.push(iv, 2);
  assert.equal(hexEncode(counters.filled()).slice(24, 32), "00000001");
  assert.equal(hexEncode(counters.filled()).slice(56), "00000002");
});

for (const keyBytes of [16, 32]) {
  test(`keystream that was made ahead is that of its packet (${8 * keyBytes} bits, RFC 3711 §4.1.1)`, () => {
    withLookAhead(({ key, salt, ahead, calls }) => {
      const ssrc = 0xdeadbeef, start = 65_500; // across a rollover
      let hits = 0;
      for (let i = 0; i < 300; i++) {
        const index = start + i, roc = Math.floor(index / 65_536), sequence = index % 65_536;
        const length = 1 + (i * 37) % 1000, blocks = Math.ceil(length / 16);
        const word = ahead.find(ssrc, roc, sequence, blocks);
        if (word >= 0) {
          hits++;
          const right = reference(key, salt, ssrc, roc, sequence, length);
          assert.equal(hexEncode(found(ahead, word, length)), hexEncode(right), `packet ${i}`);
        }
        ahead.advance(ssrc, roc, sequence, blocks);
      }
      assert.ok(hits > 270, `${hits} of 300`);
      assert.ok(calls() < 30, `${calls()} calls`);
    }, keyBytes);
  });
}

test("keystream is made ahead only for packets in a row, and for four sources at a time", () => {
  withLookAhead(({ ahead, calls }) => {
    for (let i = 0; i < 100; i++) assert.equal(send(ahead, 1, 0, (i * 1000) % 65_536, 10), -1);
    for (let round = 0; round < 3; round++) {
      for (let ssrc = 1; ssrc <= 5; ssrc++) assert.equal(send(ahead, ssrc, 7, round, 10), -1);
    }
    assert.equal(calls(), 0);
    for (let ssrc = 11; ssrc <= 14; ssrc++) {
      assert.equal(send(ahead, ssrc, 7, 1, 10), -1);
      assert.equal(send(ahead, ssrc, 7, 2, 10), -1);
    }
    for (let ssrc = 11; ssrc <= 14; ssrc++) assert.ok(send(ahead, ssrc, 7, 3, 10) >= 0);
    assert.equal(calls(), 4);
  });
});

test("what is only looked for moves nothing: forged packets make no keystream", () => {
  withLookAhead(({ ahead, calls }) => {
    for (let sequence = 0; sequence < 1000; sequence++) ahead.find(1, 0, sequence, 10);
    assert.equal(calls(), 0);
    send(ahead, 1, 0, 1, 10);
    send(ahead, 1, 0, 2, 10);
    for (let sequence = 500; sequence < 1000; sequence++) ahead.find(1, 0, sequence, 90);
    for (let sequence = 3; sequence < 20; sequence++) {
      assert.ok(send(ahead, 1, 0, sequence, 10) >= 0, `${sequence}`);
    }
    assert.equal(calls(), 1);
  });
});

test("a change of rollover counter or source never finds keystream of another one", () => {
  withLookAhead(({ key, salt, ahead }) => {
    send(ahead, 1, 0, 10, 4);
    send(ahead, 1, 0, 11, 4);
    assert.ok(send(ahead, 1, 0, 12, 4) >= 0);
    assert.equal(send(ahead, 1, 1, 13, 4), -1);
    assert.equal(send(ahead, 2, 0, 13, 4), -1);
    assert.equal(send(ahead, 1, 1, 14, 4), -1);
    const word = send(ahead, 1, 1, 15, 4);
    const right = reference(key, salt, 1, 1, 15, 64);
    assert.equal(hexEncode(found(ahead, word, 64)), hexEncode(right));
  });
});

test("a packet that is longer than those before it has none, and those after it have", () => {
  withLookAhead(({ key, salt, ahead }) => {
    for (let sequence = 0; sequence < 5; sequence++) send(ahead, 1, 0, sequence, 2);
    assert.equal(send(ahead, 1, 0, 5, 90), -1);
    const word = send(ahead, 1, 0, 6, 90);
    const right = reference(key, salt, 1, 0, 6, 1440);
    assert.equal(hexEncode(found(ahead, word, 1440)), hexEncode(right));
    assert.equal(send(ahead, 1, 0, 7, 4096), -1, "larger than the whole window");
    assert.ok(ahead.words.byteLength <= 24 * 1024);
  });
});

test("keystream is wiped when it is replaced and when the keys are disposed of", () => {
  withLookAhead(({ ahead }) => {
    for (let sequence = 0; sequence < 3; sequence++) send(ahead, 1, 0, sequence, 8);
    const first = ahead.words;
    assert.ok(first.some((word) => word !== 0));
    for (let sequence = 3; sequence < 70; sequence++) send(ahead, 1, 0, sequence, 8);
    assert.notEqual(ahead.words, first);
    assert.ok(first.every((word) => word === 0));
    const second = ahead.words;
    ahead.dispose();
    assert.ok(second.every((word) => word === 0));
  });
});

test("keystream is disposed of once, however often it is said", () => {
  const keystream = new EcbKeystream(crypto, repeat(1, 32));
  keystream.dispose();
  keystream.dispose();
});

test("keystream is XORed wherever a text lies, and nowhere else", () => {
  const keystream = asWords(repeat(0xff, 64).subarray(1, 49));
  for (let at = 0; at < 8; at++) {
    for (let length = 0; length < 40; length++) {
      const bytes = new Uint8Array(64);
      xorKeystream(bytes, at, at + length, keystream, 2);
      const right = new Uint8Array(64).fill(0xff, at, at + length);
      assert.deepEqual(bytes, right);
    }
  }
});
