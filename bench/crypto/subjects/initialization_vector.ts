import { HEADER_BYTES } from "../packet_set.ts";

/** Where the SSRC stands in an RTP header. */
const SSRC_AT = 8;

/** RFC 3711 §4.1.1: the counter block of a packet's first 16 bytes, into `out` (16 bytes). */
export function counterBlock(
  out: Uint8Array,
  salt: Uint8Array,
  packet: Uint8Array,
  rollover: number,
  sequence: number,
): void {
  out.set(salt);
  out[14] = out[15] = 0;
  for (let i = 0; i < 4; i++) {
    out[4 + i]! ^= packet[SSRC_AT + i]!;
    out[8 + i]! ^= rollover >>> (24 - 8 * i);
  }
  out[12]! ^= sequence >>> 8;
  out[13]! ^= sequence;
}

/** RFC 7714 §8.1: the nonce of a packet, into `out` (12 bytes). */
export function gcmNonce(
  out: Uint8Array,
  salt: Uint8Array,
  packet: Uint8Array,
  rollover: number,
  sequence: number,
): void {
  out.set(salt);
  for (let i = 0; i < 4; i++) {
    out[2 + i]! ^= packet[SSRC_AT + i]!;
    out[6 + i]! ^= rollover >>> (24 - 8 * i);
  }
  out[10]! ^= sequence >>> 8;
  out[11]! ^= sequence;
}

/** The rollover counter as the tag covers it (RFC 3711 §4.2), into `out` (4 bytes). */
export function rolloverBytes(out: Uint8Array, rollover: number): Uint8Array {
  for (let i = 0; i < 4; i++) out[i] = rollover >>> (24 - 8 * i);
  return out;
}

/** The header of a packet without sources and extensions. */
export function headerOf(packet: Uint8Array): Uint8Array {
  return packet.subarray(0, HEADER_BYTES);
}
