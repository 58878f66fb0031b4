import { readU16, readU32, writeU16, writeU32 } from "../base/mod.ts";
import { CHUNK_HEADER_BYTES, ChunkType, closeFrame, writeChunkHeader } from "./chunk.ts";
import {
  type Parameter,
  ParameterType,
  parseParameters,
  unknownParameterIsReported,
  unknownParameterStops,
  writeParameter,
} from "./parameter.ts";

/**
 * INIT and INIT ACK (RFC 9260 §3.3.2, §3.3.3): the same layout, type 1 and 2.
 *
 * ```text
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  Type = 1, 2  |  Chunk Flags  |         Chunk Length          |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                         Initiate Tag                          |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |           Advertised Receiver Window Credit (a_rwnd)          |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  Number of Outbound Streams   |   Number of Inbound Streams   |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                          Initial TSN                          |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * \              Optional/Variable-Length Parameters              /
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 */
export interface InitChunk {
  /** The verification tag that the peer's packets shall carry; zero is forbidden. */
  readonly initiateTag: number;
  /** Receive window, bytes. */
  readonly advertisedWindow: number;
  /** Streams the sender wants to send on; zero is forbidden. */
  readonly outboundStreams: number;
  /** Streams the sender lets the peer send on; zero is forbidden. */
  readonly inboundStreams: number;
  /** First TSN the sender will use. */
  readonly initialTsn: number;
  /** Extensions the sender supports. */
  readonly extensions: SctpExtensions;
  /** State cookie of an INIT ACK (RFC 9260 §5.1.3). */
  readonly cookie?: Uint8Array | undefined;
  /** Unknown parameters that are to be reported to the sender, whole. */
  readonly unrecognized?: readonly Uint8Array[] | undefined;
}

/** What both sides must support before either may use it. */
export interface SctpExtensions {
  /** FORWARD TSN (RFC 3758). */
  readonly partialReliability: boolean;
  /** RE-CONFIG (RFC 6525). */
  readonly reConfig: boolean;
  /** I-DATA and I-FORWARD-TSN (RFC 8260). */
  readonly interleaving: boolean;
  /** The sender accepts packets with a zero checksum, as DTLS detects errors (RFC 9653). */
  readonly zeroChecksum: boolean;
  /** PAD (RFC 4820), and with it packets above the base size: probes of the path MTU. */
  readonly padding: boolean;
}

/** Length of the fixed part with its chunk header, bytes. */
export const INIT_BYTES: number = CHUNK_HEADER_BYTES + 16;

/** RFC 9653 §4 and its IANA registry: SCTP over DTLS as the alternate error detection method. */
const EDMID_DTLS = new Uint8Array([0, 0, 0, 1]);

/** Writes an INIT or INIT ACK; unknown parameters go out as "Unrecognized Parameter". */
export function writeInitChunk(
  type: typeof ChunkType.init | typeof ChunkType.initAck,
  init: InitChunk,
  out: Uint8Array,
  at: number,
): number {
  const start = at;
  at = writeChunkHeader(out, at, type, 0, 0);
  at = writeU32(out, at, init.initiateTag);
  at = writeU32(out, at, init.advertisedWindow);
  at = writeU16(out, at, init.outboundStreams);
  at = writeU16(out, at, init.inboundStreams);
  at = writeU32(out, at, init.initialTsn);
  at = writeExtensions(init.extensions, out, at);
  if (init.cookie !== undefined) {
    at = writeParameter(out, at, ParameterType.stateCookie, init.cookie);
  }
  for (const parameter of init.unrecognized ?? []) {
    at = writeParameter(out, at, ParameterType.unrecognizedParameter, parameter);
  }
  return closeFrame(out, start, at);
}

function writeExtensions(extensions: SctpExtensions, out: Uint8Array, at: number): number {
  const types: number[] = [];
  if (extensions.reConfig) types.push(ChunkType.reConfig);
  if (extensions.partialReliability) types.push(ChunkType.forwardTsn);
  if (extensions.interleaving) types.push(ChunkType.iData, ChunkType.iForwardTsn);
  if (extensions.padding) types.push(ChunkType.pad);
  at = writeParameter(out, at, ParameterType.supportedExtensions, Uint8Array.from(types));
  if (extensions.partialReliability) {
    at = writeParameter(out, at, ParameterType.forwardTsnSupported, new Uint8Array(0));
  }
  if (extensions.zeroChecksum) {
    at = writeParameter(out, at, ParameterType.zeroChecksumAcceptable, EDMID_DTLS);
  }
  return at;
}

/**
 * Reads an INIT or INIT ACK that ends at `end`, or `undefined` when it is truncated or a parameter
 * lies about its length. The cookie and the unrecognized parameters are views.
 */
export function parseInitChunk(b: Uint8Array, at: number, end: number): InitChunk | undefined {
  if (end - at < INIT_BYTES) return undefined;
  const parameters = parseParameters(b, at + INIT_BYTES, end);
  if (parameters === undefined) return undefined;
  const unrecognized: Uint8Array[] = [];
  const known = recognizedPrefix(parameters, unrecognized);
  return {
    initiateTag: readU32(b, at + 4),
    advertisedWindow: readU32(b, at + 8),
    outboundStreams: readU16(b, at + 12),
    inboundStreams: readU16(b, at + 14),
    initialTsn: readU32(b, at + 16),
    extensions: readExtensions(known),
    cookie: known.find((parameter) => parameter.type === ParameterType.stateCookie)?.value,
    unrecognized,
  };
}

/** RFC 9260 §3.2.1: the two high bits say what an unknown parameter does to those behind it. */
function recognizedPrefix(parameters: Parameter[], unrecognized: Uint8Array[]): Parameter[] {
  const known: Parameter[] = [];
  for (const parameter of parameters) {
    if (isKnown(parameter.type)) {
      known.push(parameter);
      continue;
    }
    if (unknownParameterIsReported(parameter.type)) unrecognized.push(parameter.bytes);
    if (unknownParameterStops(parameter.type)) break;
  }
  return known;
}

function isKnown(type: number): boolean {
  switch (type) {
    case ParameterType.ipv4Address: // RFC 8261 §6.1: addresses mean nothing over DTLS
    case ParameterType.ipv6Address:
    case ParameterType.stateCookie:
    case ParameterType.unrecognizedParameter:
    case ParameterType.cookiePreservative:
    case ParameterType.hostNameAddress:
    case ParameterType.supportedAddressTypes:
    case ParameterType.zeroChecksumAcceptable:
    case ParameterType.supportedExtensions:
    case ParameterType.forwardTsnSupported:
      return true;
    default:
      return false;
  }
}

function readExtensions(parameters: readonly Parameter[]): SctpExtensions {
  let chunks: Uint8Array = new Uint8Array(0);
  let forwardTsn = false;
  let zeroChecksum = false;
  for (const { type, value } of parameters) {
    if (type === ParameterType.supportedExtensions) chunks = value;
    else if (type === ParameterType.forwardTsnSupported) forwardTsn = true;
    else if (type === ParameterType.zeroChecksumAcceptable) {
      zeroChecksum = value.length === 4 && readU32(value, 0) === 1;
    }
  }
  return {
    partialReliability: forwardTsn || chunks.includes(ChunkType.forwardTsn),
    reConfig: chunks.includes(ChunkType.reConfig),
    interleaving: chunks.includes(ChunkType.iData) && chunks.includes(ChunkType.iForwardTsn),
    zeroChecksum,
    padding: chunks.includes(ChunkType.pad),
  };
}
