import type { SrtpProfile } from "../crypto/mod.ts";
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
import type { SrtpBatch, SrtpCipher, SrtpCipherProvider } from "./cipher.ts";
import { SrtpError } from "./errors.ts";
import { deriveSessionKeys, type SrtpMasterKeys, wipeDirectionKeys } from "./key_derivation.ts";
import { OneRowBatch } from "./one_row_batch.ts";
import { PacketWindow } from "./packet_window.ts";
import { SetAside } from "./set_aside.ts";
import {
  SRTP_EXHAUSTED,
  SRTP_MALFORMED,
  SRTP_OK,
  SRTP_REFUSED,
  SRTP_REPLAYED,
  SRTP_SOURCE_LIMIT,
  SRTP_TOO_OLD,
} from "./status.ts";
import { tsSrtp } from "./ts_cipher.ts";
import { SRTCP_HEADER_BYTES, srtcpSsrc } from "./transform.ts";

/** How to make an {@linkcode SrtpReceiver}. Key and salt are copied, not kept. */
export interface SrtpReceiverOptions extends SrtpMasterKeys {
  /** What was negotiated. */
  readonly profile: SrtpProfile;
  /** Who decrypts: {@linkcode tsSrtp} by default; hosts have faster ones. */
  readonly ciphers?: SrtpCipherProvider;
  /** Whether the sender may encrypt CSRCs and header extensions, too (RFC 9335). */
  readonly cryptex?: boolean;
  /** How many sources to keep a state of; {@linkcode DEFAULT_MAX_SOURCES} by default. */
  readonly maxSources?: number;
}

/**
 * Only authentic packets make a source known, so this bounds what the peer itself can ask for. A
 * conference of hundreds of streams, each with a source for retransmissions, stays below; together
 * they take less than a megabyte.
 */
export const DEFAULT_MAX_SOURCES = 1024;

/** What an {@linkcode SrtpReceiver} has done; all but the first two and the last are dropped packets. */
export interface SrtpReceiverStats {
  /** RTP packets accepted. */
  readonly packets: number;
  /** RTCP packets accepted. */
  readonly controlPackets: number;
  /** Wrong authentication tag. */
  readonly refused: number;
  /** No RTP or RTCP packet. */
  readonly malformed: number;
  /** There before. */
  readonly replayed: number;
  /** Before the replay window. */
  readonly tooOld: number;
  /** Of a new source beyond `maxSources`. */
  readonly sourceLimit: number;
  /** Beyond the last index of the key. */
  readonly exhausted: number;
  /** Sources with a state. */
  readonly sources: number;
}

/** RFC 3711 §3.2.1: what is kept of each source. */
interface Source {
  readonly rtp: PacketWindow;
  /** SRTCP has indices of its own, which the packets carry. */
  readonly rtcp: PacketWindow;
}

/**
 * Checks and decrypts the SRTP and SRTCP packets of one direction (RFC 3711 §3.3). A packet is
 * accepted once, whatever the order; rollover counters and replay windows change only by authentic
 * packets, and a source takes no memory before its first one.
 *
 * The first packet of a source counts as one before the first wrap of its numbers, unless
 * {@linkcode SrtpReceiver.setRolloverCounter} said otherwise. That is why senders begin in the lower
 * half of the 16 bits: then the loss of their first packets cannot hide a wrap.
 *
 * @example
 * ```ts
 * import { RTP_AT, RTP_COLUMNS, RTP_LENGTH, RTP_STATUS } from "@sterna/webrtc/rtp";
 * import { SRTP_OK, SrtpReceiver, SrtpSender } from "@sterna/webrtc/srtp";
 *
 * const profile = "SRTP_AEAD_AES_128_GCM";
 * const keys = { masterKey: new Uint8Array(16), masterSalt: new Uint8Array(12) };
 * const sender = new SrtpSender({ profile, ...keys });
 * const receiver = new SrtpReceiver({ profile, ...keys });
 *
 * const batch = receiver.createBatch(16 * 1500, 16);
 * const rtp = new Uint8Array([0x80, 111, 0, 1, 0, 0, 3, 192, 0, 0, 0, 42, 7, 7, 7]);
 * batch.bytes.set(rtp);
 * batch.push(0, sender.protectPacket(batch.bytes, 0, rtp.length));
 * receiver.unprotect(batch);
 * for (let row = 0; row < batch.count * RTP_COLUMNS; row += RTP_COLUMNS) {
 *   if (batch.rows[row + RTP_STATUS] !== SRTP_OK) continue;
 *   console.log(batch.rows[row + RTP_AT], batch.rows[row + RTP_LENGTH]); // 0 15
 * }
 * batch.release();
 * ```
 */
