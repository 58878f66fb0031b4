/**
 * Protection of the records of one direction in DTLS 1.2 with an AEAD suite. A record is laid out
 * for sealing and opening like this, everything in one stretch of memory, the datagram being its tail:
 *
 * ```text
 * | nonce (12) | additional data (13) | header (13) | explicit nonce (0/8) | text | tag (16) |
 *                                     |<--------------- the record ------------------------->|
 * ```
 */
import { writeBytes, writeU16, writeU48 } from "../base/mod.ts";
import {
  AEAD_NONCE_BYTES,
  AEAD_TAG_BYTES,
  AeadBatch,
  type AeadKey,
  type CryptoProvider,
} from "../crypto/mod.ts";
import type { CipherSuite } from "./cipher_suites.ts";
import type { TrafficKeys } from "./key_schedule.ts";
import {
  MAX_PLAINTEXT_BYTES,
  MAX_RECORD_SEQUENCE,
  RECORD_HEADER_BYTES,
  VERSION_DTLS_1_2,
  writeRecordHeader,
} from "./record.ts";

/** RFC 5246 §6.2.3.3: sequence number (with the epoch in front), type, version, length. */
const AAD_BYTES = 13;

/** Nonce and additional data in front of each record in an arena, bytes. */
export const PROTECTION_PREFIX_BYTES: number = AEAD_NONCE_BYTES + AAD_BYTES;

/** The most that a record in an arena is longer than its text, bytes. */
export const MAX_SLOT_OVERHEAD_BYTES: number = PROTECTION_PREFIX_BYTES + RECORD_HEADER_BYTES + 8 +
  AEAD_TAG_BYTES;

/** The one epoch that a DTLS 1.2 connection without renegotiation protects. */
export const PROTECTED_EPOCH = 1;

/** Key, nonce and sequence number of one direction. */
export class RecordProtection {
  /** The AEAD key; batches of several records go to it directly. */
  readonly key: AeadKey;
  /** Next sequence number to send; not used for receiving. */
  sequence = 0;
  /** From a record's start to its text, bytes. */
  readonly textOffset: number;
  /** How much longer a record is than its text, bytes. */
  readonly recordOverhead: number;
  readonly #explicitNonceBytes: number;
  /** Padded with zeros to the length of a nonce. */
  readonly #iv: Uint8Array = new Uint8Array(AEAD_NONCE_BYTES);

  /** Copies what it needs of `keys`. */
  constructor(crypto: CryptoProvider, suite: CipherSuite, keys: TrafficKeys) {
    this.key = crypto.createAead(suite.aead, keys.key);
    this.#iv.set(keys.iv);
    this.#explicitNonceBytes = suite.explicitNonceBytes;
    this.textOffset = RECORD_HEADER_BYTES + suite.explicitNonceBytes;
    this.recordOverhead = this.textOffset + AEAD_TAG_BYTES;
  }

  /** Whether the sequence numbers are used up: they must not wrap (RFC 6347 §4.1), nor nonces repeat. */
  get exhausted(): boolean {
    return this.sequence > MAX_RECORD_SEQUENCE;
  }

  /**
   * Lays out a record whose slot begins at `slotAt` and whose text is already in place, with the
   * next sequence number, and adds its row to `batch`. Returns where the record ends.
   */
  layOut(batch: AeadBatch, slotAt: number, type: number, textLength: number): number {
    const bytes = batch.bytes;
    const sequence = this.sequence++;
    const aadAt = slotAt + AEAD_NONCE_BYTES;
    const recordAt = aadAt + AAD_BYTES;
    const textAt = recordAt + this.textOffset;
    const length = this.#explicitNonceBytes + textLength + AEAD_TAG_BYTES;
    this.#writeAad(bytes, aadAt, type, sequence, textLength);
    writeRecordHeader(
      bytes,
      recordAt,
      type,
      VERSION_DTLS_1_2,
      PROTECTED_EPOCH,
      sequence,
      length,
    );
    if (this.#explicitNonceBytes > 0) {
      // RFC 5288 §3: unique per record; the sequence number with its epoch is.
      writeU16(bytes, recordAt + RECORD_HEADER_BYTES, PROTECTED_EPOCH);
      writeU48(bytes, recordAt + RECORD_HEADER_BYTES + 2, sequence);
    }
    this.#writeNonce(bytes, slotAt, bytes, recordAt);
    batch.push(slotAt, aadAt, AAD_BYTES, textAt, textLength);
    return textAt + textLength + AEAD_TAG_BYTES;
  }

