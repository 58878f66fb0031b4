import assert from "node:assert/strict";
import process from "node:process";
import { equalBytes, readU16, seededEntropy, writeU16, writeU32 } from "../../src/base/mod.ts";
import { BySizeSrtpCipher } from "../../src/host/by_size_srtp.ts";
import { builtinModule } from "../../src/host/node_modules.ts";
import { HybridSrtpCipher, keystreamRoom } from "../../src/host/hybrid_srtp.ts";
import { detectHost } from "../../src/host/mod.ts";
import { nativeSrtp } from "../../src/host/native_srtp.ts";
import { selectSrtp } from "../../src/host/srtp_policy.ts";
import { WASM_BUILDS, WasmCores, wasmModule } from "../../src/host/wasm_core.ts";
import { cryptoFallback } from "../../src/host/wasm_refusal.ts";
import { wasmSrtp, WasmSrtpCipher } from "../../src/host/wasm_srtp.ts";
import { RTP_COLUMNS, RTP_LENGTH, RTP_STATUS } from "../../src/rtp/mod.ts";
import {
  deriveSessionKeys,
  SRTP_OK,
  type SrtpCipher,
  type SrtpCipherProvider,
  type SrtpProfile,
  srtpProfileParameters,
  SrtpReceiver,
  SrtpSender,
  tsSrtp,
} from "../../src/srtp/mod.ts";
import { test } from "../harness.ts";
import { crossCheck, testCiphers } from "../srtp/cipher_suite.ts";
import { statusOf } from "../srtp/support.ts";

const crypto = builtinModule("node:crypto")!;

/** Takes keystream from node:crypto for every packet, worth it or not. */
function hybrid(name: string, cores: WasmCores): SrtpCipherProvider {
  const wasm = wasmSrtp(tsSrtp, cores)!;
  return {
    name,
    createBatch: wasm.createBatch,
    createCipher: (options) =>
      cores.place((core) => {
        const room = keystreamRoom(core), inside = WasmSrtpCipher.create(core, options);
        const rule = { batchBlocks: 0, aheadBlocks: 0 };
        return room && inside && new HybridSrtpCipher(crypto, options, inside, room, rule);
      })!,
  };
}

const hybrids = WASM_BUILDS.flatMap((build) => {
  const module = wasmModule(build);
  return module === undefined ? [] : [hybrid(`wasm (${build}) + native`, new WasmCores(module))];
});

for (const provider of hybrids) {
  testCiphers(provider);
  crossCheck(provider, tsSrtp, 20_000);
}
crossCheck(selectSrtp(), nativeSrtp()!, 20_000);
crossCheck(withForced(undefined, () => selectSrtp(null)), tsSrtp, 15_000);

const PROFILES = ["SRTP_AES128_CM_HMAC_SHA1_80", "SRTP_AEAD_AES_256_GCM"] as const;

function masterKeys(profile: SrtpProfile): [Uint8Array, Uint8Array] {
  const { keyBytes, saltBytes } = srtpProfileParameters(profile);
  return [new Uint8Array(keyBytes).fill(5), new Uint8Array(saltBytes).fill(7)];
}

/** A stream of 3000 packets in batches of any size, some of them lost or late, across a rollover. */
function sendStream(
  sending: SrtpCipherProvider,
  receiving: SrtpCipherProvider,
  seed: number,
): void {
  const entropy = seededEntropy(seed), random = new Uint8Array(4);
  const below = (limit: number): number => {
    entropy(random);
    return readU16(random, 0) % limit;
  };
  const profile = PROFILES[seed % 2]!;
  const [masterKey, masterSalt] = masterKeys(profile);
  const sender = new SrtpSender({ profile, masterKey, masterSalt, ciphers: sending });
  const receiver = new SrtpReceiver({ profile, masterKey, masterSalt, ciphers: receiving });
  const slot = 1600, batch = sender.createBatch(20 * slot, 20), far = receiver.createBatch(slot, 1);
  let usual = 100;
  for (let sequence = 64_000; sequence < 67_000;) {
    batch.count = 0;
    if (below(50) === 0) usual = 1 + below(1400);
    for (let i = below(3) === 0 ? below(20) : 0; i >= 0; i--) {
      const at = batch.count * slot, length = 12 + 1 + below(usual);
      batch.bytes.fill(sequence, at, at + length);
      batch.bytes[at] = 0x80;
      writeU16(batch.bytes, at + 2, sequence++);
      writeU32(batch.bytes, at + 8, 1 + below(2));
      batch.push(at, length);
    }
    sender.protect(batch);
    for (let i = 0; i < batch.count; i++) {
      if (below(10) === 0) continue;
      const at = i * slot, length = batch.rows[i * RTP_COLUMNS + RTP_LENGTH]!;
      far.bytes.set(batch.bytes.subarray(at, at + length));
      far.count = 0;
      far.push(0, length);
      receiver.unprotect(far);
      const text = far.bytes[12]!, right = far.bytes[3]!;
      assert.equal(far.rows[RTP_STATUS], SRTP_OK, `seed ${seed}, packet ${readU16(far.bytes, 2)}`);
      assert.equal(text, right, `seed ${seed}, packet ${readU16(far.bytes, 2)}`);
    }
  }
  for (const part of [batch, far]) part.release();
  sender.dispose();
  receiver.dispose();
}

test("streams with loss and rollover pass between any two providers (RFC 3711 §3.3.1)", () => {
  const providers = [tsSrtp, nativeSrtp()!, selectSrtp(), ...hybrids];
  let seed = 1;
  for (const sending of providers) {
    for (const receiving of providers) sendStream(sending, receiving, seed++);
  }
});

