import assert from "node:assert/strict";
import fc from "fast-check";
import { seededEntropy } from "../../src/base/mod.ts";
import { AeadBatch, tsCrypto } from "../../src/crypto/mod.ts";
import {
  type CoreExports,
  WASM_BUILDS,
  type WasmArena,
  WasmCore,
  wasmModule,
} from "../../src/host/wasm_core.ts";
import { fuzz } from "../fuzz.ts";
import { test } from "../harness.ts";

/** Numbers that are right, nearly right, or far out. */
const numbers = fc.oneof(
  fc.integer({ min: 0, max: 40 }),
  fc.integer({ min: 0, max: 5000 }),
  fc.constantFrom(2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32 - 16, 2 ** 24, 65536),
);

/** Every export with arguments at random. */
type Call = readonly [name: keyof CoreExports, args: number[]];

const ARITY: Readonly<Partial<Record<keyof CoreExports, number>>> = {
  arena_new: 2,
  arena_rows_at: 1,
  arena_bytes_at: 1,
  arena_free: 1,
  gcm_new: 2,
  gcm_free: 1,
  gcm_seal: 3,
  gcm_open: 3,
  gcm_open_sctp: 4,
  sctp_parse: 3,
  rtp_parse: 2,
  crc32c: 3,
};

const calls: fc.Arbitrary<Call> = fc.constantFrom(
  ...Object.entries(ARITY) as [keyof CoreExports, number][],
).chain(([name, arity]) =>
  fc.array(numbers, { minLength: arity, maxLength: arity }).map((args): Call => [name, args])
);

/** Whether the core still opens what TypeScript seals. */
function opensWhatOthersSeal(core: WasmCore): boolean {
  const { exports, scratch } = core;
  const entropy = seededEntropy(7);
  const key = new Uint8Array(16);
  entropy(key);
  const bytes = new Uint8Array(400);
  entropy(bytes);
  const batch = new AeadBatch(bytes, 1);
  batch.push(0, 12, 13, 30, 300);
  tsCrypto.createAead("aes-128-gcm", key).seal(batch);
  scratch.bytes.set(key);
  const handle = exports.gcm_new(scratch.handle, 16);
  scratch.bytes.set(bytes);
  scratch.rows.set(batch.rows);
  const answer = exports.gcm_open(handle, scratch.handle, 1);
  exports.gcm_free(handle);
  return answer === 1 && scratch.rows[5] === 1;
}

/** Arenas full of a pattern, which no call names. */
function guards(core: WasmCore): WasmArena[] {
  return Array.from({ length: 5 }, (_, i) => {
    const arena = core.newArena(50, 1000 + i)!;
    arena.rows.fill(0xa5a5a5a5);
    arena.bytes.fill(0x5a);
    return arena;
  });
}

const untouched = ({ rows, bytes }: WasmArena): boolean =>
  rows.every((number) => number === 0xa5a5a5a5) && bytes.every((byte) => byte === 0x5a);

for (const build of WASM_BUILDS) {
  const module = wasmModule(build);
  if (module === undefined) continue; // Node 20 has no relaxed SIMD

  test(`wasm (${build}): no call traps, whatever it is called with, and the core goes on working`, () => {
    fc.assert(
      fc.property(
        fc.array(calls, { minLength: 1, maxLength: 60 }),
        fc.array(numbers, { maxLength: 200 }),
        (sequence, garbage) => {
          const core = new WasmCore(module);
          core.scratch.rows.set(garbage);
          const keep = core.scratch.handle;
          for (const [name, args] of sequence) {
            // Its scratch is what the vector needs afterwards.
            if (name === "arena_free" && args[0] === keep) continue;
            (core.exports[name] as (...args: number[]) => unknown)(...args);
          }
          assert.ok(opensWhatOthersSeal(core));
        },
      ),
      fuzz(60),
    );
  });

  test(`wasm (${build}): rows at random change no byte outside of their arena, and none of others`, () => {
    const core = new WasmCore(module);
    const before = guards(core);
    const arena = core.newArena(300, 3000)!;
    const behind = guards(core);
    core.scratch.bytes.fill(1, 0, 16);
    const key = core.exports.gcm_new(core.scratch.handle, 16);
    const { exports } = core;
    fc.assert(
      fc.property(
        fc.array(numbers, { maxLength: 300 }),
        fc.constantFrom("gcm_seal", "gcm_open", "gcm_open_sctp", "sctp_parse", "rtp_parse"),
        fc.integer({ min: 0, max: 60 }),
        fc.nat(300),
        (rows, name, count, at) => {
          arena.rows.set(rows);
          const answers = {
            gcm_seal: () => exports.gcm_seal(key, arena.handle, count),
            gcm_open: () => exports.gcm_open(key, arena.handle, count),
            gcm_open_sctp: () => exports.gcm_open_sctp(key, arena.handle, count, at),
            sctp_parse: () => exports.sctp_parse(arena.handle, count, at),
            rtp_parse: () => exports.rtp_parse(arena.handle, count),
          };
          const answer = answers[name as keyof typeof answers]();
          assert.ok(answer >= 0 && answer <= 2, `${name}: ${answer}`);
          assert.ok([...before, ...behind].every(untouched), name);
        },
      ),
      fuzz(2000),
    );
    assert.ok(opensWhatOthersSeal(core));
  });

  test(`wasm (${build}): records that are right change their texts, tags and verdicts only`, () => {
    const core = new WasmCore(module);
    const arena = core.newArena(60, 3000)!;
    core.scratch.bytes.fill(1, 0, 16);
    const key = core.exports.gcm_new(core.scratch.handle, 16);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(40), fc.nat(250)), { minLength: 1, maxLength: 6 }),
        (records) => {
          arena.bytes.fill(0x77);
          const kept = new Uint8Array(arena.bytes.length).fill(1);
          let at = 0;
          records.forEach(([gap, length], i) => {
            const textAt = at + 12 + gap;
            arena.rows.set([at, at, 12 + gap, textAt, length, 9], 6 * i);
            kept.fill(0, textAt, textAt + length + 16);
            at = textAt + length + 16 + 5;
          });
          assert.equal(core.exports.gcm_seal(key, arena.handle, records.length), 1);
          const isKept = (byte: number, i: number): boolean => kept[i] === 0 || byte === 0x77;
          assert.ok(arena.bytes.every(isKept), "sealed");
          assert.equal(core.exports.gcm_open(key, arena.handle, records.length), 1);
          assert.ok(arena.bytes.every(isKept), "opened");
          records.forEach(([, length], i) => {
            const [, , , textAt, , ok] = arena.rows.subarray(6 * i);
            assert.equal(ok, 1);
            const text = arena.bytes.subarray(textAt, textAt! + length);
            assert.ok(text.every((byte) => byte === 0x77));
          });
        },
      ),
      fuzz(200),
    );
  });
}
