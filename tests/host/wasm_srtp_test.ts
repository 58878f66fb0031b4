import assert from "node:assert/strict";
import { randomBytes, readU32, seededEntropy } from "../../src/base/mod.ts";
import { AesKey } from "../../src/crypto/mod.ts";
import { RTP_COLUMNS } from "../../src/rtp/mod.ts";
import { SRTP_OK, type SrtpCipherProvider, tsSrtp } from "../../src/srtp/mod.ts";
import { WASM_BUILDS, WasmCore, WasmCores, wasmModule } from "../../src/host/wasm_core.ts";
import { wasmSrtp, WasmSrtpBatch, WasmSrtpCipher } from "../../src/host/wasm_srtp.ts";
import { test } from "../harness.ts";
import { crossCheck, testCiphers } from "../srtp/cipher_suite.ts";
import {
  batchOf,
  indexOf,
  packetOf,
  PROFILES,
  randomCipherOptions,
  randomRtp,
  statusOf,
} from "../srtp/support.ts";

const CROSS_CHECKED = 4000;

/** AES in ECB mode, in place. */
function encryptBlocks(key: Uint8Array, blocks: Uint8Array): void {
  const aes = new AesKey(key);
  for (let at = 0; at < blocks.length; at += 16) {
    const word = (n: number) => readU32(blocks, at + 4 * n);
    aes.encryptBlock(word(0), word(1), word(2), word(3), blocks, at);
  }
}

