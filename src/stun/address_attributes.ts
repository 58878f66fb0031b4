import { type Address, formatIp, internAddress, readU16, readU32, writeU16 } from "../base/mod.ts";
import { STUN_MAGIC_COOKIE, STUN_TRANSACTION_ID_AT } from "./header.ts";

// RFC 8489 §14.1, §14.2 (port and address are XORed with the cookie and the transaction ID in the
// XOR- forms; the 16 bytes of an IPv6 mask are exactly bytes 4 to 19 of the message):
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |0 0 0 0 0 0 0 0|    Family     |            (X-)Port           |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |              (X-)Address (32 bits or 128 bits)                |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

const FAMILY_IPV4 = 1;
const FAMILY_IPV6 = 2;
const COOKIE_HIGH = STUN_MAGIC_COOKIE >>> 16;
/** Where the mask of an address starts in a message: the cookie, then the transaction ID. */
const MASK_AT = STUN_TRANSACTION_ID_AT - 4;

/** Length of the value that {@linkcode writeAddressValue} writes, bytes. */
export function addressValueLength(address: Address): number {
  return 4 + address.bytes.length;
}

/** Writes the value of an address attribute at `out[at…]`; `start` is where the message starts. */
export function writeAddressValue(
  out: Uint8Array,
  at: number,
  start: number,
  address: Address,
  xor: boolean,
): number {
  out[at] = 0;
  out[at + 1] = address.family === 4 ? FAMILY_IPV4 : FAMILY_IPV6;
  at = writeU16(out, at + 2, xor ? address.port ^ COOKIE_HIGH : address.port);
  const ip = address.bytes;
  for (let i = 0; i < ip.length; i++) {
    out[at + i] = xor ? ip[i]! ^ out[start + MASK_AT + i]! : ip[i]!;
  }
  return at + ip.length;
}

/** Reads the address in the value at `at` of `message`, or `undefined` when it is malformed. */
export function readAddressValue(
  message: Uint8Array,
  at: number,
  length: number,
  xor: boolean,
): Address | undefined {
  const size = addressSize(message, at, length);
  if (size === 0) return undefined;
  const ip = message.slice(at + 4, at + 4 + size);
  if (xor) { for (let i = 0; i < size; i++) ip[i]! ^= message[MASK_AT + i]!; }
  const port = readU16(message, at + 2) ^ (xor ? COOKIE_HIGH : 0);
  return internAddress(formatIp(ip), port);
}

/** Whether the XORed value at `at` of `message` says `address`. Builds nothing. */
export function xorAddressValueEquals(
  message: Uint8Array,
  at: number,
  length: number,
  address: Address,
): boolean {
  const ip = address.bytes;
  if (addressSize(message, at, length) !== ip.length) return false;
  if ((readU16(message, at + 2) ^ COOKIE_HIGH) !== address.port) return false;
  if (ip.length === 4) {
    return ((readU32(message, at + 4) ^ readU32(ip, 0)) >>> 0) === STUN_MAGIC_COOKIE;
  }
  for (let i = 0; i < ip.length; i++) {
    if ((message[at + 4 + i]! ^ message[MASK_AT + i]!) !== ip[i]) return false;
  }
  return true;
}

/** 4 or 16 when family and length agree, else 0. */
function addressSize(message: Uint8Array, at: number, length: number): number {
  if (length === 8 && message[at + 1] === FAMILY_IPV4) return 4;
  if (length === 20 && message[at + 1] === FAMILY_IPV6) return 16;
  return 0;
}
