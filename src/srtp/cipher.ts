/**
 * The seam between SRTP and its cryptography. A cipher knows session keys and nothing of sessions:
 * rollover counters and replay windows are the caller's.
 */
import type { SrtpProfile } from "../crypto/mod.ts";
import { RTP_AT, RTP_COLUMNS, RTP_INDEX, RTP_LENGTH, RTP_STATUS } from "../rtp/mod.ts";
import { SRTP_REFUSED } from "./status.ts";

/** Room that a packet needs behind it: the tag (16 bytes, RFC 7714) and SRTCP's index (4 bytes). */
export const SRTP_TAILROOM_BYTES = 20;

/** Packets in one stretch of memory, one row of {@linkcode RTP_COLUMNS} numbers each. */
export interface SrtpBatch {
  /** Where the packets lie, each with {@linkcode SRTP_TAILROOM_BYTES} behind it when sending. */
  readonly bytes: Uint8Array;
  /** The rows. */
  readonly rows: Uint32Array;
  /** How many rows are filled. */
  count: number;
  /** Adds a row; the caller has made sure that there is room. */
  push(at: number, length: number): void;
  /** Gives the memory back; nothing of the batch must be used afterwards. */
  release(): void;
}

/** A batch in ordinary memory. */
export class PlainSrtpBatch implements SrtpBatch {
  readonly bytes: Uint8Array;
  readonly rows: Uint32Array;
  count = 0;

  /**
   * An empty batch.
   *
   * @param bytes the memory
   * @param rows `RTP_COLUMNS` numbers for each packet
   */
  constructor(bytes: Uint8Array, rows: Uint32Array) {
    this.bytes = bytes;
    this.rows = rows;
  }

  push(at: number, length: number): void {
    const row = this.count++ * RTP_COLUMNS;
    this.rows[row + RTP_AT] = at;
    this.rows[row + RTP_LENGTH] = length;
    this.rows[row + RTP_INDEX] = 0;
    this.rows[row + RTP_STATUS] = SRTP_REFUSED;
  }

  release(): void {}
}

/** Session keys of one direction and one of SRTP and SRTCP (RFC 3711 §4.3). */
export interface SrtpSessionKeys {
  /** 16 or 32 bytes. */
  readonly key: Uint8Array;
  /** 14 bytes for counter mode, 12 for GCM (RFC 7714 §12). */
  readonly salt: Uint8Array;
  /** 20 bytes for HMAC-SHA1; empty for GCM. */
  readonly authKey: Uint8Array;
}

/** Session keys and what was negotiated about them. */
export interface SrtpCipherOptions {
  /** The profile. */
  readonly profile: SrtpProfile;
  /** For RTP. Copied, not kept. */
  readonly rtp: SrtpSessionKeys;
  /** For RTCP. Copied, not kept. */
  readonly rtcp: SrtpSessionKeys;
  /** Whether CSRCs and header extensions are encrypted, too (RFC 9335). */
  readonly cryptex?: boolean;
}

/**
 * Prepared session keys of one direction. Nothing here throws for bytes of a peer, and nothing is
 * written outside of a packet and the `SRTP_TAILROOM_BYTES` behind it.
 *
 * `SRTP_MALFORMED` is a packet that is too short for its header and tag, or of another version, or
 * that does not lie in the memory of its batch with the room it needs; such a packet is not touched.
 * So is, after decryption, an authentic one whose padding leaves it (RFC 3550 appendix A.1); its text
 * is wiped. With Cryptex, `protect` also says so of packets that it cannot hide everything of: those
 * with CSRCs and no extension, and those with an extension of neither form of RFC 8285.
 */
export interface SrtpCipher {
  /**
   * Encrypts RTP packets in place and appends their tags. In: `RTP_AT`, `RTP_LENGTH`, and the
   * rollover counter in `RTP_INDEX`. Out: `RTP_STATUS` and, where it is `SRTP_OK`, the new
   * `RTP_LENGTH`.
   */
  protect(batch: SrtpBatch): void;
  /**
   * Checks the tags of SRTP packets and decrypts them in place. In: as for `protect`. Out:
   * `RTP_STATUS` and, where it is `SRTP_OK`, the new `RTP_LENGTH` and all columns from `RTP_FLAGS`
   * on. No plaintext of any other packet is visible afterwards.
   */
  unprotect(batch: SrtpBatch): void;
  /** Encrypts RTCP packets and appends index and tag. In: the 31-bit index in `RTP_INDEX`. */
  protectControl(batch: SrtpBatch): void;
  /**
   * Checks and decrypts SRTCP packets in place; those that were sent unencrypted (E flag 0, RFC 3711
   * §3.4) are checked alike. Out: `RTP_STATUS` and, where it is `SRTP_OK`, the new `RTP_LENGTH` and the
   * index in `RTP_INDEX`.
   */
  unprotectControl(batch: SrtpBatch): void;
  /** Wipes the keys; the object must not be used afterwards. */
  dispose(): void;
}

/** A source of ciphers; all of them pass the same vectors. */
export interface SrtpCipherProvider {
  /** Which one this is, for statistics and `STERNA_CRYPTO`. */
  readonly name: string;
  /** Prepares session keys. */
  createCipher(options: SrtpCipherOptions): SrtpCipher;
  /**
   * A batch whose packets this provider works on where they lie; others are right, too, but may be
   * copied.
   *
   * @param byteLength room for packets
   * @param maxRows room for rows
   */
  createBatch(byteLength: number, maxRows: number): SrtpBatch;
}
