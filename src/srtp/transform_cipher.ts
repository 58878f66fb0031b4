import { readU32 } from "../base/mod.ts";
import {
  parseRtpRow,
  RTP_AT,
  RTP_COLUMNS,
  RTP_INDEX,
  RTP_LENGTH,
  RTP_STATUS,
  rtpHeaderLength,
} from "../rtp/mod.ts";
import type { SrtpBatch, SrtpCipher, SrtpCipherOptions, SrtpSessionKeys } from "./cipher.ts";
import {
  CRYPTEX_IMPOSSIBLE,
  CRYPTEX_MARKED,
  CRYPTEX_NONE,
  CRYPTEX_TEXT_AT,
  csrcBytes,
  isMarked,
  markEncrypted,
  unmark,
} from "./cryptex.ts";
import { type SrtpProfileParameters, srtpProfileParameters } from "./profile.ts";
import { SRTP_MALFORMED, SRTP_OK, SRTP_REFUSED } from "./status.ts";
import { SRTCP_HEADER_BYTES, type SrtpTransform } from "./transform.ts";

/** The word with the E flag and the index (RFC 3711 §3.4). */
const INDEX_BYTES = 4;

/** What a datagram can hold; far below the 2¹⁶ blocks of one keystream (RFC 3711 §4.1.1). */
const MAX_PACKET_BYTES = 0xffff;

/** Makes the transform of SRTP or of SRTCP from its session keys and the length of its tag, bytes. */
export type SrtpTransformMaker = (keys: SrtpSessionKeys, tagBytes: number) => SrtpTransform;

/**
 * A cipher that takes packets one by one: checks rows and headers, and has a transform do the
 * cryptography.
 */
export function createTransformCipher(
  options: SrtpCipherOptions,
  make: SrtpTransformMaker,
): SrtpCipher {
  return new TransformCipher(options, make);
}

class TransformCipher implements SrtpCipher {
  readonly #parameters: SrtpProfileParameters;
  readonly #rtp: SrtpTransform;
  readonly #rtcp: SrtpTransform;
  readonly #cryptex: boolean;

  constructor({ profile, rtp, rtcp, cryptex }: SrtpCipherOptions, make: SrtpTransformMaker) {
    this.#parameters = srtpProfileParameters(profile);
    this.#cryptex = cryptex ?? false;
    this.#rtp = make(rtp, this.#parameters.rtpTagBytes);
    this.#rtcp = make(rtcp, this.#parameters.rtcpTagBytes);
  }

  protect({ bytes, rows, count }: SrtpBatch): void {
    const tagBytes = this.#parameters.rtpTagBytes;
    for (let row = 0; row < count * RTP_COLUMNS; row += RTP_COLUMNS) {
      const at = rows[row + RTP_AT]!, length = rows[row + RTP_LENGTH]!;
      if (at + length + tagBytes > bytes.length || length > MAX_PACKET_BYTES) {
        rows[row + RTP_STATUS] = SRTP_MALFORMED;
        continue;
      }
      const status = this.#protect(bytes, at, at + length, rows[row + RTP_INDEX]!);
      if (status === SRTP_OK) rows[row + RTP_LENGTH] = length + tagBytes;
      rows[row + RTP_STATUS] = status;
    }
  }

  unprotect({ bytes, rows, count }: SrtpBatch): void {
    const tagBytes = this.#parameters.rtpTagBytes;
    for (let row = 0; row < count * RTP_COLUMNS; row += RTP_COLUMNS) {
      const at = rows[row + RTP_AT]!, end = at + rows[row + RTP_LENGTH]! - tagBytes;
      let status = end + tagBytes > bytes.length
        ? SRTP_MALFORMED
        : this.#unprotect(bytes, at, end, rows[row + RTP_INDEX]!);
      if (status === SRTP_OK) {
        if (parseRtpRow(bytes, at, end, rows, row)) rows[row + RTP_LENGTH] = end - at;
        else {
          // Authentic, but its padding leaves it: nobody is to work with the plaintext.
          bytes.fill(0, at, end);
          status = SRTP_MALFORMED;
        }
      }
      rows[row + RTP_STATUS] = status;
    }
  }

