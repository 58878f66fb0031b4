/**
 * AES-GCM of the Rust core. A batch is copied into the core's memory and back, 20 ns each way for
 * 1200 bytes, so that callers may keep their records wherever they like. What was opened last stays
 * there until the next batch.
 */
import {
  AEAD_AAD_AT,
  AEAD_AAD_LENGTH,
  AEAD_COLUMNS,
  AEAD_NONCE_AT,
  AEAD_NONCE_BYTES,
  AEAD_OK,
  AEAD_TAG_BYTES,
  AEAD_TEXT_AT,
  AEAD_TEXT_LENGTH,
  type AeadBatch,
  type AeadKey,
} from "../crypto/mod.ts";
import type { WasmCore } from "./wasm_core.ts";

/** Records are copied together as long as they lie within this many bytes: an arena of DTLS. */
const MAX_RUN_BYTES: number = 192 * 1024;

/** Frees the keys of objects that were forgotten without being disposed of. */
const forgotten: FinalizationRegistry<() => void> = new FinalizationRegistry((free) => free());

/** Rows that are copied together, and the stretch of memory that they cover. */
interface Run {
  endRow: number;
  from: number;
  to: number;
}

/** A prepared AES-GCM key of 16 or 32 bytes. */
export class WasmGcmKey implements AeadKey {
  readonly #core: WasmCore;
  #handle: number;
  readonly #run: Run = { endRow: 0, from: 0, to: 0 };

  /** @param key 16 or 32 bytes; the copy in the core's memory is wiped at once */
  constructor(core: WasmCore, key: Uint8Array) {
    this.#core = core;
    core.reserve(1, Math.max(key.length, MAX_RUN_BYTES));
    core.bytes.set(key);
    const { exports } = core;
    const handle = this.#handle = exports.gcm_new(key.length);
    forgotten.register(this, () => exports.gcm_free(handle), this);
  }

  /** @throws {RangeError} for a row outside of the batch's memory; nothing is sealed then */
  seal(batch: AeadBatch): void {
    for (let row = 0; row < batch.count; row = this.#run.endRow) {
      this.#copyIn(batch, row);
      const done = this.#core.exports.gcm_seal(this.#handle, this.#run.endRow - row);
      this.#copyOut(batch, done);
    }
  }

  /** @throws {RangeError} for a row outside of the batch's memory; nothing is opened then */
  open(batch: AeadBatch): void {
    for (let row = 0; row < batch.count; row = this.#run.endRow) {
      this.#copyIn(batch, row);
      const done = this.#core.exports.gcm_open(this.#handle, this.#run.endRow - row);
      this.#copyOut(batch, done);
      this.#readVerdicts(batch, row);
    }
  }

  dispose(): void {
    forgotten.unregister(this);
    this.#core.exports.gcm_free(this.#handle);
    this.#handle = 0;
  }

  /** Copies as many rows from `first` on as lie close together, with their records. */
  #copyIn(batch: AeadBatch, first: number): void {
    const core = this.#core, run = this.#run;
    findRun(batch, first, run);
    core.reserve(run.endRow - first, run.to - run.from);
    const source = batch.rows, rows = core.rows;
    const end = (run.endRow - first) * AEAD_COLUMNS;
    for (let to = 0, from = first * AEAD_COLUMNS; to < end; to += AEAD_COLUMNS) {
      rows[to + AEAD_NONCE_AT] = source[from + AEAD_NONCE_AT]! - run.from;
      rows[to + AEAD_AAD_AT] = source[from + AEAD_AAD_AT]! - run.from;
      rows[to + AEAD_AAD_LENGTH] = source[from + AEAD_AAD_LENGTH]!;
      rows[to + AEAD_TEXT_AT] = source[from + AEAD_TEXT_AT]! - run.from;
      rows[to + AEAD_TEXT_LENGTH] = source[from + AEAD_TEXT_LENGTH]!;
      rows[to + AEAD_OK] = 0;
      from += AEAD_COLUMNS;
    }
    core.bytes.set(batch.bytes.subarray(run.from, run.to));
  }

  #copyOut(batch: AeadBatch, done: number): void {
    // Texts that stay as they were must not be mistaken for sealed ones.
    if (done === 0) throw new TypeError("this key is disposed of");
    const run = this.#run;
    batch.bytes.set(this.#core.bytes.subarray(0, run.to - run.from), run.from);
  }

  #readVerdicts(batch: AeadBatch, first: number): void {
    const rows = this.#core.rows;
    for (let row = first; row < this.#run.endRow; row++) {
      const ok = rows[(row - first) * AEAD_COLUMNS + AEAD_OK]!;
      batch.rows[row * AEAD_COLUMNS + AEAD_OK] = ok;
    }
  }
}

/** Finds the rows from `first` on that are copied together: at least one, of any size. */
function findRun({ bytes, rows, count }: AeadBatch, first: number, run: Run): void {
  run.from = bytes.length;
  run.to = 0;
  run.endRow = first;
  while (run.endRow < count) {
    const row = run.endRow * AEAD_COLUMNS;
    const nonceAt = rows[row + AEAD_NONCE_AT]!, aadAt = rows[row + AEAD_AAD_AT]!;
    const textAt = rows[row + AEAD_TEXT_AT]!;
    const nonceEnd = nonceAt + AEAD_NONCE_BYTES;
    const aadEnd = aadAt + rows[row + AEAD_AAD_LENGTH]!;
    const textEnd = textAt + rows[row + AEAD_TEXT_LENGTH]! + AEAD_TAG_BYTES;
    const from = Math.min(run.from, nonceAt, aadAt, textAt);
    const to = Math.max(run.to, nonceEnd, aadEnd, textEnd);
    if (to > bytes.length) throw new RangeError(`row ${run.endRow} leaves the memory`);
    if (run.endRow > first && to - from > MAX_RUN_BYTES) return;
    run.from = from;
    run.to = to;
    run.endRow++;
  }
}