export class SrtpReceiver {
  readonly #ciphers: SrtpCipherProvider;
  readonly #cipher: SrtpCipher;
  readonly #maxSources: number;
  readonly #sources: Map<number, Source> = new Map();
  readonly #one: OneRowBatch = new OneRowBatch();
  readonly #aside: SetAside = new SetAside();
  readonly #counts: Float64Array = new Float64Array(SRTP_EXHAUSTED + 1);
  #packets = 0;
  #controlPackets = 0;

  /**
   * Derives the session keys.
   *
   * @throws {SrtpError} `invalid-key` when key or salt do not have the length of the profile
   */
  constructor(options: SrtpReceiverOptions) {
    const { profile, cryptex = false } = options;
    const keys = deriveSessionKeys(profile, options.masterKey, options.masterSalt);
    this.#ciphers = options.ciphers ?? tsSrtp;
    this.#cipher = this.#ciphers.createCipher({ profile, ...keys, cryptex });
    wipeDirectionKeys(keys);
    this.#maxSources = options.maxSources ?? DEFAULT_MAX_SOURCES;
  }

  /** The row of the packet that `unprotectPacket` or `unprotectControlPacket` was called for last. */
  get row(): Uint32Array {
    return this.#one.rows;
  }

  /**
   * A batch whose packets are worked on where they lie, without a copy.
   *
   * @param byteLength room for packets
   * @param maxPackets room for rows
   */
  createBatch(byteLength: number, maxPackets: number): SrtpBatch {
    return this.#ciphers.createBatch(byteLength, maxPackets);
  }

  /**
   * Checks and decrypts SRTP packets in place: each row gets its `RTP_STATUS`, and where that is
   * `SRTP_OK`, its new `RTP_LENGTH` and the columns from `RTP_FLAGS` on. Of other rows, only the place
   * in memory means anything, and that holds no plaintext.
   *
   * Rollover counters of a batch follow from what was authentic before it, so that nothing forged
   * among its packets can disturb the others: the sequence numbers of one source within a batch must
   * lie less than 2¹⁵ apart. Packets of sources that are new are taken one by one, in their order.
   *
   * @returns how many packets were accepted
   */
  unprotect(batch: SrtpBatch): number {
    const { rows, count } = batch;
    const aside = this.#aside;
    for (let row = 0; row < count * RTP_COLUMNS; row += RTP_COLUMNS) {
      const status = this.#prepare(batch, row);
      if (status !== UNDECIDED) aside.hide(rows, row, status);
    }
    if (aside.count < count) {
      this.#cipher.unprotect(batch);
      for (let row = 0; row < count * RTP_COLUMNS; row += RTP_COLUMNS) this.#settle(batch, row);
    }
    aside.restore(rows);
    const accepted = this.#tally(rows, count);
    this.#packets += accepted;
    return accepted;
  }

  /**
   * Checks and decrypts SRTCP packets in place: each row gets its `RTP_STATUS`, and where that is
   * `SRTP_OK`, its new `RTP_LENGTH` and its index in `RTP_INDEX`.
   *
   * @returns how many packets were accepted
   */
  unprotectControl(batch: SrtpBatch): number {
    const { rows, count } = batch;
    const aside = this.#aside;
    for (let row = 0; row < count * RTP_COLUMNS; row += RTP_COLUMNS) {
      const status = this.#prepareControl(batch, row);
      if (status !== UNDECIDED) aside.hide(rows, row, status);
    }
    if (aside.count < count) {
      this.#cipher.unprotectControl(batch);
      for (let row = 0; row < count * RTP_COLUMNS; row += RTP_COLUMNS) {
        this.#settleControl(batch, row);
      }
    }
    aside.restore(rows);
    const accepted = this.#tally(rows, count);
    this.#controlPackets += accepted;
    return accepted;
  }

