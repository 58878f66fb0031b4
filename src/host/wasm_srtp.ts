/**
 * SRTP of the Rust core. Batches in the memory of a cipher's own instance are worked on where they
 * lie; packets of others are copied there and back, one by one.
 */
import {
  RTP_AT,
  RTP_COLUMNS,
  RTP_EXTENSION_AT,
  RTP_FLAGS,
  RTP_INDEX,
  RTP_LENGTH,
  RTP_PAYLOAD_AT,
  RTP_STATUS,
} from "../rtp/mod.ts";
import {
  SRTP_MALFORMED,
  SRTP_OK,
  SRTP_REFUSED,
  SRTP_TAILROOM_BYTES,
  type SrtpBatch,
  type SrtpCipher,
  type SrtpCipherOptions,
  type SrtpCipherProvider,
  type SrtpProfile,
  tsSrtp,
} from "../srtp/mod.ts";
import {
  SCRATCH_BYTES,
  SCRATCH_NUMBERS,
  WASM_UNKNOWN,
  type WasmArena,
  type WasmCore,
  type WasmCores,
  wasmCores,
} from "./wasm_core.ts";

/** What DTLS calls them (RFC 5764 §4.1.2, RFC 7714 §14.2), and so do the exports. */
const PROFILE_NUMBERS: Readonly<Record<SrtpProfile, number>> = {
  SRTP_AES128_CM_HMAC_SHA1_80: 1,
  SRTP_AES128_CM_HMAC_SHA1_32: 2,
  SRTP_AEAD_AES_128_GCM: 7,
  SRTP_AEAD_AES_256_GCM: 8,
};

/** Rows that are copied together at most. */
const MAX_COPIED_ROWS: number = Math.floor(SCRATCH_NUMBERS / RTP_COLUMNS);

/** Longer than any packet that the core does not call malformed. */
const MAX_COPIED_BYTES: number = 0xffff + SRTP_TAILROOM_BYTES;

/** A batch in the memory of an instance. */
export class WasmSrtpBatch implements SrtpBatch {
  /** The memory. */
  readonly arena: WasmArena;
  readonly bytes: Uint8Array;
  readonly rows: Uint32Array;
  count = 0;

  /** @param arena with `RTP_COLUMNS` numbers for each row */
  constructor(arena: WasmArena) {
    this.arena = arena;
    this.bytes = arena.bytes;
    this.rows = arena.rows;
  }

  push(at: number, length: number): void {
    const rows = this.rows, row = this.count++ * RTP_COLUMNS;
    rows[row + RTP_AT] = at;
    rows[row + RTP_LENGTH] = length;
    rows[row + RTP_INDEX] = 0;
    rows[row + RTP_STATUS] = SRTP_REFUSED;
  }

  release(): void {
    this.arena.release();
  }
}

/** What the core is asked to do with a batch. */
export type SrtpWork =
  | "srtp_protect"
  | "srtp_unprotect"
  | "srtp_protect_control"
  | "srtp_unprotect_control";

/** Prepared session keys in an instance. */
export class WasmSrtpCipher implements SrtpCipher {
  /** The instance. */
  readonly core: WasmCore;
  readonly #keep: () => void;
  #handle: number;

  private constructor(core: WasmCore, handle: number) {
    const { exports } = core;
    this.core = core;
    this.#handle = handle;
    this.#keep = core.freeWhenForgotten(this, () => exports.srtp_free(handle));
  }

  /**
   * Prepares session keys, or gives `undefined` where the instance has no room for them. The copy in
   * its memory is wiped at once.
   */
  static create(core: WasmCore, options: SrtpCipherOptions): WasmSrtpCipher | undefined {
    const { rtp, rtcp, profile, cryptex } = options, { scratch, exports } = core;
    let end = 0;
    for (const part of [rtp.key, rtp.salt, rtp.authKey, rtcp.key, rtcp.salt, rtcp.authKey]) {
      scratch.bytes.set(part, end);
      end += part.length;
    }
    const handle = exports.srtp_new(scratch.handle, PROFILE_NUMBERS[profile], cryptex ? 1 : 0);
    return handle === 0 ? undefined : new WasmSrtpCipher(core, handle);
  }

  /** What the exports call these keys; 0, which they refuse, once they are disposed of. */
  get handle(): number {
    return this.#handle;
  }

  protect(batch: SrtpBatch): void {
    this.#work("srtp_protect", batch);
  }

  unprotect(batch: SrtpBatch): void {
    this.#work("srtp_unprotect", batch);
  }

  protectControl(batch: SrtpBatch): void {
    this.#work("srtp_protect_control", batch);
  }

  unprotectControl(batch: SrtpBatch): void {
    this.#work("srtp_unprotect_control", batch);
  }

