import assert from "node:assert/strict";
import fc from "fast-check";
import { hexEncode } from "../../src/base/mod.ts";
import {
  AEAD_COLUMNS,
  AEAD_OK,
  AEAD_TEXT_AT,
  AEAD_TEXT_LENGTH,
  type AeadBatch,
  type CryptoProvider,
  tsCrypto,
} from "../../src/crypto/mod.ts";
import {
  parseSctpRow,
  SCTP_CHECKSUM,
  SCTP_CHECKSUM_RIGHT,
  SCTP_CHECKSUM_WRONG,
  SCTP_CHECKSUM_ZERO,
  SCTP_CHUNK_COUNT,
  SCTP_CHUNKS,
  SCTP_COLUMNS,
  SCTP_NONE,
  SCTP_STATUS,
} from "../../src/sctp/mod.ts";
import { sealPacket } from "../../src/sctp/packet.ts";
import { aeadByLength } from "../../src/host/by_length_aead.ts";
import { WASM_BUILDS, WasmCore, WasmCores, wasmModule } from "../../src/host/wasm_core.ts";
import { wasmCrypto } from "../../src/host/wasm_crypto.ts";
import { fuzz } from "../fuzz.ts";
import { test } from "../harness.ts";

/** What neither parser may touch of a row. */
const UNTOUCHED = 0xeeeeeeee;

type Checksum = "zero" | "right" | "wrong";

/** Packets of up to 12 chunks, the lengths of which are mostly right, cut off anywhere. */
const packets = fc.tuple(
  fc.uint8Array({ minLength: 8, maxLength: 8 }),
  fc.array(
    fc.record({
      head: fc.uint8Array({ minLength: 2, maxLength: 2 }),
      length: fc.integer({ min: 0, max: 40 }),
      lie: fc.constantFrom(0, 0, 0, 0, 0, 0, -1, -4, 1, 5, 60000),
    }),
    { maxLength: 12 },
  ),
  fc.constantFrom<Checksum>("zero", "right", "wrong"),
  fc.constantFrom(0, 0, 0, 1, 2, 3, 4, 9),
).map(([header, chunks, checksum, cut]) => {
  const bytes = [...header, 0, 0, 0, 0];
  for (const { head, length, lie } of chunks) {
    const told = Math.max(0, 4 + length + lie) & 0xffff;
    bytes.push(...head, told >> 8, told & 255, ...new Uint8Array((length + 3) & ~3).fill(7));
  }
  const packet = Uint8Array.from(bytes.slice(0, Math.max(0, bytes.length - cut)));
  if (packet.length < 12 || checksum === "zero") return packet;
  sealPacket(packet, 0, packet.length);
  if (checksum === "wrong") packet[9]! ^= 1;
  return packet;
});

/** The row of `packet` by TypeScript, over numbers that must not change. */
function ownRow(packet: Uint8Array, at: number): Uint32Array {
  const rows = new Uint32Array(SCTP_COLUMNS).fill(UNTOUCHED);
  parseSctpRow(packet, at, rows, 0);
  return rows;
}

test("SCTP rows tell checksums apart and list chunks (RFC 9260 §3.1, §3.2, RFC 9653)", () => {
  const packet = Uint8Array.of(0x13, 0x88, 0x13, 0x89, 1, 2, 3, 4, 0, 0, 0, 0, 11, 0, 0, 4, 6, 1);
  assert.equal(ownRow(packet.subarray(0, 15), 0)[SCTP_STATUS], SCTP_NONE);
  const whole = packet.slice(0, 16);
  assert.deepEqual([...ownRow(whole, 5).subarray(0, 10)], [
    ...[5, 16, 1, 0x13881389, 0x01020304, SCTP_CHECKSUM_ZERO, 1, 0x0b000004, 12],
    UNTOUCHED,
  ]);
  sealPacket(whole, 0, 16);
  assert.equal(ownRow(whole, 0)[SCTP_CHECKSUM], SCTP_CHECKSUM_RIGHT);
  whole[3]!++;
  assert.equal(ownRow(whole, 0)[SCTP_CHECKSUM], SCTP_CHECKSUM_WRONG);
  const truncated = ownRow(packet, 0);
  assert.deepEqual([truncated[SCTP_STATUS], truncated[SCTP_CHUNK_COUNT]], [2, 1]);
  const many = new Uint8Array(12 + 4 * 20);
  for (let at = 12; at < many.length; at += 4) many.set([11, 0, 0, 4], at);
  const listed = ownRow(many, 0);
  assert.equal(listed[SCTP_CHUNK_COUNT], 20);
  assert.equal(listed[SCTP_COLUMNS - 1], 12 + 4 * 7);
});

