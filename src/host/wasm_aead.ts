/**
 * AES-GCM of the Rust core. A batch that lies in the memory of the key's own instance is worked on
 * where it lies; any other is copied there and back, 20 ns each way for 1200 bytes. What was copied
 * and opened last stays there until the next batch.
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
  AeadBatch,
  type AeadKey,
  PacketRows,
} from "../crypto/mod.ts";
import { SCTP_COLUMNS } from "../sctp/mod.ts";
import {
  SCRATCH_BYTES,
  SCRATCH_NUMBERS,
  WASM_DONE,
  WASM_OUTSIDE,
  WASM_UNKNOWN,
  type WasmArena,
  type WasmCore,
} from "./wasm_core.ts";

/** Rows that are copied together at most. */
const MAX_RUN_ROWS: number = Math.floor(SCRATCH_NUMBERS / AEAD_COLUMNS);

/** Rows that are copied together, and the stretch of memory that they cover. */
interface Run {
  endRow: number;
  from: number;
  to: number;
}

/** A batch in the memory of an instance. */
export class WasmAeadBatch extends AeadBatch {
  /** The memory. */
  readonly arena: WasmArena;
  override readonly packets: PacketRows | undefined;

  /** @param arena with `AEAD_COLUMNS` numbers for each row, and a row of SCTP for each or none behind */
  constructor(arena: WasmArena, maxRows: number) {
    const numbers = maxRows * AEAD_COLUMNS;
    super(arena.bytes, arena.rows.subarray(0, numbers));
    this.arena = arena;
    const others = arena.rows.subarray(numbers);
    this.packets = others.length > 0 ? new PacketRows(others) : undefined;
  }

  /** Which number of the arena's begins the SCTP row of the first record. */
  get firstPacket(): number {
    return this.rows.length + this.packets!.from * SCTP_COLUMNS;
  }

  /** Fills the SCTP rows of what a key opened that is none of the core's. */
  parsePackets(): void {
    const { arena, packets } = this;
    if (packets === undefined || packets.filled) return;
    const { exports } = arena.core;
    packets.filled = exports.sctp_parse(arena.handle, this.count, this.firstPacket) === WASM_DONE;
  }

  override release(): void {
    this.arena.release();
  }
}

/** What a key is asked to do with a batch. */
type Work = "gcm_seal" | "gcm_open";

/** A prepared AES-GCM key of 16 or 32 bytes. */
export class WasmGcmKey implements AeadKey {
  readonly #core: WasmCore;
  readonly #keep: () => void;
  readonly #run: Run = { endRow: 0, from: 0, to: 0 };
  #handle: number;

  private constructor(core: WasmCore, handle: number) {
    const { exports } = core;
    this.#core = core;
    this.#handle = handle;
    this.#keep = core.freeWhenForgotten(this, () => exports.gcm_free(handle));
  }

  /**
   * Prepares a key, or gives `undefined` where the instance has no room for it.
   *
   * @param key 16 or 32 bytes; the copy in the core's memory is wiped at once
   */
  static create(core: WasmCore, key: Uint8Array): WasmGcmKey | undefined {
    core.scratch.bytes.set(key);
    const handle = core.exports.gcm_new(core.scratch.handle, key.length);
    return handle === 0 ? undefined : new WasmGcmKey(core, handle);
  }

  /** @throws {RangeError} for a row outside of the batch's memory */
  seal(batch: AeadBatch): void {
    this.#work("gcm_seal", batch);
  }

