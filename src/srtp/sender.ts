import type { SrtpProfile } from "../crypto/mod.ts";
import {
  RTP_AT,
  RTP_COLUMNS,
  RTP_INDEX,
  RTP_LENGTH,
  RTP_STATUS,
  rtpHeaderLength,
  rtpSequenceNumber,
  rtpSsrc,
} from "../rtp/mod.ts";
import {
  SRTP_TAILROOM_BYTES,
  type SrtpBatch,
  type SrtpCipher,
  type SrtpCipherProvider,
} from "./cipher.ts";
import { addEmptyExtension } from "./cryptex.ts";
import { SrtpError } from "./errors.ts";
import { deriveSessionKeys, type SrtpMasterKeys, wipeDirectionKeys } from "./key_derivation.ts";
import { OneRowBatch } from "./one_row_batch.ts";
import { PacketWindow } from "./packet_window.ts";
import { SetAside } from "./set_aside.ts";
import { SRTP_EXHAUSTED, SRTP_MALFORMED, SRTP_OK, SRTP_REPLAYED } from "./status.ts";
import { tsSrtp } from "./ts_cipher.ts";
import { SRTCP_HEADER_BYTES, srtcpSsrc } from "./transform.ts";

/** How to make an {@linkcode SrtpSender}. Key and salt are copied, not kept. */
export interface SrtpSenderOptions extends SrtpMasterKeys {
  /** What was negotiated. */
  readonly profile: SrtpProfile;
  /** Who encrypts: {@linkcode tsSrtp} by default; hosts have faster ones. */
  readonly ciphers?: SrtpCipherProvider;
  /** Whether to encrypt CSRCs and header extensions, too (RFC 9335); both sides must want it. */
  readonly cryptex?: boolean;
  /**
   * Whether a packet index may be protected more than once. Only for callers that retransmit a packet
   * by protecting exactly the same bytes again: two different packets under one index give their
   * texts away (RFC 3711 §9.1). Without it the second is `SRTP_REPLAYED`.
   */
  readonly allowRepeats?: boolean;
}

/** What an {@linkcode SrtpSender} has done. */
export interface SrtpSenderStats {
  /** RTP packets protected. */
  readonly packets: number;
  /** RTCP packets protected. */
  readonly controlPackets: number;
  /** Packets of both kinds that were refused. */
  readonly refused: number;
  /** Sources with a state. */
  readonly sources: number;
}

/** RFC 3711 §9.2: SRTCP indices under one key, per source. */
const CONTROL_INDICES = 0x8000_0000;

/** RFC 3711 §3.2.1: what is kept of each source. */
interface Source {
  readonly window: PacketWindow;
  controlIndex: number;
}

/**
 * Protects the RTP and RTCP packets of one direction (RFC 3711 §3.3): finds each packet's index by its
 * SSRC and sequence number, encrypts in place and appends the tag. Every packet needs
 * `SRTP_TAILROOM_BYTES` of room behind it.
 *
 * States of sources are kept as long as the sender: were one forgotten, indices would repeat under the
 * same key. A packet 2¹⁵ or more numbers before the highest one counts as the next rollover, packets
 * of more than the window behind it are `SRTP_TOO_OLD`.
 *
 * @example
 * ```ts
 * import { SRTP_TAILROOM_BYTES, SrtpSender } from "@sterna/webrtc/srtp";
 *
 * const sender = new SrtpSender({
 *   profile: "SRTP_AES128_CM_HMAC_SHA1_80",
 *   masterKey: crypto.getRandomValues(new Uint8Array(16)),
 *   masterSalt: crypto.getRandomValues(new Uint8Array(14)),
 * });
 * const rtp = new Uint8Array([0x80, 111, 0, 1, 0, 0, 3, 192, 0, 0, 0, 42, 7, 7, 7]);
 * const bytes = new Uint8Array(rtp.length + SRTP_TAILROOM_BYTES);
 * bytes.set(rtp);
 * const end = sender.protectPacket(bytes, 0, rtp.length);
 * console.log(end); // 25: bytes.subarray(0, 25) is the SRTP packet
 * ```
 */
export class SrtpSender {
  readonly #ciphers: SrtpCipherProvider;
  readonly #cipher: SrtpCipher;
  readonly #cryptex: boolean;
  readonly #allowRepeats: boolean;
  readonly #sources: Map<number, Source> = new Map();
  readonly #one: OneRowBatch = new OneRowBatch();
  readonly #aside: SetAside = new SetAside();
  #packets = 0;
  #controlPackets = 0;
  #refused = 0;

  /**
   * Derives the session keys.
   *
   * @throws {SrtpError} `invalid-key` when key or salt do not have the length of the profile
   */
  constructor(options: SrtpSenderOptions) {
    const { profile, cryptex = false } = options;
    const keys = deriveSessionKeys(profile, options.masterKey, options.masterSalt);
    this.#ciphers = options.ciphers ?? tsSrtp;
    this.#cipher = this.#ciphers.createCipher({ profile, ...keys, cryptex });
    wipeDirectionKeys(keys);
    this.#cryptex = cryptex;
    this.#allowRepeats = options.allowRepeats ?? false;
  }

  /** The row of the packet that `protectPacket` or `protectControlPacket` was called for last. */
  get row(): Uint32Array {
    return this.#one.rows;
  }

  /**
   * A batch whose packets are protected where they lie, without a copy.
   *
   * @param byteLength room for packets, each with `SRTP_TAILROOM_BYTES` behind it
   * @param maxPackets room for rows
   */
  createBatch(byteLength: number, maxPackets: number): SrtpBatch {
    return this.#ciphers.createBatch(byteLength, maxPackets);
  }

