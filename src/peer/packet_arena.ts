import { RTP_AT, RTP_COLUMNS, RTP_LENGTH, RTP_STATUS } from "../rtp/mod.ts";
import {
  SRTP_OK,
  SRTP_TAILROOM_BYTES,
  type SrtpBatch,
  type SrtpCipherProvider,
} from "../srtp/mod.ts";

/** Memory of a lane that carries little, bytes: RTCP, or a stream of audio. */
const MIN_ARENA_BYTES: number = 8 * 1024;

/**
 * Memory of a lane at most, bytes: a key frame of a high resolution is sent in one turn of the event
 * loop, and as much can be waiting in a socket.
 */
const MAX_ARENA_BYTES: number = 1024 * 1024;

/** Rows for each kilobyte of memory: audio has about 100 bytes a packet. */
const ROWS_PER_KIBIBYTE = 8;

/**
 * Packets of one kind and one direction on their way through SRTP: copied in, worked on in one call,
 * read where they lie. It begins small and doubles when it is full.
 */
export class PacketArena {
  readonly #ciphers: SrtpCipherProvider;
  #batch: SrtpBatch | undefined;
  #used = 0;
  #next = 0;

  /** @param ciphers whose memory it uses, once there is a packet */
  constructor(ciphers: SrtpCipherProvider) {
    this.#ciphers = ciphers;
  }

  /** How many packets wait. */
  get count(): number {
    return this.#batch?.count ?? 0;
  }

  /** The packets; there is one at least. */
  get batch(): SrtpBatch {
    return this.#batch ??= this.#create(MIN_ARENA_BYTES);
  }

  /**
   * The next packet whose status is `SRTP_OK`, a view lent until another packet comes in. After the last
   * one the arena is empty.
   */
  shift(): Uint8Array | undefined {
    while (this.#next < this.count) {
      const { bytes, rows } = this.batch;
      const row = this.#next++ * RTP_COLUMNS;
      if (rows[row + RTP_STATUS] !== SRTP_OK) continue;
      const at = rows[row + RTP_AT]!;
      return bytes.subarray(at, at + rows[row + RTP_LENGTH]!);
    }
    this.reset();
    return undefined;
  }

  /** Copies a packet in; `false` when there is no room. */
  add(packet: Uint8Array): boolean {
    const needed = this.#used + packet.length + SRTP_TAILROOM_BYTES;
    const { bytes, rows, count } = this.batch;
    const full = needed > bytes.length || (count + 1) * RTP_COLUMNS > rows.length;
    if (full && !this.#grow(needed)) return false;
    this.batch.bytes.set(packet, this.#used);
    this.batch.push(this.#used, packet.length);
    this.#used = needed;
    return true;
  }

  /** Takes all packets back. */
  reset(): void {
    if (this.#batch !== undefined) this.#batch.count = 0;
    this.#used = this.#next = 0;
  }

  /** Gives the memory back. */
  release(): void {
    this.#batch?.release();
    this.#batch = undefined;
    this.#used = this.#next = 0;
  }

  /** Moves to twice the memory or more; `false` when that would be too much. */
  #grow(needed: number): boolean {
    const old = this.batch;
    let size = 2 * old.bytes.length;
    while (size < needed) size *= 2;
    if (size > MAX_ARENA_BYTES) return false;
    const larger = this.#batch = this.#create(size);
    larger.bytes.set(old.bytes.subarray(0, this.#used));
    larger.rows.set(old.rows.subarray(0, old.count * RTP_COLUMNS));
    larger.count = old.count;
    old.release();
    return true;
  }

  #create(bytes: number): SrtpBatch {
    return this.#ciphers.createBatch(bytes, bytes / 1024 * ROWS_PER_KIBIBYTE);
  }
}
