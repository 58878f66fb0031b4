import { readU16, readU32 } from "../base/mod.ts";

// RFC 8489 §5:
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |0 0|     STUN Message Type     |         Message Length        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                      Magic Cookie = 0x2112A442                |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                                                               |
// |                     Transaction ID (96 bits)                  |
// |                                                               |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// The type interleaves the 12 bits of the method with the 2 bits of the class:
//
//  2  3  4 5 6 7 8 9 0 1 2 3 4 5
// +--+--+-+-+-+-+-+-+-+-+-+-+-+-+
// |M11|…|M7|C1|M6|M5|M4|C0|M3|…|M0|
// +--+--+-+-+-+-+-+-+-+-+-+-+-+-+

/** RFC 8489 §5: length of the header, bytes. */
export const STUN_HEADER_BYTES = 20;
/** RFC 8489 §5: the magic cookie. */
export const STUN_MAGIC_COOKIE = 0x2112a442;
/** RFC 8489 §5: where the transaction ID starts, bytes. */
export const STUN_TRANSACTION_ID_AT = 8;
/** RFC 8489 §5: length of a transaction ID, bytes. */
export const STUN_TRANSACTION_ID_BYTES = 12;

/** The four classes of messages (RFC 8489 §5). */
export const StunClass = { REQUEST: 0, INDICATION: 1, SUCCESS: 2, ERROR: 3 } as const;
/** One of the four classes of messages. */
export type StunClass = (typeof StunClass)[keyof typeof StunClass];

/** Methods by number: STUN's (RFC 8489 §18.2) and TURN's (RFC 8656 §17). */
export const StunMethod = {
  BINDING: 0x001,
  ALLOCATE: 0x003,
  REFRESH: 0x004,
  SEND: 0x006,
  DATA: 0x007,
  CREATE_PERMISSION: 0x008,
  CHANNEL_BIND: 0x009,
} as const;

/** The 14-bit message type of a method (0 … 0xFFF) and a class (RFC 8489 §5). */
export function stunMessageType(method: number, messageClass: StunClass): number {
  return ((method & 0xf80) << 2) | ((method & 0x70) << 1) | (method & 0xf) |
    ((messageClass & 2) << 7) | ((messageClass & 1) << 4);
}

/** The method inside a message type. */
export function stunMethodOf(type: number): number {
  return ((type >>> 2) & 0xf80) | ((type >>> 1) & 0x70) | (type & 0xf);
}

/** The class inside a message type. */
export function stunClassOf(type: number): StunClass {
  return (((type >>> 7) & 2) | ((type >>> 4) & 1)) as StunClass;
}

/**
 * Whether a datagram has the header of a STUN message: two zero bits, the cookie, and a length that
 * is a multiple of four and fits the datagram exactly (RFC 8489 §6.3, §7.3).
 */
export function isStunMessage(bytes: Uint8Array): boolean {
  return bytes.length >= STUN_HEADER_BYTES && bytes[0]! < 0x40 &&
    readU32(bytes, 4) === STUN_MAGIC_COOKIE && bytes.length % 4 === 0 &&
    readU16(bytes, 2) + STUN_HEADER_BYTES === bytes.length;
}
