import { readU32 } from "../base/mod.ts";

/**
 * One pair of encryption and authentication under the session keys of SRTP or SRTCP. Lengths and
 * headers are checked by the caller; `end` is where the packet without its tag ends.
 */
export interface SrtpTransform {
  /**
   * Encrypts `bytes[textAt … end)` of the RTP packet at `at` and writes the tag at `end`.
   *
   * @param csrcBytes length of the CSRCs that Cryptex moves behind the extension's header meanwhile
   */
  protect(
    bytes: Uint8Array,
    at: number,
    textAt: number,
    end: number,
    roc: number,
    csrcBytes: number,
  ): void;
  /** Checks the tag at `end`; when it is right, decrypts and returns `true`; else changes nothing. */
  unprotect(
    bytes: Uint8Array,
    at: number,
    textAt: number,
    end: number,
    roc: number,
    csrcBytes: number,
  ): boolean;
  /** Encrypts the RTCP packet `bytes[at … end)` and writes tag and index behind it. */
  protectControl(bytes: Uint8Array, at: number, end: number, index: number): void;
  /**
   * Checks tag and index behind the RTCP packet; when they are right, decrypts and returns `true`.
   *
   * @param word the E flag and the index, as they stand in the packet
   */
  unprotectControl(bytes: Uint8Array, at: number, end: number, word: number): boolean;
  /** Zeroes the keys. */
  dispose(): void;
}

/** RFC 3711 §3.4: the E flag in the word with the SRTCP index. */
export const SRTCP_ENCRYPTED = 0x80000000;

/** Where the encrypted part of an RTCP packet begins (RFC 3711 §3.4). */
export const SRTCP_HEADER_BYTES = 8;

/** The SSRC of the sender of the RTCP packet at `at` (RFC 3550 §6.4.1). */
export function srtcpSsrc(bytes: Uint8Array, at: number): number {
  return readU32(bytes, at + 4);
}

/** Compares the tag in the packet in a time that depends on its length alone. */
export function sameTag(bytes: Uint8Array, at: number, tag: Uint8Array, length: number): boolean {
  let difference = 0;
  for (let i = 0; i < length; i++) difference |= bytes[at + i]! ^ tag[i]!;
  return difference === 0;
}
