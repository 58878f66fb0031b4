/**
 * SRTP of the Rust core with keystream of node:crypto, whose AES is ten times as fast as any in
 * WebAssembly: one call encrypts the counter blocks of a batch, or of packets to come, and the core
 * does all the rest. `rust-crypto/src/exports/srtp.rs` has the steps.
 */
import type * as NodeCrypto from "node:crypto";
import {
  RTP_AT,
  RTP_COLUMNS,
  RTP_FIXED_HEADER_BYTES,
  RTP_INDEX,
  RTP_LENGTH,
  RTP_STATUS,
  rtpSequenceNumber,
  rtpSsrc,
} from "../rtp/mod.ts";
import {
  SRTP_OK,
  SRTP_TAILROOM_BYTES,
  type SrtpBatch,
  type SrtpCipher,
  type SrtpCipherOptions,
  srtpProfileParameters,
} from "../srtp/mod.ts";
import { BLOCK_BYTES, blocksOf, SrtpIv } from "./ecb_counters.ts";
import { EcbKeystream, wipeKeystream } from "./ecb_keystream.ts";
import { LookAhead } from "./ecb_look_ahead.ts";
import type { WasmArena, WasmCore } from "./wasm_core.ts";
import { copyIn, copyOut, WasmSrtpBatch, type WasmSrtpCipher } from "./wasm_srtp.ts";

/** Longer packets are malformed. */
const MAX_PACKET_BYTES: number = 0xffff + SRTP_TAILROOM_BYTES;

/** Keystream that the core is handed at once, bytes: any packet, and 64 of 1200 bytes. */
const ROOM_BYTES: number = 80 * 1024;

/** Rows that the core works on side by side. */
const LANES = 16;

/** Where each instance takes keystream from; lent from call to call. */
const rooms: WeakMap<WasmCore, WasmArena> = new WeakMap();

/** Memory for keystream in an instance, or `undefined` when there is none left. */
export function keystreamRoom(core: WasmCore): WasmArena | undefined {
  let room = rooms.get(core);
  if (room === undefined) {
    room = core.newArena(1, ROOM_BYTES);
    if (room !== undefined) rooms.set(core, room);
  }
  return room;
}

/** From when on keystream of node:crypto is worth a crossing of its own. */
export interface HybridRule {
  /** Blocks of AES in a batch, at least. */
  readonly batchBlocks: number;
  /** Blocks of AES in a packet that comes alone, at least, for keystream to be made ahead. */
  readonly aheadBlocks: number;
}

/** Prepared session keys, in the core and in node:crypto. */
export class HybridSrtpCipher implements SrtpCipher {
  readonly #wasm: WasmSrtpCipher;
  readonly #room: WasmArena;
  readonly #keystream: EcbKeystream;
  readonly #iv: SrtpIv;
  readonly #ahead: LookAhead;
  readonly #rule: HybridRule;
  /** What packets in other memory are copied to. */
  readonly #copy: WasmSrtpBatch;
  readonly #tagBytes: number;
  /** The block that masks the tag of GCM. */
  readonly #maskBlocks: number;

  /**
   * @param wasm the same keys in the core; disposed of by this object
   * @param room keystream memory of the instance that `wasm` is in
   */
  constructor(
    crypto: typeof NodeCrypto,
    { profile, rtp }: SrtpCipherOptions,
    wasm: WasmSrtpCipher,
    room: WasmArena,
    rule: HybridRule,
  ) {
    const { aead, rtpTagBytes } = srtpProfileParameters(profile);
    this.#wasm = wasm;
    this.#room = room;
    this.#keystream = new EcbKeystream(crypto, rtp.key);
    this.#iv = new SrtpIv(rtp.salt);
    this.#ahead = new LookAhead(this.#keystream, this.#iv);
    this.#rule = rule;
    this.#copy = new WasmSrtpBatch(wasm.core.scratch);
    this.#tagBytes = rtpTagBytes;
    this.#maskBlocks = aead ? 1 : 0;
  }

  protect(batch: SrtpBatch): void {
    this.#work(batch, false);
  }

  unprotect(batch: SrtpBatch): void {
    this.#work(batch, true);
  }

  /** RTCP is rare, and not worth keystream from elsewhere. */
  protectControl(batch: SrtpBatch): void {
    this.#wasm.protectControl(batch);
  }

  unprotectControl(batch: SrtpBatch): void {
    this.#wasm.unprotectControl(batch);
  }

  dispose(): void {
    this.#ahead.dispose();
    this.#keystream.dispose();
    this.#iv.dispose();
    this.#wasm.dispose();
  }