  /** @throws {RangeError} for a row outside of the batch's memory */
  open(batch: AeadBatch): void {
    const { packets } = batch;
    if (packets !== undefined && this.#owns(batch)) {
      const { exports } = this.#core;
      const { arena, count, firstPacket } = batch;
      check(exports.gcm_open_sctp(this.#handle, arena.handle, count, firstPacket));
      packets.filled = true;
    } else this.#work("gcm_open", batch);
  }

  dispose(): void {
    this.#keep();
    this.#core.exports.gcm_free(this.#handle);
    this.#handle = 0;
  }

  #owns(batch: AeadBatch): batch is WasmAeadBatch {
    return batch instanceof WasmAeadBatch && batch.arena.core === this.#core;
  }

  #work(work: Work, batch: AeadBatch): void {
    if (this.#owns(batch)) {
      this.#call(work, batch.arena, batch.count);
      return;
    }
    const run = this.#run;
    for (let row = 0; row < batch.count; row = run.endRow) {
      findRun(batch, row, run);
      const length = run.to - run.from;
      if (length <= SCRATCH_BYTES) this.#workOnCopy(work, batch, row, this.#core.scratch);
      else this.#workOnLargeCopy(work, batch, row, length);
    }
  }

  /** One record that is longer than any of a protocol here. */
  #workOnLargeCopy(work: Work, batch: AeadBatch, row: number, length: number): void {
    const arena = this.#core.newArena(AEAD_COLUMNS, length);
    if (arena === undefined) throw new RangeError(`no memory for a record of ${length} bytes`);
    try {
      this.#workOnCopy(work, batch, row, arena);
    } finally {
      arena.release();
    }
  }

  #workOnCopy(work: Work, batch: AeadBatch, first: number, arena: WasmArena): void {
    const { endRow, from, to } = this.#run;
    copyRows(batch, first, this.#run, arena.rows);
    arena.bytes.set(batch.bytes.subarray(from, to));
    this.#call(work, arena, endRow - first);
    batch.bytes.set(arena.bytes.subarray(0, to - from), from);
    if (work === "gcm_seal") return;
    for (let row = first; row < endRow; row++) {
      const ok = arena.rows[(row - first) * AEAD_COLUMNS + AEAD_OK]!;
      batch.rows[row * AEAD_COLUMNS + AEAD_OK] = ok;
    }
  }

  #call(work: Work, arena: WasmArena, rows: number): void {
    check(this.#core.exports[work](this.#handle, arena.handle, rows));
  }
}

/** Texts that stay as they were must not be mistaken for sealed ones: every refusal throws. */
function check(answer: number): void {
  if (answer === WASM_UNKNOWN) throw new TypeError("this key or batch was given back");
  if (answer === WASM_OUTSIDE) throw new RangeError("a row leaves the memory of its batch");
}

/** Copies the rows of a run; offsets then count from its beginning. */
function copyRows(batch: AeadBatch, first: number, run: Run, rows: Uint32Array): void {
  const source = batch.rows;
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
}

/** Finds the rows from `first` on that are copied together: at least one, of any size. */
function findRun({ bytes, rows, count }: AeadBatch, first: number, run: Run): void {
  run.from = bytes.length;
  run.to = 0;
  run.endRow = first;
  const endRow = Math.min(count, first + MAX_RUN_ROWS);
  while (run.endRow < endRow) {
    const row = run.endRow * AEAD_COLUMNS;
    const nonceAt = rows[row + AEAD_NONCE_AT]!, aadAt = rows[row + AEAD_AAD_AT]!;
    const textAt = rows[row + AEAD_TEXT_AT]!;
    const nonceEnd = nonceAt + AEAD_NONCE_BYTES;
    const aadEnd = aadAt + rows[row + AEAD_AAD_LENGTH]!;
    const textEnd = textAt + rows[row + AEAD_TEXT_LENGTH]! + AEAD_TAG_BYTES;
    const from = Math.min(run.from, nonceAt, aadAt, textAt);
    const to = Math.max(run.to, nonceEnd, aadEnd, textEnd);
    if (to > bytes.length) throw new RangeError(`row ${run.endRow} leaves the memory`);
    if (run.endRow > first && to - from > SCRATCH_BYTES) return;
    run.from = from;
    run.to = to;
    run.endRow++;
  }
}