  /**
   * Checks and decrypts the SRTP packet `bytes[at … at + length)` in place.
   *
   * @returns the end of the RTP packet, or −1, with the reason in the column `RTP_STATUS` of `row`
   */
  unprotectPacket(bytes: Uint8Array, at: number, length: number): number {
    const one = this.#one;
    one.aim(bytes, at, length);
    const status = this.#unprotectOne();
    one.rows[RTP_STATUS] = status;
    this.#counts[status]!++;
    if (status !== SRTP_OK) return -1;
    this.#packets++;
    return at + one.rows[RTP_LENGTH]!;
  }

  /** Checks and decrypts the SRTCP packet `bytes[at … at + length)`, as `unprotectPacket` does. */
  unprotectControlPacket(bytes: Uint8Array, at: number, length: number): number {
    const one = this.#one;
    one.aim(bytes, at, length);
    return this.unprotectControl(one) === 1 ? at + one.rows[RTP_LENGTH]! : -1;
  }

  /**
   * Sets the rollover counter of a source's next packet, for streams that are joined late
   * (RFC 3711 §3.3.1). What was known of its packets before is forgotten.
   *
   * @throws {SrtpError} `invalid-argument` for a number that does not have 32 bits, `source-limit`
   *   when the source is new and there is no room for it
   */
  setRolloverCounter(ssrc: number, roc: number): void {
    if (!Number.isInteger(roc) || roc < 0 || roc > 0xffff_ffff) {
      throw new SrtpError("invalid-argument", "a rollover counter has 32 bits");
    }
    let source = this.#sources.get(ssrc | 0);
    if (source === undefined) {
      if (this.#sources.size >= this.#maxSources) {
        throw new SrtpError("source-limit", `${this.#maxSources} sources are known already`);
      }
      source = this.#addSource(ssrc);
    }
    source.rtp.restart(roc);
  }

  /**
   * Forgets a source that signaling has ended, so that another one may take its place. Should packets
   * of it come again, old ones of its first 2¹⁶ would be taken for new.
   */
  removeSource(ssrc: number): void {
    this.#sources.delete(ssrc | 0);
  }

  /** What this receiver has done so far. */
  stats(): SrtpReceiverStats {
    const counts = this.#counts;
    return {
      packets: this.#packets,
      controlPackets: this.#controlPackets,
      refused: counts[SRTP_REFUSED]!,
      malformed: counts[SRTP_MALFORMED]!,
      replayed: counts[SRTP_REPLAYED]!,
      tooOld: counts[SRTP_TOO_OLD]!,
      sourceLimit: counts[SRTP_SOURCE_LIMIT]!,
      exhausted: counts[SRTP_EXHAUSTED]!,
      sources: this.#sources.size,
    };
  }

  /** Wipes the keys; the receiver must not be used afterwards. */
  dispose(): void {
    this.#cipher.dispose();
    this.#sources.clear();
    this.#one.release();
  }

