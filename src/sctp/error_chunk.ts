import { utf8Decode, utf8Encode, writeU16 } from "../base/mod.ts";
import { CHUNK_HEADER_BYTES, type ChunkType, closeFrame, writeChunkHeader } from "./chunk.ts";
import { PARAMETER_HEADER_BYTES, parseParameters, writeParameter } from "./parameter.ts";

/** Cause codes (RFC 9260 §3.3.10). */
export const CauseCode = {
  invalidStreamIdentifier: 1,
  missingMandatoryParameter: 2,
  staleCookie: 3,
  outOfResource: 4,
  unresolvableAddress: 5,
  unrecognizedChunkType: 6,
  invalidMandatoryParameter: 7,
  unrecognizedParameters: 8,
  noUserData: 9,
  cookieReceivedWhileShuttingDown: 10,
  restartWithNewAddresses: 11,
  userInitiatedAbort: 12,
  protocolViolation: 13,
} as const;

/** One error cause: its code, and what the RFC puts behind it. */
export interface ErrorCause {
  /** See {@linkcode CauseCode}. */
  readonly code: number;
  /** Cause-specific information. */
  readonly info: Uint8Array;
}

/** Longest text and longest foreign bytes that a report of ours carries: it must fit into a packet. */
const MAX_INFO_BYTES = 256;

/** A cause with a text for people (user-initiated abort, protocol violation). */
export function textCause(code: number, text: string): ErrorCause {
  return { code, info: utf8Encode(text).subarray(0, MAX_INFO_BYTES) };
}

/** A cause that quotes what the peer sent; the bytes are copied. */
export function quoteCause(code: number, bytes: Uint8Array): ErrorCause {
  return { code, info: bytes.slice(0, MAX_INFO_BYTES) };
}

/** "Invalid Stream Identifier": the identifier and 16 reserved bits (RFC 9260 §3.3.10.1). */
export function invalidStreamCause(streamId: number): ErrorCause {
  const info = new Uint8Array(4);
  writeU16(info, 0, streamId);
  return { code: CauseCode.invalidStreamIdentifier, info };
}

/** Text of a cause, where the code says that there is one. */
export function causeText(cause: ErrorCause): string {
  return cause.code >= CauseCode.userInitiatedAbort ? utf8Decode(cause.info) : "";
}

/**
 * Writes an ERROR (type 9) or ABORT (type 6) with its causes (RFC 9260 §3.3.7, §3.3.10).
 *
 * ```text
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  Type = 6, 9  |  Reserved   |T|            Length             |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |          Cause Code           |         Cause Length          |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * \                  Cause-Specific Information                   /
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 */
export function writeErrorChunk(
  type: typeof ChunkType.error | typeof ChunkType.abort,
  flags: number,
  causes: readonly ErrorCause[],
  out: Uint8Array,
  at: number,
): number {
  const start = at;
  at = writeChunkHeader(out, at, type, flags, 0);
  for (const cause of causes) at = writeParameter(out, at, cause.code, cause.info);
  return closeFrame(out, start, at);
}

/** Bytes that {@linkcode writeErrorChunk} needs at most. */
export function errorChunkBytes(causes: readonly ErrorCause[]): number {
  let bytes = CHUNK_HEADER_BYTES;
  for (const cause of causes) bytes += PARAMETER_HEADER_BYTES + cause.info.length + 3;
  return bytes;
}

/** Causes of an ERROR or ABORT that ends at `end`; as many as make sense. Views into the packet. */
export function parseErrorCauses(b: Uint8Array, at: number, end: number): ErrorCause[] {
  const parameters = parseParameters(b, at + CHUNK_HEADER_BYTES, end) ?? [];
  return parameters.map(({ type, value }) => ({ code: type, info: value }));
}