  /** Length of the text in a received record of `recordLength` bytes, or −1 when none fits. */
  textLength(recordLength: number): number {
    const length = recordLength - this.recordOverhead;
    return length > MAX_PLAINTEXT_BYTES ? -1 : Math.max(length, -1);
  }

  /**
   * Copies a received record into `batch` at `slotAt` for opening, behind its nonce and additional
   * data, laid out as for sealing. Returns where it ends there.
   *
   * @param textLength from {@linkcode RecordProtection.textLength}
   */
  stage(
    batch: AeadBatch,
    slotAt: number,
    datagram: Uint8Array,
    at: number,
    sequence: number,
    textLength: number,
  ): number {
    const bytes = batch.bytes;
    const aadAt = slotAt + AEAD_NONCE_BYTES;
    const recordAt = aadAt + AAD_BYTES;
    const textAt = recordAt + this.textOffset;
    const length = textLength + this.recordOverhead;
    // The usual datagram is one record: no view is needed to copy it.
    const record = datagram.length === length ? datagram : datagram.subarray(at, at + length);
    bytes.set(record, recordAt);
    this.#writeNonce(bytes, slotAt, bytes, recordAt);
    this.#writeAad(bytes, aadAt, bytes[recordAt]!, sequence, textLength);
    batch.push(slotAt, aadAt, AAD_BYTES, textAt, textLength);
    return textAt + textLength + AEAD_TAG_BYTES;
  }

  /** Opens one record by itself: handshake messages and alerts. `undefined` when its tag is wrong. */
  openOne(
    datagram: Uint8Array,
    at: number,
    sequence: number,
    textLength: number,
  ): Uint8Array | undefined {
    const size = PROTECTION_PREFIX_BYTES + this.recordOverhead + textLength;
    const batch = new AeadBatch(new Uint8Array(size), 1);
    this.stage(batch, 0, datagram, at, sequence, textLength);
    this.key.open(batch);
    if (!batch.accepted(0)) return undefined;
    const textAt = PROTECTION_PREFIX_BYTES + this.textOffset;
    return batch.bytes.subarray(textAt, textAt + textLength);
  }

  /** Seals one record by itself and returns it. */
  sealOne(type: number, text: Uint8Array): Uint8Array {
    const size = PROTECTION_PREFIX_BYTES + this.recordOverhead + text.length;
    const batch = new AeadBatch(new Uint8Array(size), 1);
    writeBytes(batch.bytes, PROTECTION_PREFIX_BYTES + this.textOffset, text);
    this.layOut(batch, 0, type, text.length);
    this.key.seal(batch);
    return batch.bytes.subarray(PROTECTION_PREFIX_BYTES);
  }

  /** Forgets the key. */
  dispose(): void {
    this.key.dispose();
    this.#iv.fill(0);
  }

  #writeAad(out: Uint8Array, at: number, type: number, sequence: number, length: number): void {
    at = writeU16(out, at, PROTECTED_EPOCH);
    at = writeU48(out, at, sequence);
    out[at] = type;
    at = writeU16(out, at + 1, VERSION_DTLS_1_2);
    writeU16(out, at, length);
  }

  /** The nonce of the record at `recordAt` of `record`, whose header and explicit part are there. */
  #writeNonce(out: Uint8Array, at: number, record: Uint8Array, recordAt: number): void {
    const iv = this.#iv;
    for (let i = 0; i < AEAD_NONCE_BYTES; i++) out[at + i] = iv[i]!;
    if (this.#explicitNonceBytes > 0) {
      // RFC 5288 §3: four bytes of salt, eight of the record.
      const explicitAt = recordAt + RECORD_HEADER_BYTES;
      for (let i = 0; i < 8; i++) out[at + 4 + i] = record[explicitAt + i]!;
    } else {
      // RFC 7905 §2: epoch and sequence number, padded on the left, XORed into the IV.
      for (let i = 0; i < 8; i++) out[at + 4 + i]! ^= record[recordAt + 3 + i]!;
    }
  }
}