  #work(batch: SrtpBatch, received: boolean): void {
    const { core } = this.#wasm;
    if (batch instanceof WasmSrtpBatch && batch.arena.core === core) {
      return this.#workInside(batch, received);
    }
    const { scratch } = core, copy = this.#copy;
    for (let row = 0; row < batch.count; row += copy.count) {
      copy.count = copyIn(batch, row, scratch);
      this.#workInside(copy, received);
      copyOut(received ? "srtp_unprotect" : "srtp_protect", batch, row, scratch, copy.count);
    }
  }

  #workInside(batch: WasmSrtpBatch, received: boolean): void {
    if (batch.count === 1) this.#workSingle(batch, received);
    else if (this.#blocks(batch, received) < this.#rule.batchBlocks) this.#alone(batch, received);
    else this.#workSplit(batch, received);
  }

  /** The core does it without help. */
  #alone(batch: SrtpBatch, received: boolean): void {
    if (received) this.#wasm.unprotect(batch);
    else this.#wasm.protect(batch);
  }

  /** A packet that comes alone, with keystream that was made before, where there is some. */
  #workSingle(batch: WasmSrtpBatch, received: boolean): void {
    const { bytes, rows } = batch;
    const at = rows[RTP_AT]!, roc = rows[RTP_INDEX]!;
    const blocks = this.#blocks(batch, received);
    if (blocks < this.#rule.aheadBlocks || at + RTP_FIXED_HEADER_BYTES > bytes.length) {
      return this.#alone(batch, received);
    }
    const ssrc = rtpSsrc(bytes, at), sequenceNumber = rtpSequenceNumber(bytes, at);
    const word = this.#ahead.find(ssrc, roc, sequenceNumber, blocks);
    if (word < 0) this.#alone(batch, received);
    else {
      const start = 4 * word;
      this.#room.bytes.set(this.#ahead.bytes.subarray(start, start + blocks * BLOCK_BYTES));
      this.#finish(batch, 0, 1, blocks * BLOCK_BYTES, received);
    }
    if (rows[RTP_STATUS] === SRTP_OK) this.#ahead.advance(ssrc, roc, sequenceNumber, blocks);
  }

  /** Keystream of some rows at a time. */
  #workSplit(batch: WasmSrtpBatch, received: boolean): void {
    const { core, handle } = this.#wasm;
    const room = this.#room, arena = batch.arena.handle, direction = received ? 1 : 0;
    for (let first = 0; first < batch.count;) {
      const rows = this.#rowsForCall(batch, first, received);
      const { srtp_counters: counters } = core.exports;
      const filled = counters(handle, arena, first, rows, room.handle, direction);
      if (filled > 0) {
        const keystream = this.#keystream.encrypt(room.bytes.subarray(0, filled));
        room.bytes.set(keystream);
        wipeKeystream(keystream);
      }
      this.#finish(batch, first, rows, filled, received);
      first += rows;
    }
  }

  /** How many rows from `first` on get their keystream in one call: whole lanes, where it is part. */
  #rowsForCall(batch: SrtpBatch, first: number, received: boolean): number {
    let end = first, length = 0;
    for (; end < batch.count; end++) {
      length += this.#rowBlocks(batch, end, received) * BLOCK_BYTES;
      if (length > ROOM_BYTES) break;
    }
    const rows = end - first;
    if (end === batch.count || rows < LANES) return Math.max(rows, 1);
    return rows - rows % LANES;
  }

  /** Lets the core work with the keystream in the room, and wipes that. */
  #finish(
    { arena }: WasmSrtpBatch,
    first: number,
    rows: number,
    filled: number,
    received: boolean,
  ): void {
    const { core, handle } = this.#wasm;
    const room = this.#room;
    const done = received
      ? core.exports.srtp_unprotect_with(handle, arena.handle, first, rows, room.handle)
      : core.exports.srtp_protect_with(handle, arena.handle, first, rows, room.handle);
    room.bytes.fill(0, 0, filled);
    // Packets that stay as they were must not be mistaken for protected ones.
    if (done === 0) throw new TypeError("this cipher or batch was given back");
  }

  /** How many blocks of keystream a batch takes at most. */
  #blocks(batch: SrtpBatch, received: boolean): number {
    let blocks = 0;
    for (let i = 0; i < batch.count; i++) blocks += this.#rowBlocks(batch, i, received);
    return blocks;
  }

  /**
   * How many blocks a packet takes at most: its header has 12 bytes or more. Never too few, or the
   * core would look for keystream behind what was made.
   */
  #rowBlocks({ rows }: SrtpBatch, index: number, received: boolean): number {
    const length = Math.min(rows[index * RTP_COLUMNS + RTP_LENGTH]!, MAX_PACKET_BYTES);
    const text = length - RTP_FIXED_HEADER_BYTES - (received ? this.#tagBytes : 0);
    return text < 0 ? 0 : blocksOf(text) + this.#maskBlocks;
  }
}
