/**
 * Cryptex (RFC 9335): CSRCs and header extensions are encrypted with the payload. Ciphers work on the
 * intermediate form of §6.2, in which the four bytes before the extension stand right behind the fixed
 * header, so that what is encrypted is one stretch:
 *
 * ```text
 * on the wire   | fixed header, 12 | CSRCs, 4·CC | C0DE or C2DE, length | extension | payload |
 * intermediate  | fixed header, 12 | C0DE or C2DE, length | CSRCs, 4·CC | extension | payload |
 *                                                         '----------- encrypted -----------'
 * ```
 */
import { readU16, readU32, writeU16, writeU32 } from "../base/mod.ts";
import { ONE_BYTE_PROFILE, RTP_FIXED_HEADER_BYTES, TWO_BYTE_PROFILE } from "../rtp/mod.ts";

/** RFC 9335 §4: "defined by profile" instead of 0xBEDE. */
const ENCRYPTED_ONE_BYTE_PROFILE = 0xc0de;
/** RFC 9335 §4: "defined by profile" instead of 0x1000. */
const ENCRYPTED_TWO_BYTE_PROFILE = 0xc2de;

/** Where the text to encrypt begins in the intermediate form, counted from the packet's beginning. */
export const CRYPTEX_TEXT_AT: number = RTP_FIXED_HEADER_BYTES + 4;

/** Outcome: the packet has neither CSRCs nor an extension and stays as RFC 3711 has it. */
export const CRYPTEX_NONE = 0;
/** Outcome: the packet's profile was changed; it is to be worked on in the intermediate form. */
export const CRYPTEX_MARKED = 1;
/** Outcome: what should be encrypted has no form for it. */
export const CRYPTEX_IMPOSSIBLE = 2;

/** Length of the CSRCs of the packet at `at`, bytes. */
export function csrcBytes(bytes: Uint8Array, at: number): number {
  return 4 * (bytes[at]! & 0x0f);
}

/**
 * §5.1: exchanges the profile of a packet to send, whose header is well-formed. Impossible are
 * extensions other than those of RFC 8285, and application bits, which 0xC2DE has no room for: to send
 * them in the clear would give away what the caller wants hidden. So would CSRCs without an
 * extension; the sender puts an empty one there before.
 */
export function markEncrypted(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if ((first & 0x10) === 0) return (first & 0x0f) === 0 ? CRYPTEX_NONE : CRYPTEX_IMPOSSIBLE;
  const profileAt = at + RTP_FIXED_HEADER_BYTES + csrcBytes(bytes, at);
  const profile = readU16(bytes, profileAt);
  if (profile === ONE_BYTE_PROFILE) writeU16(bytes, profileAt, ENCRYPTED_ONE_BYTE_PROFILE);
  else if (profile === TWO_BYTE_PROFILE) writeU16(bytes, profileAt, ENCRYPTED_TWO_BYTE_PROFILE);
  else return CRYPTEX_IMPOSSIBLE;
  return CRYPTEX_MARKED;
}

/** §5.2: whether a received packet, whose header is well-formed, is encrypted like this. */
export function isMarked(bytes: Uint8Array, at: number): boolean {
  if ((bytes[at]! & 0x10) === 0) return false;
  const profile = readU16(bytes, at + RTP_FIXED_HEADER_BYTES + csrcBytes(bytes, at));
  return profile === ENCRYPTED_ONE_BYTE_PROFILE || profile === ENCRYPTED_TWO_BYTE_PROFILE;
}

/** Undoes {@linkcode markEncrypted} for a packet that is decrypted. */
export function unmark(bytes: Uint8Array, at: number): void {
  const profileAt = at + RTP_FIXED_HEADER_BYTES + csrcBytes(bytes, at);
  const oneByte = readU16(bytes, profileAt) === ENCRYPTED_ONE_BYTE_PROFILE;
  writeU16(bytes, profileAt, oneByte ? ONE_BYTE_PROFILE : TWO_BYTE_PROFILE);
}

/** From the form on the wire to the intermediate one, for `length` bytes of CSRCs. */
export function toIntermediate(bytes: Uint8Array, at: number, length: number): void {
  if (length === 0) return;
  const from = at + RTP_FIXED_HEADER_BYTES;
  const word = readU32(bytes, from + length);
  bytes.copyWithin(from + 4, from, from + length);
  writeU32(bytes, from, word);
}

/** Undoes {@linkcode toIntermediate}. */
export function fromIntermediate(bytes: Uint8Array, at: number, length: number): void {
  if (length === 0) return;
  const from = at + RTP_FIXED_HEADER_BYTES;
  const word = readU32(bytes, from);
  bytes.copyWithin(from, from + 4, from + 4 + length);
  writeU32(bytes, from + length, word);
}

/**
 * §5.1: puts an empty extension behind CSRCs that have none, moving what follows by four bytes.
 *
 * @returns the end of the packet
 */
export function addEmptyExtension(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at]!;
  if ((first & 0x1f) === 0 || (first & 0x10) !== 0) return end;
  const extensionAt = at + RTP_FIXED_HEADER_BYTES + csrcBytes(bytes, at);
  bytes.copyWithin(extensionAt + 4, extensionAt, end);
  writeU16(bytes, extensionAt, ONE_BYTE_PROFILE);
  writeU16(bytes, extensionAt + 2, 0);
  bytes[at] = first | 0x10;
  return end + 4;
}