for (const build of WASM_BUILDS) {
  const module = wasmModule(build);
  if (module === undefined) continue; // Node 20 has no relaxed SIMD
  const { exports, scratch } = new WasmCore(module);

  test(`wasm (${build}): SCTP rows equal those of TypeScript, column by column (RFC 9260 §3)`, () => {
    const bothParse = (packet: Uint8Array): void => {
      const at = 7, packetsAt = AEAD_COLUMNS;
      scratch.bytes.set(packet, at);
      scratch.rows.fill(UNTOUCHED, 0, packetsAt + 2 * SCTP_COLUMNS);
      scratch.rows.set([0, 0, 0, at, packet.length, 1]);
      assert.equal(exports.sctp_parse(scratch.handle, 1, packetsAt), 1);
      const core = scratch.rows.slice(packetsAt, packetsAt + SCTP_COLUMNS);
      assert.deepEqual(core, ownRow(packet, at), hexEncode(packet));
      assert.equal(scratch.rows[packetsAt + SCTP_COLUMNS], UNTOUCHED);
    };
    fc.assert(fc.property(packets, bothParse), fuzz(1000));
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), bothParse), fuzz(300));
  });

  test(`wasm (${build}): texts that were refused, or leave the memory, are no packets`, () => {
    const rowsAt = AEAD_COLUMNS;
    for (const [at, length, ok] of [[0, 16, 0], [2 ** 32 - 8, 16, 1], [0, 2 ** 31, 1]] as const) {
      scratch.rows[AEAD_TEXT_AT] = at;
      scratch.rows[AEAD_TEXT_LENGTH] = length;
      scratch.rows[AEAD_OK] = ok;
      scratch.rows[rowsAt + SCTP_STATUS] = UNTOUCHED;
      assert.equal(exports.sctp_parse(scratch.handle, 1, rowsAt), 1);
      assert.equal(scratch.rows[rowsAt + SCTP_STATUS], SCTP_NONE);
    }
    assert.equal(exports.sctp_parse(scratch.handle, 2, rowsAt), 0, "rows into each other");
    assert.equal(exports.sctp_parse(scratch.handle, 1, scratch.rows.length - 1), 0, "no room");
    assert.equal(exports.sctp_parse(scratch.handle, 0, 2 ** 31), 0, "not even for nothing");
  });

  /** Seals `text` three times, spoils the second, and opens. */
  const openThree = (crypto: CryptoProvider, text: Uint8Array): AeadBatch => {
    const key = crypto.createAead("aes-128-gcm", new Uint8Array(16));
    const stride = 50 + text.length;
    const batch = crypto.createAeadBatch(3 * stride, 4, "sctp");
    for (let at = 0; at < 3 * stride; at += stride) {
      batch.bytes.set(text, at + 30);
      batch.push(at, at + 12, 13, at + 30, text.length);
    }
    key.seal(batch);
    batch.bytes[stride + 30]! ^= 1;
    if (batch.packets !== undefined) batch.packets.from = 1;
    key.open(batch);
    key.dispose();
    return batch;
  };

  test(`wasm (${build}): the call that opens a batch describes its SCTP packets`, () => {
    const cores = wasmCrypto(tsCrypto, new WasmCores(module))!;
    const mixed = { ...cores, createAead: aeadByLength(cores, tsCrypto, 100) };
    for (const crypto of [cores, mixed]) {
      for (const length of [16, 1200]) {
        const text = new Uint8Array(length);
        text.set([0x13, 0x88, 0x13, 0x88, 1, 2, 3, 4, 0, 0, 0, 0, 0, 3, length >> 8, length - 12]);
        sealPacket(text, 0, length);
        const batch = openThree(crypto, text);
        const { rows, filled } = batch.packets!;
        assert.ok(filled);
        const row = (index: number): Uint32Array =>
          rows.subarray(index * SCTP_COLUMNS, (index + 1) * SCTP_COLUMNS);
        const parsed = new Uint32Array(SCTP_COLUMNS);
        parseSctpRow(text, 30, parsed, 0);
        assert.deepEqual(row(1), parsed);
        assert.equal(row(2)[SCTP_STATUS], SCTP_NONE, "the refused one");
        assert.equal(row(3)[SCTP_CHUNKS], parsed[SCTP_CHUNKS]);
        assert.ok(row(0).every((number) => number === 0), "the row before them");
        batch.release();
      }
    }
    assert.equal(tsCrypto.createAeadBatch(100, 1, "sctp").packets, undefined);
  });
}
