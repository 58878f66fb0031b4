import assert from "node:assert/strict";
import { randomBytes, seededEntropy } from "../../src/base/mod.ts";
import { WASM_BUILDS, WasmCore, wasmModule } from "../../src/host/wasm_core.ts";
import { test } from "../harness.ts";

/** Division bit by bit: the definition (RFC 9260 appendix A). */
function crc32c(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc >>> 0;
}

for (const build of WASM_BUILDS) {
  const module = wasmModule(build);
  if (module === undefined) continue; // Node 20 has no relaxed SIMD

  test(`wasm (${build}): CRC32c of every length equals division bit by bit (RFC 9260 appendix A)`, () => {
    const core = new WasmCore(module);
    const entropy = seededEntropy(0xc3c);
    const of = (bytes: Uint8Array): number => {
      core.scratch.bytes.set(bytes, 3);
      return core.exports.crc32c(core.scratch.handle, 3, bytes.length) >>> 0;
    };
    assert.equal(of(new TextEncoder().encode("123456789")), 0xe3069283); // RFC 3720 appendix B.4
    for (const length of [...Array(70).keys(), 1200, 2000]) {
      const bytes = randomBytes(entropy, length);
      assert.equal(of(bytes), crc32c(bytes), `${length} bytes`);
    }
    for (const length of [0, 300, 65_535]) {
      const bytes = randomBytes(entropy, length + 9);
      const expected = crc32c(bytes.subarray(4, 4 + length));
      assert.equal(core.crc32c(bytes, 4, 4 + length), expected, `${length} bytes in the middle`);
    }
    const { handle, bytes } = core.scratch;
    assert.equal(core.exports.crc32c(handle, 3, 2 ** 31), 0, "more than there is");
    assert.equal(
      core.exports.crc32c(handle, bytes.length - 4, 5),
      0,
      "one byte more than there is",
    );
    assert.equal(core.exports.crc32c(handle + 1, 0, 1), 0, "no such arena");
  });
}