for (const build of WASM_BUILDS) {
  const module = wasmModule(build);
  if (module === undefined) continue; // Node 20 has no relaxed SIMD
  const name = `wasm (${build})`;
  const provider: SrtpCipherProvider = { ...wasmSrtp(tsSrtp, new WasmCores(module))!, name };

  testCiphers(provider);
  crossCheck(provider, tsSrtp, CROSS_CHECKED);

  test(`${name}: a batch in the memory of the core is worked on where it lies`, () => {
    const entropy = seededEntropy(1);
    for (const profile of PROFILES) {
      const cipher = provider.createCipher(randomCipherOptions(entropy, profile, false));
      assert.ok(cipher instanceof WasmSrtpCipher);
      const batch = provider.createBatch(2000, 1);
      assert.ok(batch instanceof WasmSrtpBatch && batch.arena.core === cipher.core);
      cipher.core.scratch.bytes.fill(0xee);
      const packet = randomRtp(entropy, 300);
      batch.bytes.set(packet, 17);
      batch.push(17, packet.length);
      cipher.protect(batch);
      cipher.unprotect(batch);
      assert.equal(statusOf(batch, 0), SRTP_OK);
      assert.deepEqual(packetOf(batch, 0), packet);
      assert.ok(cipher.core.scratch.bytes.every((byte) => byte === 0xee), "nothing was copied");
      batch.release();
      cipher.dispose();
    }
  });

  test(`${name}: more packets than are copied at once, and far apart`, () => {
    const entropy = seededEntropy(2);
    for (const profile of PROFILES) {
      const options = randomCipherOptions(entropy, profile, false);
      const [cipher, twin] = [provider.createCipher(options), tsSrtp.createCipher(options)];
      for (const [count, length] of [[600, 40], [300, 1400]] as const) {
        const packets = Array.from({ length: count }, () => randomRtp(entropy, length));
        const indices = packets.map((_, i) => i);
        const batch = batchOf(tsSrtp, true, packets, indices);
        const other = batchOf(tsSrtp, true, packets, indices);
        cipher.protect(batch);
        twin.protect(other);
        assert.deepEqual(batch.bytes, other.bytes);
        cipher.unprotect(batch);
        twin.unprotect(other);
        assert.deepEqual(batch.bytes, other.bytes);
        for (let i = 0; i < count; i++) {
          assert.equal(statusOf(batch, i), SRTP_OK);
          assert.equal(indexOf(batch, i), indices[i]);
          assert.deepEqual(packetOf(batch, i), packets[i]);
        }
      }
      cipher.dispose();
      twin.dispose();
    }
  });

  test(`${name}: ciphers and batches that were given back are refused`, () => {
    const entropy = seededEntropy(3);
    const options = randomCipherOptions(entropy, PROFILES[0]!, false);
    const cipher = provider.createCipher(options);
    const batch = provider.createBatch(100, 1);
    batch.push(0, 20);
    batch.release();
    assert.throws(() => cipher.protect(batch), TypeError);
    const plain = batchOf(tsSrtp, true, [randomRtp(entropy, 20)]);
    cipher.dispose();
    cipher.dispose();
    assert.throws(() => cipher.protect(plain), TypeError);
  });

  test(`${name}: ciphers for which no instance has room come from elsewhere`, () => {
    const core = new WasmCore(module);
    const options = randomCipherOptions(seededEntropy(4), "SRTP_AEAD_AES_256_GCM", false);
    const ciphers: WasmSrtpCipher[] = [];
    for (;;) {
      const cipher = WasmSrtpCipher.create(core, options);
      if (cipher === undefined) break;
      ciphers.push(cipher);
    }
    assert.ok(ciphers.length > 500, `${ciphers.length} ciphers of GCM`);
    assert.equal(core.newArena(0, 1 << 20), undefined);
    // Half of them gone, others fit again, and those that stayed still work.
    for (const cipher of ciphers.splice(ciphers.length / 2)) cipher.dispose();
    assert.ok(WasmSrtpCipher.create(core, options));
    const packet = randomRtp(seededEntropy(5), 200);
    const [batch, other] = [batchOf(tsSrtp, true, [packet]), batchOf(tsSrtp, true, [packet])];
    ciphers[0]!.protect(batch);
    tsSrtp.createCipher(options).protect(other);
    assert.deepEqual(batch.bytes, other.bytes);
  });

  test(`${name}: session keys are wiped where they were handed over`, () => {
    const core = new WasmCore(module);
    core.scratch.bytes.fill(0xee);
    const entropy = seededEntropy(6);
    for (const profile of PROFILES) {
      const options = randomCipherOptions(entropy, profile, false);
      WasmSrtpCipher.create(core, options);
      const { key, salt, authKey } = options.rtp;
      const length = 2 * (key.length + salt.length + authKey.length);
      assert.deepEqual(core.scratch.bytes.subarray(0, length), new Uint8Array(length));
    }
  });

  test(`${name}: no number makes an export trap or write outside of what is named`, () => {
    const core = new WasmCore(module);
    const { exports } = core;
    const entropy = seededEntropy(7);
    const options = randomCipherOptions(entropy, "SRTP_AEAD_AES_128_GCM", true);
    const cipher = WasmSrtpCipher.create(core, options)!;
    const arena = core.newArena(2 * RTP_COLUMNS, 100)!, guard = core.newArena(64, 4096)!;
    guard.bytes.fill(0xee);
    const odd = [0, 1, 2, 3, 99, 0x7fffffff, 0xffffffff, cipher.handle, arena.handle];
    const pick = () => odd[randomBytes(entropy, 1)[0]! % odd.length]!;
    for (let i = 0; i < 3000; i++) {
      for (let n = 0; n < arena.rows.length; n++) arena.rows[n] = pick();
      exports.srtp_new(arena.handle, pick(), pick());
      exports.srtp_protect(pick(), arena.handle, pick());
      exports.srtp_unprotect(cipher.handle, arena.handle, pick());
      exports.srtp_protect_control(cipher.handle, arena.handle, 2);
      exports.srtp_unprotect_control(cipher.handle, arena.handle, 1);
      exports.srtp_counters(cipher.handle, arena.handle, pick(), pick(), pick() & 1, pick());
      exports.srtp_protect_with(cipher.handle, arena.handle, pick(), pick(), guard.handle);
      exports.srtp_unprotect_with(cipher.handle, arena.handle, pick(), 1, core.scratch.handle);
    }
    assert.ok(guard.bytes.every((byte) => byte === 0xee));
  });

  test(`${name}: keystream that somebody else encrypts makes the same packets`, () => {
    const core = new WasmCore(module), { exports } = core;
    const entropy = seededEntropy(8);
    for (const profile of PROFILES) {
      const options = randomCipherOptions(entropy, profile, true);
      const cipher = WasmSrtpCipher.create(core, options)!, twin = tsSrtp.createCipher(options);
      const batch = new WasmSrtpBatch(core.newArena(40 * RTP_COLUMNS, 40 * 500)!);
      const scratch = core.newArena(0, 4000)!;
      const packets = Array.from({ length: 40 }, () => randomRtp(entropy, 350));
      packets[3] = packets[3]!.subarray(0, 11); // malformed
      const plain = batchOf(tsSrtp, true, packets);
      for (let i = 0; i < packets.length; i++) {
        batch.bytes.set(packets[i]!, 500 * i);
        batch.push(500 * i, packets[i]!.length);
      }
      for (const received of [0, 1]) {
        if (received === 0) twin.protect(plain);
        else twin.unprotect(plain);
        const args = [cipher.handle, batch.arena.handle] as const;
        assert.equal(exports.srtp_counters(...args, 0, 40, scratch.handle, received), 0, "no room");
        for (let first = 0; first < 40; first += 5) {
          const call = [...args, first, 5, scratch.handle] as const;
          const length = exports.srtp_counters(...call, received);
          encryptBlocks(options.rtp.key, scratch.bytes.subarray(0, length));
          const work = received ? exports.srtp_unprotect_with : exports.srtp_protect_with;
          assert.equal(work(...call), 1);
        }
        for (let i = 0; i < packets.length; i++) {
          assert.equal(statusOf(batch, i), statusOf(plain, i));
          assert.deepEqual(packetOf(batch, i), packetOf(plain, i), `packet ${i}`);
        }
      }
      assert.equal(
        exports.srtp_counters(cipher.handle, scratch.handle, 0, 0, scratch.handle, 0),
        0,
      );
      batch.release();
      scratch.release();
      cipher.dispose();
    }
  });
}
