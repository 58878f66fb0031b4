import {
  AEAD_COLUMNS,
  AEAD_TAG_BYTES,
  AEAD_TEXT_AT,
  AEAD_TEXT_LENGTH,
  type AeadBatch,
  type CryptoProvider,
} from "../crypto/mod.ts";
import { arenaRows, MAX_ARENA_BYTES, MIN_ARENA_BYTES } from "./arena_size.ts";
import { CONTENT_APPLICATION_DATA } from "./record.ts";
import {
  MAX_SLOT_OVERHEAD_BYTES,
  PROTECTION_PREFIX_BYTES,
  type RecordProtection,
} from "./record_protection.ts";

/**
 * Application records on their way out: written in place by the upper layer, sealed in one call,
 * handed out as datagrams of one record each.
 */
export class SendArena {
  readonly #crypto: CryptoProvider;
  #batch: AeadBatch;
  #used = 0;
  #next = 0;
  #sealed = false;
  #overflowed = false;
  #recordOpen = false;

  /** @param crypto where memory comes from that its keys work on in place */
  constructor(crypto: CryptoProvider) {
    this.#crypto = crypto;
    this.#batch = crypto.createAeadBatch(MIN_ARENA_BYTES, arenaRows(MIN_ARENA_BYTES));
  }

  /** The memory; another one after {@linkcode SendArena.open}, which alone replaces it. */
  get bytes(): Uint8Array {
    return this.#batch.bytes;
  }

  /** Starts a batch and takes back the datagrams of the last one. */
  open(): void {
    const size = this.#batch.bytes.length;
    if (this.#overflowed && size < MAX_ARENA_BYTES) {
      this.#batch.release();
      this.#batch = this.#crypto.createAeadBatch(2 * size, arenaRows(2 * size));
    }
    this.#batch.count = 0;
    this.#used = this.#next = 0;
    this.#sealed = this.#overflowed = this.#recordOpen = false;
  }

  /** Offset for a text of at most `maxLength` bytes, or −1 when the batch is full. */
  begin(protection: RecordProtection, maxLength: number): number {
    const batch = this.#batch;
    const full = this.#used + MAX_SLOT_OVERHEAD_BYTES + maxLength > batch.bytes.length ||
      batch.count >= arenaRows(batch.bytes.length);
    if (full) this.#overflowed = true;
    if (full || this.#sealed || protection.exhausted) return -1;
    this.#recordOpen = true;
    return this.#used + PROTECTION_PREFIX_BYTES + protection.textOffset;
  }

  /** Makes `length` bytes, written where `begin` said, a record; 0 bytes take the record back. */
  commit(protection: RecordProtection, length: number): void {
    if (!this.#recordOpen) return;
    this.#recordOpen = false;
    if (length > 0) {
      this.#used = protection.layOut(this.#batch, this.#used, CONTENT_APPLICATION_DATA, length);
    }
  }

  /** Seals the batch. */
  seal(protection: RecordProtection): void {
    if (this.#sealed) return;
    this.#sealed = true;
    if (this.#batch.count > 0) protection.key.seal(this.#batch);
  }

  /** The next sealed datagram, a view lent until the next `open`. */
  shift(protection: RecordProtection): Uint8Array | undefined {
    if (!this.#sealed || this.#next >= this.#batch.count) return undefined;
    const row = this.#next++ * AEAD_COLUMNS;
    const textAt = this.#batch.rows[row + AEAD_TEXT_AT]!;
    const end = textAt + this.#batch.rows[row + AEAD_TEXT_LENGTH]! + AEAD_TAG_BYTES;
    return this.#batch.bytes.subarray(textAt - protection.textOffset, end);
  }

  /** Gives the memory back, and with it every datagram that was handed out. */
  release(): void {
    this.#batch.release();
  }
}