  /** Readies a row for the cipher, or decides it. */
  #prepare(batch: SrtpBatch, row: number): number {
    const { bytes, rows } = batch;
    const at = rows[row + RTP_AT]!, length = rows[row + RTP_LENGTH]!;
    if (!isPacket(bytes, at, length, RTP_FIXED_HEADER_BYTES)) return SRTP_MALFORMED;
    const source = this.#sources.get(rtpSsrc(bytes, at) | 0);
    if (source === undefined || !source.rtp.started) return this.#unprotectRow(batch, row);
    const sequence = rtpSequenceNumber(bytes, at);
    const roc = source.rtp.rollover(sequence);
    const status = source.rtp.check(roc, sequence);
    if (status !== SRTP_OK) return status;
    rows[row + RTP_INDEX] = roc;
    return UNDECIDED;
  }

  /** Takes the first packet of a source by itself: the rows behind it build on its counter. */
  #unprotectRow({ bytes, rows }: SrtpBatch, row: number): number {
    const one = this.#one;
    one.aim(bytes, rows[row + RTP_AT]!, rows[row + RTP_LENGTH]!);
    const status = this.#unprotectOne();
    if (status === SRTP_OK) {
      for (let column = 0; column < RTP_COLUMNS; column++) rows[row + column] = one.rows[column]!;
    }
    return status;
  }

  /** Notes the index of a row that the cipher found authentic; of two equal ones the first counts. */
  #settle({ bytes, rows }: SrtpBatch, row: number): void {
    if (rows[row + RTP_STATUS] !== SRTP_OK) return;
    const at = rows[row + RTP_AT]!;
    const window = this.#sources.get(rtpSsrc(bytes, at) | 0)!.rtp;
    const status = window.accept(rows[row + RTP_INDEX]!, rtpSequenceNumber(bytes, at));
    if (status === SRTP_OK) return;
    bytes.fill(0, at, at + rows[row + RTP_LENGTH]!);
    rows[row + RTP_STATUS] = status;
  }

  /** RFC 3711 §3.3, steps 2 to 7 of the receiver, for the one kept row. */
  #unprotectOne(): number {
    const { bytes, rows } = this.#one;
    const at = rows[RTP_AT]!;
    if (!isPacket(bytes, at, rows[RTP_LENGTH]!, RTP_FIXED_HEADER_BYTES)) return SRTP_MALFORMED;
    const ssrc = rtpSsrc(bytes, at), sequence = rtpSequenceNumber(bytes, at);
    const source = this.#sources.get(ssrc | 0);
    let roc = 0;
    if (source !== undefined) {
      roc = source.rtp.rollover(sequence);
      const status = source.rtp.check(roc, sequence);
      if (status !== SRTP_OK) return status;
    } else if (this.#sources.size >= this.#maxSources) return SRTP_SOURCE_LIMIT;
    rows[RTP_INDEX] = roc;
    this.#cipher.unprotect(this.#one);
    if (rows[RTP_STATUS] !== SRTP_OK) return rows[RTP_STATUS]!;
    return (source ?? this.#addSource(ssrc)).rtp.accept(roc, sequence);
  }

  #prepareControl({ bytes, rows }: SrtpBatch, row: number): number {
    const at = rows[row + RTP_AT]!, length = rows[row + RTP_LENGTH]!;
    if (!isPacket(bytes, at, length, SRTCP_HEADER_BYTES)) return SRTP_MALFORMED;
    const known = this.#sources.size < this.#maxSources ||
      this.#sources.has(srtcpSsrc(bytes, at) | 0);
    return known ? UNDECIDED : SRTP_SOURCE_LIMIT;
  }

  #settleControl({ bytes, rows }: SrtpBatch, row: number): void {
    if (rows[row + RTP_STATUS] !== SRTP_OK) return;
    const at = rows[row + RTP_AT]!, index = rows[row + RTP_INDEX]!;
    const ssrc = srtcpSsrc(bytes, at);
    const source = this.#sources.get(ssrc | 0);
    const status = source === undefined && this.#sources.size >= this.#maxSources
      ? SRTP_SOURCE_LIMIT
      : (source ?? this.#addSource(ssrc)).rtcp.accept(index >>> 16, index & 0xffff);
    if (status === SRTP_OK) return;
    bytes.fill(0, at, at + rows[row + RTP_LENGTH]!);
    rows[row + RTP_STATUS] = status;
  }

  #addSource(ssrc: number): Source {
    const source = { rtp: new PacketWindow(), rtcp: new PacketWindow() };
    // As a signed number the key is what most engines keep without allocating.
    this.#sources.set(ssrc | 0, source);
    return source;
  }

  /** Counts the rows by their outcome and returns how many were accepted. */
  #tally(rows: Uint32Array, count: number): number {
    let accepted = 0;
    for (let i = 0; i < count; i++) {
      const status = rows[i * RTP_COLUMNS + RTP_STATUS]!;
      this.#counts[status]!++;
      if (status === SRTP_OK) accepted++;
    }
    return accepted;
  }
}

/** No status: the cipher is to say. */
const UNDECIDED = -1;

/** Whether something of version 2 (RFC 3550 §5.1, §6.4.1) lies there, with the numbers we look at. */
function isPacket(bytes: Uint8Array, at: number, length: number, headerLength: number): boolean {
  return length >= headerLength && at + length <= bytes.length && bytes[at]! >>> 6 === 2;
}
