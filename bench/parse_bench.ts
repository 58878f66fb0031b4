/**
 * Parsing and checksums in the Rust core and in TypeScript, side by side in one process: ns per packet,
 * the best of several rounds that take turns, so that a busy machine disturbs all alike. Also runs in
 * Bun, and in Node where that takes TypeScript.
 *
 * ```sh
 * deno run --allow-all bench/parse_bench.ts
 * ```
 *
 * @module
 */
import { AEAD_COLUMNS } from "../src/crypto/mod.ts";
import { parseRtpRow, RTP_AT, RTP_COLUMNS, RTP_LENGTH, writeRtpPacket } from "../src/rtp/mod.ts";
import { parseSctpRow, SCTP_COLUMNS } from "../src/sctp/mod.ts";
import { crc32c } from "../src/sctp/crc32c.ts";
import { sealPacket } from "../src/sctp/packet.ts";
import { WASM_BUILDS, WasmCore, wasmModule } from "../src/host/wasm_core.ts";

const ROUNDS = 15;
const PACKETS_PER_ROUND = 6400;
const BATCH = 64;
const STRIDE = 1500;

/** Where a text lies in its slot: behind nonce, additional data and header. */
const TEXT_AT = 46;

const module = WASM_BUILDS.map(wasmModule).find((one) => one !== undefined);
if (module === undefined) throw new Error("no WebAssembly with SIMD here");
const core = new WasmCore(module);
const { exports, scratch } = core;
const PACKETS = BATCH * AEAD_COLUMNS;
const arena = core.newArena(PACKETS + BATCH * SCTP_COLUMNS, BATCH * STRIDE)!;
const rtp = core.newArena(BATCH * RTP_COLUMNS, BATCH * STRIDE)!;
const rows = new Uint32Array(BATCH * RTP_COLUMNS);
const key = exports.gcm_new(scratch.handle, 16);

/** What competes: `work` does a batch, once it is prepared. */
interface Contestant {
  readonly name: string;
  readonly prepare?: (batch: number) => void;
  readonly work: (batch: number) => void;
}

function compete(title: string, contestants: readonly Contestant[], batches = [1, BATCH]): void {
  for (const batch of batches) {
    const best = contestants.map(() => Infinity);
    for (let round = 0; round < ROUNDS; round++) {
      contestants.forEach(({ prepare, work }, i) => {
        let spent = 0;
        // What is prepared anew for each batch is not measured; the clock is not read more than needed.
        const start = performance.now();
        for (let done = 0; done < PACKETS_PER_ROUND; done += batch) {
          if (prepare !== undefined) {
            prepare(batch);
            spent -= performance.now();
          }
          work(batch);
          if (prepare !== undefined) spent += performance.now();
        }
        if (prepare === undefined) spent = performance.now() - start;
        best[i] = Math.min(best[i]!, 1e6 * spent / PACKETS_PER_ROUND);
      });
    }
    const figures = contestants.map(({ name }, i) => `${name} ${best[i]!.toFixed(0)}`).join(", ");
    console.log(`${title}, ${batch} a call: ${figures}`);
  }
}

function competeRtp(): void {
  const extensions = [3, 2, 1].map((length, i) => ({ id: i + 1, data: new Uint8Array(length) }));
  const fields = { payloadType: 96, sequenceNumber: 1, timestamp: 1, ssrc: 1, extensions };
  const payload = new Uint8Array(1160);
  let length = 0;
  for (let at = 0; at < BATCH * STRIDE; at += STRIDE) {
    length = writeRtpPacket({ ...fields, payload }, rtp.bytes, at) - at;
  }
  compete(`RTP row, ${length} B`, [
    {
      name: "TypeScript",
      work: (batch) => {
        for (let i = 0, at = 0; i < batch; i++, at += STRIDE) {
          parseRtpRow(rtp.bytes, at, at + length, rows, i * RTP_COLUMNS);
        }
      },
    },
    {
      name: "core",
      work: (batch) => {
        for (let i = 0; i < batch; i++) {
          rtp.rows[i * RTP_COLUMNS + RTP_AT] = i * STRIDE;
          rtp.rows[i * RTP_COLUMNS + RTP_LENGTH] = length;
        }
        exports.rtp_parse(rtp.handle, batch);
      },
    },
  ]);
}

function competeSctp(length: number, checksum: boolean): void {
  const packet = new Uint8Array(length);
  packet.set([0x13, 0x88, 0x13, 0x88, 1, 2, 3, 4]);
  packet.set([0, 3, (length - 12) >> 8, (length - 12) & 255], 12);
  if (checksum) sealPacket(packet, 0, length);
  const layOut = (batch: number): void => {
    for (let i = 0, at = 0; i < batch; i++, at += STRIDE) {
      arena.bytes.set(packet, at + TEXT_AT);
      arena.rows.set([at, at + 12, 13, at + TEXT_AT, length, 1], i * AEAD_COLUMNS);
    }
  };
  const parse = (batch: number): void => {
    for (let i = 0, at = TEXT_AT; i < batch; i++, at += STRIDE) {
      parseSctpRow(arena.bytes.subarray(at, at + length), at, rows, i * SCTP_COLUMNS);
    }
  };
  layOut(BATCH);
  const title = `SCTP row, ${length} B, ${checksum ? "CRC32c" : "no CRC32c"}`;
  compete(title, [
    { name: "TypeScript", work: parse },
    { name: "core", work: (batch) => exports.sctp_parse(arena.handle, batch, PACKETS) },
  ]);
  const prepare = (batch: number): void => {
    layOut(batch);
    exports.gcm_seal(key, arena.handle, batch);
  };
  const open = (batch: number): number => exports.gcm_open(key, arena.handle, batch);
  compete(`${title}, with opening`, [
    { name: "no rows", prepare, work: open },
    { name: "TypeScript", prepare, work: (batch) => (open(batch), parse(batch)) },
    {
      name: "core, same call",
      prepare,
      work: (batch) => exports.gcm_open_sctp(key, arena.handle, batch, PACKETS),
    },
  ], [BATCH]);
}

function competeChecksum(length: number): void {
  const bytes = arena.bytes.slice(0, length);
  compete(`CRC32c, ${length} B`, [
    { name: "TypeScript", work: () => void crc32c(bytes) },
    { name: "core", work: () => void exports.crc32c(arena.handle, 0, length) },
    {
      name: "core and a copy",
      work: () => {
        scratch.bytes.set(bytes);
        exports.crc32c(scratch.handle, 0, length);
      },
    },
  ], [1]);
}

competeRtp();
for (const length of [60, 1188]) {
  for (const checksum of [false, true]) competeSctp(length, checksum);
}
for (const length of [60, 200, 400, 1188]) competeChecksum(length);