  dispose(): void {
    if (this.#handle === 0) return;
    this.#keep();
    this.core.exports.srtp_free(this.#handle);
    this.#handle = 0;
  }

  #work(work: SrtpWork, batch: SrtpBatch): void {
    if (batch instanceof WasmSrtpBatch && batch.arena.core === this.core) {
      this.#call(work, batch.arena, batch.count);
      return;
    }
    const { scratch } = this.core;
    for (let row = 0; row < batch.count;) {
      const rows = copyIn(batch, row, scratch);
      this.#call(work, scratch, rows);
      copyOut(work, batch, row, scratch, rows);
      row += rows;
    }
  }

  /** Packets that stay as they were must not be mistaken for protected ones. */
  #call(work: SrtpWork, arena: WasmArena, rows: number): void {
    const answer = this.core.exports[work](this.#handle, arena.handle, rows);
    if (answer === WASM_UNKNOWN) throw new TypeError("this cipher or batch was given back");
  }
}

/**
 * Copies packets from row `first` on, as many as there is room for, each with room for its tag behind
 * it; returns how many. What leaves its memory is malformed, and so is a packet without bytes.
 */
export function copyIn(
  { bytes, rows, count }: SrtpBatch,
  first: number,
  { bytes: memory, rows: target }: WasmArena,
): number {
  const last = Math.min(count, first + MAX_COPIED_ROWS);
  let row = first, from = first * RTP_COLUMNS, to = 0, slot = 0;
  for (; row < last; row++, from += RTP_COLUMNS, to += RTP_COLUMNS) {
    const at = rows[from + RTP_AT]!;
    let length = rows[from + RTP_LENGTH]!;
    if (length > MAX_COPIED_BYTES || at + length > bytes.length) length = 0;
    if (slot + length + SRTP_TAILROOM_BYTES > SCRATCH_BYTES) break;
    if (length > 0) memory.set(bytes.subarray(at, at + length), slot);
    for (let column = 0; column < RTP_COLUMNS; column++) target[to + column] = rows[from + column]!;
    target[to + RTP_AT] = slot;
    target[to + RTP_LENGTH] = length;
    slot += length + SRTP_TAILROOM_BYTES;
  }
  return row - first;
}

/** Copies `count` packets back to the rows from `first` on, but those that the core left alone. */
export function copyOut(
  work: SrtpWork,
  { bytes, rows }: SrtpBatch,
  first: number,
  scratch: WasmArena,
  count: number,
): void {
  const source = scratch.rows, memory = scratch.bytes;
  let from = 0, to = first * RTP_COLUMNS;
  for (; from < count * RTP_COLUMNS; from += RTP_COLUMNS, to += RTP_COLUMNS) {
    const at = rows[to + RTP_AT]!, slot = source[from + RTP_AT]!;
    const length = source[from + RTP_LENGTH]!;
    let status = source[from + RTP_STATUS]!;
    // There was room for the tag in the copy.
    if (at + length > bytes.length) status = SRTP_MALFORMED;
    else if (status !== SRTP_REFUSED && length > 0) {
      bytes.set(memory.subarray(slot, slot + length), at);
    }
    rows[to + RTP_STATUS] = status;
    if (status !== SRTP_OK) continue;
    rows[to + RTP_LENGTH] = length;
    rows[to + RTP_INDEX] = source[from + RTP_INDEX]!;
    if (work !== "srtp_unprotect") continue;
    for (let column = RTP_FLAGS; column < RTP_COLUMNS; column++) {
      rows[to + column] = source[from + column]!;
    }
    rows[to + RTP_PAYLOAD_AT]! += at - slot;
    if (rows[to + RTP_EXTENSION_AT]! !== 0) rows[to + RTP_EXTENSION_AT]! += at - slot;
  }
}

/**
 * The provider over the Rust core, or `undefined` where WebAssembly with SIMD is refused.
 *
 * @param rest where ciphers and batches come from that find no room
 * @param cores instances to use instead of the shared ones; `null` where there are none
 */
export function wasmSrtp(
  rest: SrtpCipherProvider = tsSrtp,
  cores: WasmCores | null = wasmCores(),
): SrtpCipherProvider | undefined {
  if (cores === null) return undefined;
  return {
    name: "wasm",
    createCipher: (options) =>
      cores.place((core) => WasmSrtpCipher.create(core, options)) ?? rest.createCipher(options),
    createBatch: (byteLength, maxRows) => {
      const arena = cores.place((core) => core.newArena(maxRows * RTP_COLUMNS, byteLength));
      return arena ? new WasmSrtpBatch(arena) : rest.createBatch(byteLength, maxRows);
    },
  };
}
