import assert from "node:assert/strict";
import { randomBytes, randomU32, seededEntropy } from "../../src/base/mod.ts";
import {
  AEAD_COLUMNS,
  AEAD_TAG_BYTES,
  AeadBatch,
  type AeadKey,
  tsCrypto,
} from "../../src/crypto/mod.ts";
import { WasmAeadBatch } from "../../src/host/wasm_aead.ts";
import { WASM_BUILDS, WasmCore, WasmCores, wasmModule } from "../../src/host/wasm_core.ts";
import { wasmCrypto } from "../../src/host/wasm_crypto.ts";
import { test } from "../harness.ts";

const NONCE_BYTES = 12;

/** One record of `length` random bytes at a random place. */
function fill(batch: AeadBatch, length: number, seed: number): number {
  const entropy = seededEntropy(seed);
  entropy(batch.bytes);
  const at = NONCE_BYTES + 20 + randomU32(entropy) % 30;
  batch.count = 0;
  batch.push(0, NONCE_BYTES, 13, at, length);
  return at;
}

/** Seals the same record with both keys, one of which finds it in `batch`. */
function sealsAlike(key: AeadKey, batch: AeadBatch, twin: AeadKey, length: number): void {
  const at = fill(batch, length, length);
  const plain = new AeadBatch(batch.bytes.slice(), 1);
  plain.push(0, NONCE_BYTES, 13, at, length);
  key.seal(batch);
  twin.seal(plain);
  assert.deepEqual(batch.bytes, plain.bytes);
  key.open(batch);
  assert.ok(batch.accepted(0));
  twin.open(plain);
  assert.deepEqual(batch.bytes.subarray(at, at + length), plain.bytes.subarray(at, at + length));
}

for (const build of WASM_BUILDS) {
  const module = wasmModule(build);
  if (module === undefined) continue; // Node 20 has no relaxed SIMD
  const name = `wasm (${build})`;

  test(`${name}: a batch in the memory of the core is worked on where it lies`, () => {
    const crypto = wasmCrypto(tsCrypto, new WasmCores(module))!;
    const bytes = new Uint8Array(16).fill(7);
    const key = crypto.createAead("aes-128-gcm", bytes);
    const batch = crypto.createAeadBatch(2000, 4);
    assert.ok(batch instanceof WasmAeadBatch);
    const { scratch } = batch.arena.core;
    scratch.bytes.fill(0xee);
    const twin = tsCrypto.createAead("aes-128-gcm", bytes);
    for (const length of [0, 1, 16, 1200, 1900]) sealsAlike(key, batch, twin, length);
    assert.ok(scratch.bytes.every((byte) => byte === 0xee), "nothing was copied");
    batch.release();
    key.dispose();
  });

  test(`${name}: a key works on a batch of another instance as on any other memory`, () => {
    const one = wasmCrypto(tsCrypto, new WasmCores(module))!;
    const other = wasmCrypto(tsCrypto, new WasmCores(module))!;
    const bytes = new Uint8Array(32).fill(9);
    const key = one.createAead("aes-256-gcm", bytes);
    const batch = other.createAeadBatch(2000, 1);
    sealsAlike(key, batch, tsCrypto.createAead("aes-256-gcm", bytes), 1200);
    batch.release();
    key.dispose();
  });

  test(`${name}: the memory does not grow; the next instance takes what finds no room`, () => {
    const cores = new WasmCores(module);
    const crypto = wasmCrypto(tsCrypto, cores)!;
    const first = cores.place((core) => core)!;
    const { buffer } = first.exports.memory;
    const size = buffer.byteLength;
    const batches: AeadBatch[] = [];
    const inFirst = (batch: AeadBatch | undefined): boolean =>
      batch instanceof WasmAeadBatch && batch.arena.core === first;
    do batches.push(crypto.createAeadBatch(160 * 1024, 640)); while (inFirst(batches.at(-1)));
    assert.ok(batches.length > 80, `${batches.length} batches of 160 KiB`);
    assert.equal(first.exports.memory.buffer, buffer);
    assert.equal(buffer.byteLength, size);
    for (const batch of batches) batch.release();
    const again = batches.map(() => crypto.createAeadBatch(160 * 1024, 640));
    assert.equal(again.filter(inFirst).length, batches.length - 1, "all of it came back");
    for (const batch of again) batch.release();
  });

  test(`${name}: a lack of memory is an answer, and what is there goes on working`, () => {
    const core = new WasmCore(module);
    const { exports, scratch } = core;
    assert.equal(exports.arena_new(0, 2 ** 31), 0);
    assert.equal(exports.arena_new(2 ** 32 - 1, 0), 0, "more bytes than there are addresses");
    scratch.bytes.fill(7, 0, 16);
    const key = exports.gcm_new(scratch.handle, 16);
    assert.notEqual(key, 0);
    for (let size = 2 ** 23; size >= 1; size /= 2) {
      while (exports.arena_new(0, size) !== 0);
    }
    assert.equal(exports.gcm_new(scratch.handle, 16), 0, "no room for a key");
    // 16 records of one length want a table of their own, for which there is no room either.
    const plain = new AeadBatch(randomBytes(seededEntropy(1), 16 * 400), 16);
    for (let at = 0; at < plain.bytes.length; at += 400) plain.push(at, at + 12, 13, at + 30, 300);
    scratch.bytes.set(plain.bytes);
    scratch.rows.set(plain.rows);
    assert.equal(exports.gcm_seal(key, scratch.handle, 16), 1);
    tsCrypto.createAead("aes-128-gcm", new Uint8Array(16).fill(7)).seal(plain);
    assert.deepEqual(scratch.bytes.slice(0, plain.bytes.length), plain.bytes);
    assert.equal(exports.crc32c(scratch.handle, 0, 0), 0);
  });

  test(`${name}: rows that leave the memory of their batch are refused, and nothing is done`, () => {
    const crypto = wasmCrypto(tsCrypto, new WasmCores(module))!;
    const key = crypto.createAead("aes-128-gcm", new Uint8Array(16));
    const batch = crypto.createAeadBatch(1000, 2);
    const before = batch.bytes.slice();
    const outside: readonly Parameters<AeadBatch["push"]>[] = [
      [989, 0, 0, 20, 20],
      [0, 900, 101, 20, 20],
      [0, 12, 13, 30, 955],
    ];
    for (const row of outside) {
      batch.count = 0;
      batch.push(0, 12, 13, 30, 100);
      batch.push(...row);
      assert.throws(() => key.seal(batch), RangeError);
      assert.throws(() => key.open(batch), RangeError);
      assert.deepEqual(batch.bytes, before);
    }
    batch.count = 3;
    assert.throws(() => key.seal(batch), TypeError, "more rows than there is room for");
    batch.count = 1;
    batch.release();
    assert.throws(() => key.seal(batch), TypeError, "a batch that was given back");
    assert.equal(batch.rows.length, 2 * AEAD_COLUMNS);
    key.dispose();
    const plain = new AeadBatch(new Uint8Array(30 + AEAD_TAG_BYTES), 1);
    plain.push(0, 12, 13, 30, 0);
    assert.throws(() => key.seal(plain), TypeError, "a key that was disposed of");
  });
}
