import { readU16, writeU16 } from "../base/mod.ts";
import { closeFrame, padded } from "./chunk.ts";

/**
 * The frame of optional parameters and error causes (RFC 9260 §3.2.1, §3.3.10).
 *
 * ```text
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |        Parameter Type         |       Parameter Length        |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * \                        Parameter Value                        /
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 */
export const PARAMETER_HEADER_BYTES = 4;

/** Parameter types: RFC 9260 §3.3.2–3.3.3, RFC 3758 §3.1, RFC 5061 §4.2.7, RFC 6525 §4, RFC 9653 §4. */
export const ParameterType = {
  heartbeatInfo: 1,
  ipv4Address: 5,
  ipv6Address: 6,
  stateCookie: 7,
  unrecognizedParameter: 8,
  cookiePreservative: 9,
  hostNameAddress: 11,
  supportedAddressTypes: 12,
  outgoingSsnReset: 13,
  incomingSsnReset: 14,
  ssnTsnReset: 15,
  reConfigResponse: 16,
  addOutgoingStreams: 17,
  addIncomingStreams: 18,
  zeroChecksumAcceptable: 0x8001,
  supportedExtensions: 0x8008,
  forwardTsnSupported: 0xc000,
} as const;

/** One parameter: a view into the packet, lent until the packet's handler returns. */
export interface Parameter {
  /** 16-bit type; its two high bits say what to do when it is unknown. */
  readonly type: number;
  /** The value without header and padding. */
  readonly value: Uint8Array;
  /** The whole parameter without padding, for reports. */
  readonly bytes: Uint8Array;
}

/**
 * Splits `b[at…end]` into parameters, or `undefined` when a length lies. Missing padding behind the
 * last one is tolerated (RFC 9260 §3.2: the chunk length may leave it out).
 */
export function parseParameters(
  b: Uint8Array,
  at: number,
  end: number,
): Parameter[] | undefined {
  const out: Parameter[] = [];
  while (end - at >= PARAMETER_HEADER_BYTES) {
    const length = readU16(b, at + 2);
    if (length < PARAMETER_HEADER_BYTES || at + length > end) return undefined;
    out.push({
      type: readU16(b, at),
      value: b.subarray(at + PARAMETER_HEADER_BYTES, at + length),
      bytes: b.subarray(at, at + length),
    });
    at += padded(length);
  }
  return at < end ? undefined : out;
}

/** Writes one parameter, padding included, and returns the offset behind it. */
export function writeParameter(
  out: Uint8Array,
  at: number,
  type: number,
  value: Uint8Array,
): number {
  writeU16(out, at, type);
  out.set(value, at + PARAMETER_HEADER_BYTES);
  return closeFrame(out, at, at + PARAMETER_HEADER_BYTES + value.length);
}

/** Whether an unknown parameter ends the processing of its chunk (RFC 9260 §3.2.1). */
export function unknownParameterStops(type: number): boolean {
  return (type & 0x8000) === 0;
}

/** Whether an unknown parameter is reported to the peer (RFC 9260 §3.2.1). */
export function unknownParameterIsReported(type: number): boolean {
  return (type & 0x4000) !== 0;
}
