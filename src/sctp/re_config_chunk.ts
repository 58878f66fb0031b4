import { readU16, readU32, writeU16, writeU32 } from "../base/mod.ts";
import { CHUNK_HEADER_BYTES, ChunkType, closeFrame, writeChunkHeader } from "./chunk.ts";
import { type Parameter, ParameterType, parseParameters } from "./parameter.ts";

/** Results of a reconfiguration (RFC 6525 §4.4). */
export const ReConfigResult = {
  nothingToDo: 0,
  performed: 1,
  denied: 2,
  wrongSequence: 3,
  alreadyInProgress: 4,
  badSequenceNumber: 5,
  inProgress: 6,
} as const;

/** Outgoing SSN Reset Request (RFC 6525 §4.1): the sender resets streams that it sends on. */
export interface OutgoingSsnReset {
  /** Which parameter this is. */
  readonly type: "outgoing-ssn-reset";
  /** Re-configuration request sequence number. */
  readonly requestNumber: number;
  /** The request of the peer that this one answers, or that request's number minus one. */
  readonly responseNumber: number;
  /** The last TSN that the sender had used. */
  readonly lastAssignedTsn: number;
  /** Streams; none means all. */
  readonly streamIds: readonly number[];
}

/** Incoming SSN Reset Request (RFC 6525 §4.2): the sender asks the peer to reset its streams. */
export interface IncomingSsnReset {
  /** Which parameter this is. */
  readonly type: "incoming-ssn-reset";
  /** Re-configuration request sequence number. */
  readonly requestNumber: number;
  /** Streams; none means all. */
  readonly streamIds: readonly number[];
}

/** Re-configuration Response (RFC 6525 §4.4). */
export interface ReConfigResponse {
  /** Which parameter this is. */
  readonly type: "response";
  /** The request that is answered. */
  readonly responseNumber: number;
  /** See {@linkcode ReConfigResult}. */
  readonly result: number;
}

/** Add Outgoing Streams Request (RFC 6525 §4.5): the sender wants to send on more streams. */
export interface AddOutgoingStreams {
  /** Which parameter this is. */
  readonly type: "add-outgoing-streams";
  /** Re-configuration request sequence number. */
  readonly requestNumber: number;
  /** How many more. */
  readonly count: number;
}

/** SSN/TSN Reset (RFC 6525 §4.3) or Add Incoming Streams (§4.6): requests that we deny. */
export interface DeniedRequest {
  /** Which parameter this is. */
  readonly type: "denied-request";
  /** Re-configuration request sequence number. */
  readonly requestNumber: number;
}

/** A parameter of a RE-CONFIG chunk. */
export type ReConfigParameter =
  | OutgoingSsnReset
  | IncomingSsnReset
  | ReConfigResponse
  | AddOutgoingStreams
  | DeniedRequest;

/** Length of an Outgoing SSN Reset Request without its streams, with the chunk header, bytes. */
export const OUTGOING_RESET_HEADER_BYTES: number = CHUNK_HEADER_BYTES + 16;

/**
 * Writes a RE-CONFIG chunk (RFC 6525 §3.1) with one Outgoing SSN Reset Request.
 *
 * ```text
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  Type = 130   |  Chunk Flags  |         Chunk Length          |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |     Parameter Type = 13       | Parameter Length = 16 + 2 * N |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |           Re-configuration Request Sequence Number            |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |           Re-configuration Response Sequence Number           |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                Sender's Last Assigned TSN                     |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  Stream Number 1 (optional)   |    Stream Number 2 (optional) |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 */
export function writeOutgoingSsnReset(
  reset: OutgoingSsnReset,
  out: Uint8Array,
  at: number,
): number {
  const start = at;
  const parameterAt = at = writeChunkHeader(out, at, ChunkType.reConfig, 0, 0);
  at = writeU16(out, at, ParameterType.outgoingSsnReset) + 2;
  at = writeU32(out, at, reset.requestNumber);
  at = writeU32(out, at, reset.responseNumber);
  at = writeU32(out, at, reset.lastAssignedTsn);
  for (const streamId of reset.streamIds) at = writeU16(out, at, streamId);
  writeU16(out, parameterAt + 2, at - parameterAt);
  return closeFrame(out, start, at);
}

/** Writes a RE-CONFIG chunk with one Incoming SSN Reset Request: 12 bytes and two per stream. */
export function writeIncomingSsnReset(
  reset: IncomingSsnReset,
  out: Uint8Array,
  at: number,
): number {
  const start = at;
  const parameterAt = at = writeChunkHeader(out, at, ChunkType.reConfig, 0, 0);
  at = writeU16(out, at, ParameterType.incomingSsnReset) + 2;
  at = writeU32(out, at, reset.requestNumber);
  for (const streamId of reset.streamIds) at = writeU16(out, at, streamId);
  writeU16(out, parameterAt + 2, at - parameterAt);
  return closeFrame(out, start, at);
}

/** Writes a RE-CONFIG chunk with up to two responses: 4 bytes and 12 for each. */
export function writeReConfigResponses(
  responses: readonly ReConfigResponse[],
  out: Uint8Array,
  at: number,
): number {
  const start = at;
  at = writeChunkHeader(out, at, ChunkType.reConfig, 0, 0);
  for (const response of responses) {
    at = writeU16(out, at, ParameterType.reConfigResponse);
    at = writeU16(out, at, 12);
    at = writeU32(out, at, response.responseNumber);
    at = writeU32(out, at, response.result);
  }
  return closeFrame(out, start, at);
}

/** Reads a RE-CONFIG that ends at `end`: its one or two parameters, or `undefined` when malformed. */
export function parseReConfig(
  b: Uint8Array,
  at: number,
  end: number,
): ReConfigParameter[] | undefined {
  const parameters = parseParameters(b, at + CHUNK_HEADER_BYTES, end);
  // RFC 6525 §3.1 allows one parameter, or two in the combinations it lists.
  if (parameters === undefined || parameters.length < 1 || parameters.length > 2) return undefined;
  const out: ReConfigParameter[] = [];
  for (const parameter of parameters) {
    const read = readParameter(parameter);
    if (read === undefined) return undefined;
    out.push(read);
  }
  return out;
}

function readParameter({ type, value }: Parameter): ReConfigParameter | undefined {
  if (value.length < 4) return undefined;
  const number = readU32(value, 0);
  switch (type) {
    case ParameterType.outgoingSsnReset:
      if (value.length < 12) return undefined;
      return {
        type: "outgoing-ssn-reset",
        requestNumber: number,
        responseNumber: readU32(value, 4),
        lastAssignedTsn: readU32(value, 8),
        streamIds: readStreams(value, 12),
      };
    case ParameterType.incomingSsnReset:
      return {
        type: "incoming-ssn-reset",
        requestNumber: number,
        streamIds: readStreams(value, 4),
      };
    case ParameterType.reConfigResponse:
      if (value.length < 8) return undefined;
      return { type: "response", responseNumber: number, result: readU32(value, 4) };
    case ParameterType.addOutgoingStreams:
      if (value.length < 8) return undefined;
      return { type: "add-outgoing-streams", requestNumber: number, count: readU16(value, 4) };
    case ParameterType.ssnTsnReset:
    case ParameterType.addIncomingStreams:
      return { type: "denied-request", requestNumber: number };
    default:
      return undefined;
  }
}

function readStreams(value: Uint8Array, at: number): number[] {
  const out: number[] = [];
  for (; at + 2 <= value.length; at += 2) out.push(readU16(value, at));
  return out;
}
