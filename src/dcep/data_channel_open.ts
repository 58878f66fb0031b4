import {
  readU16,
  readU32,
  utf8Decode,
  utf8Encode,
  writeBytes,
  writeU16,
  writeU32,
} from "../base/mod.ts";
import { DcepError } from "./errors.ts";

/**
 * DATA_CHANNEL_OPEN (RFC 8832 §5.1).
 *
 * ```text
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | Message Type  |  Channel Type |            Priority           |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                     Reliability Parameter                     |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |         Label Length          |       Protocol Length         |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * \                             Label                             /
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * \                            Protocol                           /
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 */
export interface DataChannelOpen {
  /** Which message this is. */
  readonly type: "open";
  /** Name of the channel, at most 65535 bytes of UTF-8. */
  readonly label: string;
  /** Subprotocol, at most 65535 bytes of UTF-8. */
  readonly protocol: string;
  /** Whether messages are delivered in the order they were sent. */
  readonly ordered: boolean;
  /** Retransmissions after which a message is given up; excludes `maxLifetimeMs`. */
  readonly maxRetransmits?: number | undefined;
  /** Milliseconds after which a message is given up; excludes `maxRetransmits`. */
  readonly maxLifetimeMs?: number | undefined;
  /** Scheduling weight, 0 … 65535; the four of RFC 8831 §6.4 are 128, 256, 512 and 1024. */
  readonly priority: number;
}

/** RFC 8832 §8.2.1: DATA_CHANNEL_OPEN. */
export const MESSAGE_TYPE_OPEN = 0x03;

/** Length of the fixed part, bytes. */
export const OPEN_HEADER_BYTES = 12;

/** Channel types (RFC 8832 §5.1): the high bit means unordered, the rest how reliability is limited. */
const UNORDERED = 0x80;
const RELIABLE = 0x00;
const LIMITED_RETRANSMITS = 0x01;
const LIMITED_LIFETIME = 0x02;

/** Label and protocol carry 16-bit lengths. */
const MAX_TEXT_BYTES = 0xffff;

/**
 * Writes the message at `out[at]` and returns the offset behind it. `out` needs room for 12 bytes and
 * both texts: at most three bytes per UTF-16 code unit.
 *
 * @throws {DcepError} when a text is too long, or both limits of reliability are set
 */
export function writeDataChannelOpen(open: DataChannelOpen, out: Uint8Array, at: number): number {
  const label = utf8Encode(open.label);
  const protocol = utf8Encode(open.protocol);
  if (label.length > MAX_TEXT_BYTES) {
    throw new DcepError("label-too-long", `label has ${label.length} bytes, the limit is 65535`);
  }
  if (protocol.length > MAX_TEXT_BYTES) {
    throw new DcepError(
      "protocol-too-long",
      `protocol has ${protocol.length} bytes, the limit is 65535`,
    );
  }
  if (open.maxRetransmits !== undefined && open.maxLifetimeMs !== undefined) {
    throw new DcepError(
      "invalid-reliability",
      "a channel limits either its retransmissions or its lifetime, not both",
    );
  }
  const limit = open.maxRetransmits !== undefined
    ? LIMITED_RETRANSMITS
    : open.maxLifetimeMs !== undefined
    ? LIMITED_LIFETIME
    : RELIABLE;
  out[at] = MESSAGE_TYPE_OPEN;
  out[at + 1] = limit | (open.ordered ? 0 : UNORDERED);
  at = writeU16(out, at + 2, open.priority);
  at = writeU32(out, at, open.maxRetransmits ?? open.maxLifetimeMs ?? 0);
  at = writeU16(out, at, label.length);
  at = writeU16(out, at, protocol.length);
  at = writeBytes(out, at, label);
  return writeBytes(out, at, protocol);
}

/** Reads a DATA_CHANNEL_OPEN, or `undefined` when it is truncated, too long or of an unknown type. */
export function parseDataChannelOpen(message: Uint8Array): DataChannelOpen | undefined {
  if (message.length < OPEN_HEADER_BYTES) return undefined;
  const labelBytes = readU16(message, 8);
  const protocolBytes = readU16(message, 10);
  const protocolAt = OPEN_HEADER_BYTES + labelBytes;
  if (message.length !== protocolAt + protocolBytes) return undefined;
  const limit = message[1]! & ~UNORDERED;
  if (limit > LIMITED_LIFETIME) return undefined;
  const parameter = readU32(message, 4);
  return {
    type: "open",
    label: utf8Decode(message.subarray(OPEN_HEADER_BYTES, protocolAt)),
    protocol: utf8Decode(message.subarray(protocolAt)),
    ordered: (message[1]! & UNORDERED) === 0,
    maxRetransmits: limit === LIMITED_RETRANSMITS ? parameter : undefined,
    maxLifetimeMs: limit === LIMITED_LIFETIME ? parameter : undefined,
    priority: readU16(message, 2),
  };
}