  /**
   * Protects RTP packets in place: each row gets its `RTP_STATUS`, and where that is `SRTP_OK`, its
   * new `RTP_LENGTH`. Packets of other statuses must not be sent.
   */
  protect(batch: SrtpBatch): void {
    const { bytes, rows, count } = batch;
    const aside = this.#aside;
    for (let row = 0; row < count * RTP_COLUMNS; row += RTP_COLUMNS) {
      const status = this.#prepare(bytes, rows, row);
      if (status !== SRTP_OK) aside.hide(rows, row, status);
    }
    if (aside.count < count) this.#cipher.protect(batch);
    aside.restore(rows);
    this.#packets += this.#tally(rows, count);
  }

  /** Protects RTCP packets in place, as {@linkcode SrtpSender.protect} does; each is a compound. */
  protectControl(batch: SrtpBatch): void {
    const { bytes, rows, count } = batch;
    const aside = this.#aside;
    for (let row = 0; row < count * RTP_COLUMNS; row += RTP_COLUMNS) {
      const status = this.#prepareControl(bytes, rows, row);
      if (status !== SRTP_OK) aside.hide(rows, row, status);
    }
    if (aside.count < count) this.#cipher.protectControl(batch);
    aside.restore(rows);
    this.#controlPackets += this.#tally(rows, count);
  }

  /**
   * Protects the RTP packet `bytes[at … at + length)` in place.
   *
   * @returns the end of the SRTP packet, or −1, with the reason in the column `RTP_STATUS` of `row`
   */
  protectPacket(bytes: Uint8Array, at: number, length: number): number {
    this.#one.aim(bytes, at, length);
    this.protect(this.#one);
    return this.#endOfOne(at);
  }

  /** Protects the RTCP packet `bytes[at … at + length)` in place, as `protectPacket` does. */
  protectControlPacket(bytes: Uint8Array, at: number, length: number): number {
    this.#one.aim(bytes, at, length);
    this.protectControl(this.#one);
    return this.#endOfOne(at);
  }

  /**
   * Continues a source where another session under the same key left off.
   *
   * @param roc rollover counter of its next packet
   * @param controlIndex index of its next SRTCP packet
   * @throws {SrtpError} `invalid-argument` for numbers out of range
   */
  resumeSource(ssrc: number, roc: number, controlIndex = 0): void {
    const whole = Number.isInteger(roc) && Number.isInteger(controlIndex);
    if (!whole || roc < 0 || roc > 0xffff_ffff || controlIndex < 0) {
      throw new SrtpError("invalid-argument", "a rollover counter has 32 bits, an index 31");
    }
    this.#sources.set(ssrc | 0, { window: new PacketWindow(roc), controlIndex });
  }

  /** What this sender has done so far. */
  stats(): SrtpSenderStats {
    return {
      packets: this.#packets,
      controlPackets: this.#controlPackets,
      refused: this.#refused,
      sources: this.#sources.size,
    };
  }

  /** Wipes the keys; the sender must not be used afterwards. */
  dispose(): void {
    this.#cipher.dispose();
    this.#sources.clear();
    this.#one.release();
  }

  /** Finds the rollover counter of a row's packet, and with Cryptex gives its CSRCs an extension. */
  #prepare(bytes: Uint8Array, rows: Uint32Array, row: number): number {
    const at = rows[row + RTP_AT]!;
    let end = at + rows[row + RTP_LENGTH]!;
    // Before an index is spent; without Cryptex the cipher finds out by itself.
    const room = this.#cryptex ? SRTP_TAILROOM_BYTES : 0;
    if (end + room > bytes.length || rtpHeaderLength(bytes, at, end) < 0) return SRTP_MALFORMED;
    const window = this.#source(rtpSsrc(bytes, at)).window;
    const sequence = rtpSequenceNumber(bytes, at);
    const roc = window.rollover(sequence);
    const status = window.accept(roc, sequence);
    if (status !== SRTP_OK && !(this.#allowRepeats && status === SRTP_REPLAYED)) return status;
    rows[row + RTP_INDEX] = roc;
    if (this.#cryptex) {
      end = addEmptyExtension(bytes, at, end);
      rows[row + RTP_LENGTH] = end - at;
    }
    return SRTP_OK;
  }

  #prepareControl(bytes: Uint8Array, rows: Uint32Array, row: number): number {
    const at = rows[row + RTP_AT]!, length = rows[row + RTP_LENGTH]!;
    if (at + length > bytes.length || length < SRTCP_HEADER_BYTES) return SRTP_MALFORMED;
    const source = this.#source(srtcpSsrc(bytes, at));
    if (source.controlIndex >= CONTROL_INDICES) return SRTP_EXHAUSTED;
    rows[row + RTP_INDEX] = source.controlIndex++;
    return SRTP_OK;
  }

  #source(ssrc: number): Source {
    // As a signed number the key is what most engines keep without allocating.
    let source = this.#sources.get(ssrc | 0);
    if (source === undefined) {
      source = { window: new PacketWindow(), controlIndex: 0 };
      this.#sources.set(ssrc | 0, source);
    }
    return source;
  }

  /** Counts the rows that were refused and returns how many were not. */
  #tally(rows: Uint32Array, count: number): number {
    let done = 0;
    for (let i = 0; i < count; i++) if (rows[i * RTP_COLUMNS + RTP_STATUS] === SRTP_OK) done++;
    this.#refused += count - done;
    return done;
  }

  #endOfOne(at: number): number {
    const rows = this.#one.rows;
    return rows[RTP_STATUS] === SRTP_OK ? at + rows[RTP_LENGTH]! : -1;
  }
}