test("a batch with more keystream than there is room for at once is worked on in parts", () => {
  for (const provider of hybrids) {
    for (const profile of PROFILES) {
      const options = { profile, ...deriveSessionKeys(profile, ...masterKeys(profile)) };
      const [cipher, reference] = [provider, tsSrtp].map((one) => one.createCipher(options));
      const [batch, right] = [provider, tsSrtp].map((one) => one.createBatch(200 * 1500, 200));
      for (const one of [batch!, right!]) {
        for (let i = 0; i < 200; i++) {
          one.bytes.set([0x80, 96, 0, i], i * 1500);
          one.push(i * 1500, i === 77 ? 5 : 1400 + i % 60); // one of them malformed
        }
      }
      cipher!.protect(batch!);
      reference!.protect(right!);
      assert.ok(equalBytes(batch!.bytes, right!.bytes));
      cipher!.unprotect(batch!);
      const statuses = Array.from({ length: 200 }, (_, i) => statusOf(batch!, i));
      assert.deepEqual(statuses.flatMap((status, i) => status === SRTP_OK ? [] : [i]), [77]);
      for (const one of [batch!, right!]) one.release();
      for (const one of [cipher!, reference!]) one.dispose();
    }
  }
});

/** Notes what it is asked to do. */
function recorder(name: string, calls: string[]): SrtpCipher {
  return {
    protect: () => calls.push(`${name} protect`),
    unprotect: () => calls.push(`${name} unprotect`),
    protectControl: () => calls.push(`${name} protectControl`),
    unprotectControl: () => calls.push(`${name} unprotectControl`),
    dispose: () => calls.push(`${name} dispose`),
  };
}

test("batches go by the mean length of their packets, and by how many they are", () => {
  const calls: string[] = [];
  const cipher = new BySizeSrtpCipher(recorder("short", calls), recorder("long", calls), {
    few: 500,
    some: 1000,
    many: Infinity,
  });
  const goes = (...lengths: number[]): string => {
    const batch = tsSrtp.createBatch(0, 16);
    for (const length of lengths) batch.push(0, length);
    cipher.protect(batch);
    cipher.unprotect(batch);
    const [one, other] = calls.splice(0, 2).map((call) => call.split(" ")[0]);
    assert.equal(one, other);
    return one!;
  };
  assert.equal(goes(499), "short");
  assert.equal(goes(500), "long");
  assert.equal(goes(100, 900), "long");
  assert.equal(goes(...new Array<number>(7).fill(999)), "long");
  assert.equal(goes(...new Array<number>(8).fill(999)), "short");
  assert.equal(goes(0, 2000, ...new Array<number>(13).fill(1000)), "long");
  assert.equal(goes(...new Array<number>(16).fill(9999)), "short");
  cipher.protectControl(tsSrtp.createBatch(0, 1));
  cipher.unprotectControl(tsSrtp.createBatch(0, 1));
  cipher.dispose();
  assert.deepEqual(calls, [
    "short protectControl",
    "short unprotectControl",
    "short dispose",
    "long dispose",
  ]);
});

test("where the core has no room left, ciphers and batches come from elsewhere", () => {
  const module = WASM_BUILDS.map(wasmModule).find((found) => found !== undefined)!;
  const full = new WasmCores(module);
  full.place = () => undefined;
  const provider = withForced(undefined, () => selectSrtp(full));
  sendStream(provider, tsSrtp, 1);
  sendStream(tsSrtp, provider, 2);
});

function withForced<T>(value: string | undefined, body: () => T): T {
  const before = process.env["STERNA_CRYPTO"];
  const set = (text: string | undefined): void => {
    if (text === undefined) delete process.env["STERNA_CRYPTO"];
    else process.env["STERNA_CRYPTO"] = text;
  };
  set(value);
  try {
    return body();
  } finally {
    set(before);
  }
}

test("STERNA_CRYPTO forces a source of SRTP ciphers, and nothing else is accepted", () => {
  for (const name of ["ts", "native", "wasm"]) {
    assert.equal(withForced(name, selectSrtp).name, name);
  }
  assert.throws(() => withForced("rot13", selectSrtp), { code: "unsupported" });
  assert.throws(() => withForced("wasm", () => selectSrtp(null)), { code: "unsupported" });
});

test("without STERNA_CRYPTO, SRTP comes from the core with keystream of node:crypto", () => {
  assert.equal(withForced(undefined, selectSrtp).name, "wasm+native");
  assert.equal(withForced("", selectSrtp).name, "wasm+native");
  const forced = process.env["STERNA_CRYPTO"];
  assert.equal(detectHost().srtp.name, forced ? forced : "wasm+native");
});

test("where WebAssembly is refused, SRTP does without it and the host tells why", () => {
  assert.equal(withForced(undefined, () => selectSrtp(null)).name, "native");
  assert.equal(withForced(undefined, () => cryptoFallback(null)), "WebAssembly refused");
  assert.equal(withForced("ts", () => cryptoFallback(null)), undefined, "as asked for");
  assert.equal(withForced(undefined, () => cryptoFallback()), undefined, "there is a core");
});

test("the host tells what of WebAssembly is missing", () => {
  const { validate } = WebAssembly;
  WebAssembly.validate = () => false;
  try {
    assert.equal(withForced(undefined, () => cryptoFallback(null)), "no SIMD in WebAssembly");
  } finally {
    WebAssembly.validate = validate;
  }
  const globals = globalThis as { WebAssembly?: typeof WebAssembly | undefined };
  const { WebAssembly: wasm } = globals;
  delete globals.WebAssembly;
  try {
    assert.equal(withForced(undefined, () => cryptoFallback(null)), "no WebAssembly");
  } finally {
    globals.WebAssembly = wasm;
  }
});