  protectControl({ bytes, rows, count }: SrtpBatch): void {
    const added = this.#parameters.rtcpTagBytes + INDEX_BYTES;
    for (let row = 0; row < count * RTP_COLUMNS; row += RTP_COLUMNS) {
      const at = rows[row + RTP_AT]!, length = rows[row + RTP_LENGTH]!;
      if (at + length + added > bytes.length || !isControl(bytes, at, length)) {
        rows[row + RTP_STATUS] = SRTP_MALFORMED;
        continue;
      }
      this.#rtcp.protectControl(bytes, at, at + length, rows[row + RTP_INDEX]! & 0x7fffffff);
      rows[row + RTP_LENGTH] = length + added;
      rows[row + RTP_STATUS] = SRTP_OK;
    }
  }

  unprotectControl({ bytes, rows, count }: SrtpBatch): void {
    const { rtcpTagBytes, aead } = this.#parameters;
    const added = rtcpTagBytes + INDEX_BYTES;
    for (let row = 0; row < count * RTP_COLUMNS; row += RTP_COLUMNS) {
      const at = rows[row + RTP_AT]!, length = rows[row + RTP_LENGTH]! - added;
      const end = at + length;
      if (end + added > bytes.length || !isControl(bytes, at, length)) {
        rows[row + RTP_STATUS] = SRTP_MALFORMED;
        continue;
      }
      // RFC 7714 §9.2 has the index behind the tag, RFC 3711 §3.4 before it.
      const word = readU32(bytes, aead ? end + rtcpTagBytes : end);
      const ok = this.#rtcp.unprotectControl(bytes, at, end, word);
      if (ok) {
        rows[row + RTP_INDEX] = word & 0x7fffffff;
        rows[row + RTP_LENGTH] = length;
      }
      rows[row + RTP_STATUS] = ok ? SRTP_OK : SRTP_REFUSED;
    }
  }

  dispose(): void {
    this.#rtp.dispose();
    this.#rtcp.dispose();
  }

  #protect(bytes: Uint8Array, at: number, end: number, roc: number): number {
    const headerLength = rtpHeaderLength(bytes, at, end);
    if (headerLength < 0) return SRTP_MALFORMED;
    const marked = this.#cryptex ? markEncrypted(bytes, at) : CRYPTEX_NONE;
    if (marked === CRYPTEX_IMPOSSIBLE) return SRTP_MALFORMED;
    if (marked === CRYPTEX_MARKED) {
      this.#rtp.protect(bytes, at, at + CRYPTEX_TEXT_AT, end, roc, csrcBytes(bytes, at));
    } else this.#rtp.protect(bytes, at, at + headerLength, end, roc, 0);
    return SRTP_OK;
  }

  #unprotect(bytes: Uint8Array, at: number, end: number, roc: number): number {
    const headerLength = end - at > MAX_PACKET_BYTES ? -1 : rtpHeaderLength(bytes, at, end);
    if (headerLength < 0) return SRTP_MALFORMED;
    if (!this.#cryptex || !isMarked(bytes, at)) {
      const ok = this.#rtp.unprotect(bytes, at, at + headerLength, end, roc, 0);
      return ok ? SRTP_OK : SRTP_REFUSED;
    }
    const moved = csrcBytes(bytes, at);
    if (!this.#rtp.unprotect(bytes, at, at + CRYPTEX_TEXT_AT, end, roc, moved)) return SRTP_REFUSED;
    unmark(bytes, at);
    return SRTP_OK;
  }
}

/** Whether a header of RTCP, version 2, is there (RFC 3550 §6.4.1). */
function isControl(bytes: Uint8Array, at: number, length: number): boolean {
  return length >= SRTCP_HEADER_BYTES && length <= MAX_PACKET_BYTES && bytes[at]! >>> 6 === 2;
}
