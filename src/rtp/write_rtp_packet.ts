import { writeBytes, writeU16, writeU32 } from "../base/mod.ts";
import { requireRange, requireRoom, RtpError } from "./errors.ts";
import { ONE_BYTE_PROFILE, RTP_FIXED_HEADER_BYTES, TWO_BYTE_PROFILE } from "./rtp_header.ts";

/** One element of a header extension (RFC 8285 §4.1). */
export interface RtpElement {
  /** The local identifier that was negotiated for its URI, 1 … 255. */
  readonly id: number;
  /** 0 … 255 bytes. */
  readonly data: Uint8Array;
}

/** What an RTP header says. */
export interface RtpHeaderFields {
  /** The marker bit; `false` unless given. */
  readonly marker?: boolean;
  /** 0 … 127. */
  readonly payloadType: number;
  /** 16 bits. */
  readonly sequenceNumber: number;
  /** 32 bits, in units of the payload's clock. */
  readonly timestamp: number;
  /** Synchronization source, 32 bits. */
  readonly ssrc: number;
  /** Contributing sources, at most 15. */
  readonly csrcs?: readonly number[];
  /**
   * The elements of the header extension. An empty list writes an empty extension, which Cryptex
   * needs to hide CSRCs (RFC 9335 §5.1); without a list there is none.
   */
  readonly elements?: readonly RtpElement[];
  /**
   * Whether elements have the two-byte form even where the one-byte form would do. Without it that
   * depends on identifiers and lengths: the one-byte form has 1 … 14 and 1 … 16 bytes (RFC 8285 §4.2).
   */
  readonly twoByteElements?: boolean;
}

/** What an RTP packet says. */
export interface RtpPacketFields extends RtpHeaderFields {
  /** The payload; none unless given. */
  readonly payload?: Uint8Array;
  /** Bytes of padding behind the payload, their count included: 0 … 255. 0 unless given. */
  readonly paddingLength?: number;
}

const NO_ELEMENTS: readonly RtpElement[] = [];

/** Length of the header with CSRCs and extension, bytes. */
export function rtpHeaderSize(fields: RtpHeaderFields): number {
  const size = RTP_FIXED_HEADER_BYTES + 4 * (fields.csrcs?.length ?? 0);
  return fields.elements === undefined ? size : size + 4 + extensionSize(fields);
}

/** Whether the elements need, or are to have, the two-byte form. */
function isTwoByte(fields: RtpHeaderFields): boolean {
  if (fields.twoByteElements === true) return true;
  for (const { id, data } of fields.elements ?? NO_ELEMENTS) {
    if (id > 14 || data.length === 0 || data.length > 16) return true;
  }
  return false;
}

/** The data of the header extension with its padding to whole words. */
function extensionSize(fields: RtpHeaderFields): number {
  const headBytes = isTwoByte(fields) ? 2 : 1;
  let size = 0;
  for (const { data } of fields.elements ?? NO_ELEMENTS) size += headBytes + data.length;
  return (size + 3) & ~3;
}

/**
 * Writes a whole packet at `out[at]` and returns the offset behind it.
 *
 * @throws {RtpError} `buffer-too-small`, or `invalid-value` for what a field cannot hold
 */
export function writeRtpPacket(fields: RtpPacketFields, out: Uint8Array, at: number): number {
  const padding = fields.paddingLength ?? 0;
  requireRange(padding, 255, "the padding");
  requireRoom(out, at, rtpHeaderSize(fields) + (fields.payload?.length ?? 0) + padding);
  let end = writeRtpHeader(fields, out, at);
  if (fields.payload !== undefined) end = writeBytes(out, end, fields.payload);
  if (padding === 0) return end;
  out[at]! |= 0x20;
  out.fill(0, end, end + padding);
  out[end + padding - 1] = padding;
  return end + padding;
}

/**
 * Writes a header with CSRCs and extension at `out[at]` and returns the offset behind it, where an
 * encoder or packetizer puts the payload.
 *
 * @throws {RtpError} `buffer-too-small`, or `invalid-value` for what a field cannot hold
 */
export function writeRtpHeader(fields: RtpHeaderFields, out: Uint8Array, at: number): number {
  requireRoom(out, at, rtpHeaderSize(fields));
  requireRange(fields.payloadType, 127, "the payload type");
  const csrcs = fields.csrcs;
  const csrcCount = csrcs?.length ?? 0;
  requireRange(csrcCount, 15, "the number of CSRCs");
  out[at] = 0x80 | (fields.elements === undefined ? 0 : 0x10) | csrcCount;
  out[at + 1] = (fields.marker === true ? 0x80 : 0) | fields.payloadType;
  writeU16(out, at + 2, fields.sequenceNumber);
  writeU32(out, at + 4, fields.timestamp);
  at = writeU32(out, at + 8, fields.ssrc);
  for (let i = 0; i < csrcCount; i++) at = writeU32(out, at, csrcs![i]!);
  return fields.elements === undefined ? at : writeExtension(fields, out, at);
}

function writeExtension(fields: RtpHeaderFields, out: Uint8Array, at: number): number {
  const twoByte = isTwoByte(fields);
  const size = extensionSize(fields);
  requireRange(size >>> 2, 0xffff, "the length of the header extension in words");
  writeU16(out, at, twoByte ? TWO_BYTE_PROFILE : ONE_BYTE_PROFILE);
  at = writeU16(out, at + 2, size >>> 2);
  const end = at + size;
  for (const { id, data } of fields.elements ?? NO_ELEMENTS) {
    if (id === 0) throw new RtpError("invalid-value", "an element has identifier 0: padding has");
    requireRange(id, 255, "the identifier of an element");
    requireRange(data.length, 255, "the length of an element");
    if (twoByte) {
      out[at++] = id;
      out[at++] = data.length;
    } else out[at++] = (id << 4) | (data.length - 1);
    at = writeBytes(out, at, data);
  }
  out.fill(0, at, end);
  return end;
}
