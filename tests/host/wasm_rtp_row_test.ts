import assert from "node:assert/strict";
import fc from "fast-check";
import { hexDecode, hexEncode } from "../../src/base/mod.ts";
import {
  parseRtpRow,
  RTP_AT,
  RTP_COLUMNS,
  RTP_EXTENSION_AT,
  RTP_FLAGS,
  RTP_LENGTH,
  RTP_STATUS,
} from "../../src/rtp/mod.ts";
import { SRTP_MALFORMED, SRTP_OK } from "../../src/srtp/mod.ts";
import { WASM_BUILDS, WasmCore, wasmModule } from "../../src/host/wasm_core.ts";
import { fuzz } from "../fuzz.ts";
import { test } from "../harness.ts";

/** What neither parser may touch of a row. */
const UNTOUCHED = 0xeeeeeeee;

/** Packets at random, most of them nearly right: header, extension of either form, payload. */
const packets = fc.tuple(
  fc.integer({ min: 0, max: 255 }),
  fc.boolean(),
  fc.uint8Array({ minLength: 11, maxLength: 11 }),
  fc.constantFrom([0xbe, 0xde], [0x10, 0x00], [0x10, 0x0f], [0x10, 0x10], [0, 0]),
  fc.integer({ min: 0, max: 12 }),
  fc.uint8Array({ maxLength: 120 }),
  fc.constantFrom(0, 1, 4, 200),
).map(([first, valid, header, profile, words, rest, last]) => {
  const sources = (first & 15) > 3 ? 0 : 4 * (first & 15);
  const head = valid ? 0x80 | (first & 0x30) | (sources / 4) : first;
  const bytes = [head, ...header, ...new Uint8Array(sources), ...profile, 0, words, ...rest, last];
  return Uint8Array.from(bytes);
});

/** Elements of random length with random identifiers, many of them small numbers. */
const extensions = fc.tuple(
  fc.boolean(),
  fc.array(
    fc.oneof(
      fc.constant([0]),
      fc.tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 5 })),
    ),
    { maxLength: 30 },
  ),
).map(([oneByte, elements]) => {
  const data = elements.flatMap(([id, length]) => {
    if (id === 0 || length === undefined) return [0];
    const body = new Uint8Array(length);
    return oneByte ? [((id & 15) << 4) | length, ...body, 9] : [id, length, ...body];
  });
  while (data.length % 4 !== 0) data.push(0);
  const profile = oneByte ? [0xbe, 0xde] : [0x10, 0];
  const fixed = [0x90, 111, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3];
  return Uint8Array.from([...fixed, ...profile, 0, data.length / 4, ...data, 1, 2, 3]);
});

for (const build of WASM_BUILDS) {
  const module = wasmModule(build);
  if (module === undefined) continue; // Node 20 has no relaxed SIMD
  const { exports, scratch } = new WasmCore(module);

  const bothParse = (packet: Uint8Array): void => {
    const at = 5;
    const rows = new Uint32Array(2 * RTP_COLUMNS).fill(UNTOUCHED);
    scratch.bytes.set(packet, at);
    scratch.rows.set(rows);
    scratch.rows[RTP_AT] = at;
    scratch.rows[RTP_LENGTH] = packet.length;
    assert.equal(exports.rtp_parse(scratch.handle, 1), 1);
    const good = parseRtpRow(scratch.bytes, at, at + packet.length, rows, 0);
    const text = hexEncode(packet);
    assert.equal(scratch.rows[RTP_STATUS], good ? SRTP_OK : SRTP_MALFORMED, text);
    const filled = scratch.rows.slice(RTP_FLAGS, 2 * RTP_COLUMNS);
    assert.deepEqual(filled, rows.subarray(RTP_FLAGS), text);
  };

  test(`wasm (${build}): RTP rows equal those of TypeScript, column by column (RFC 3550, RFC 8285)`, () => {
    fc.assert(fc.property(fc.oneof(packets, extensions), bothParse), fuzz(1500));
  });

  test(`wasm (${build}): truncated RTP packets are refused alike (RFC 3550 appendix A.1)`, () => {
    const packet = hexDecode(
      "b2e01234000003c0deadbeef0000000100000002bede000310aa00210102f0113011000001020304000000000005",
    )!;
    for (let length = 0; length <= packet.length; length++) bothParse(packet.subarray(0, length));
    assert.notEqual(scratch.rows[RTP_EXTENSION_AT], UNTOUCHED);
  });

  test(`wasm (${build}): RTP packets outside of their arena are malformed; no row, no answer`, () => {
    for (const [at, length] of [[2 ** 32 - 1, 2], [scratch.bytes.length - 5, 6], [0, 2 ** 31]]) {
      scratch.rows[RTP_AT] = at!;
      scratch.rows[RTP_LENGTH] = length!;
      assert.equal(exports.rtp_parse(scratch.handle, 1), 1);
      assert.equal(scratch.rows[RTP_STATUS], SRTP_MALFORMED);
    }
    assert.equal(exports.rtp_parse(scratch.handle, 2 ** 31), 0);
    assert.equal(exports.rtp_parse(0, 1), 0);
  });
}
