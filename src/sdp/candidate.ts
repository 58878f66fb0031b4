import { keepOriginal, originalOf } from "./original_text.ts";
import { cut, isIceText, isMadeOf, Source, words } from "./source.ts";

/** How an ICE-TCP candidate gets its connection (RFC 6544 §4.5). */
export type TcpType = "active" | "passive" | "so";

/** An extension attribute of a candidate: "generation", "ufrag", "network-id", "network-cost". */
export interface CandidateExtension {
  /** Before the space. */
  readonly name: string;
  /** After the space. */
  readonly value: string;
}

/** One ICE candidate as SDP carries it (RFC 8839 §5.1). */
export interface Candidate {
  /** The same for candidates that share type, base and server (RFC 8445 §5.1.1.3). */
  readonly foundation: string;
  /** 1 for RTP and data, 2 for RTCP. */
  readonly component: number;
  /** In lower case: "udp", "tcp", or a protocol to ignore. */
  readonly transport: string;
  /** Higher is better. */
  readonly priority: number;
  /** IPv4, IPv6 without brackets, or a name, such as an mDNS one that ends in ".local". */
  readonly address: string;
  /** 9 for active TCP, which has none. */
  readonly port: number;
  /** "host", "srflx", "prflx", "relay", or a type to ignore. */
  readonly type: string;
  /** The base behind a reflexive candidate, the mapped address of a relayed one; 0.0.0.0 when hidden. */
  readonly relatedAddress?: string;
  /** The port of `relatedAddress`. */
  readonly relatedPort?: number;
  /** Present for TCP. */
  readonly tcpType?: TcpType;
  /** What follows, in order, but for `tcptype`. */
  readonly extensions: readonly CandidateExtension[];
}

const PREFIX = "candidate:";
/** RFC 8839 §5.1: foundation = 1*32ice-char. */
const MAX_FOUNDATION_LENGTH = 32;
/** RFC 8445 §5.1.1: a component ID is 1 to 256. */
const MAX_COMPONENT = 256;
/** RFC 8839 §5.1 says 2^31 − 1; senders fill 32 bits, so the parser takes them. */
const MAX_PRIORITY = 0xffffffff;
const TCP_TYPES = ["active", "passive", "so"] as const;

/**
 * Reads a candidate: the value of `RTCIceCandidateInit.candidate`, with or without its "candidate:"
 * and with or without "a=", and with blanks or a line break at the end. The empty string, with which an API says "end of candidates", is none.
 *
 * @throws SdpError with code "bad-attribute"
 *
 * @example
 * ```ts
 * import { parseCandidate } from "@sterna/webrtc/sdp";
 *
 * const text = "candidate:1 1 udp 2122260223 192.0.2.1 54321 typ host generation 0";
 * const candidate = parseCandidate(text);
 * console.log(candidate.address, candidate.port, candidate.type); // 192.0.2.1 54321 host
 * ```
 */
export function parseCandidate(text: string): Candidate {
  let value = (text.startsWith("a=") ? text.slice(2) : text).trimEnd();
  if (value.startsWith(PREFIX)) value = value.slice(PREFIX.length);
  const source = new Source("bad-attribute", 1, text);
  if (!isOneLine(value)) source.fail("a candidate on one line");
  return readCandidate(value, source);
}

/**
 * Writes a candidate as `RTCIceCandidate.candidate` shows it: "candidate:" and the value. A candidate
 * that was parsed and left alone comes back as it was.
 */
export function formatCandidate(candidate: Candidate): string {
  return PREFIX + formatCandidateValue(candidate);
}

/** The value of the first extension of that name, such as "ufrag". */
export function candidateExtension(candidate: Candidate, name: string): string | undefined {
  return candidate.extensions.find((extension) => extension.name === name)?.value;
}

/** The value of `a=candidate:`. */
export function formatCandidateValue(candidate: Candidate): string {
  return originalOf(candidate) ?? canonical(candidate);
}

/** Reads the value of `a=candidate:`. */
export function readCandidate(value: string, source: Source): Candidate {
  const parts = words(value);
  const [foundation, component, transport, priority, address, port, typ, type] = parts;
  if (foundation === undefined || !isFoundation(foundation)) {
    source.fail("a foundation of 1 to 32 letters, digits, + or /");
  }
  const head = {
    foundation,
    component: source.integer(component, 1, MAX_COMPONENT, "a component"),
    transport: source.token(transport, "a transport").toLowerCase(),
    priority: source.integer(priority, 0, MAX_PRIORITY, "a priority"),
    address: readAddress(address, source),
    port: source.integer(port, 0, 65535, "a port"),
    type: source.token(typ === "typ" ? type : undefined, '"typ" and a candidate type'),
  };
  const candidate: Candidate = { ...head, ...readTail(parts, 8, source) };
  return value === canonical(candidate) ? candidate : keepOriginal(candidate, value);
}

type Tail = Pick<Candidate, "relatedAddress" | "relatedPort" | "tcpType" | "extensions">;

/** What follows the type: pairs of a name and a value, three of which have a meaning here. */
function readTail(parts: readonly string[], start: number, source: Source): Tail {
  const extensions: CandidateExtension[] = [];
  const known: { -readonly [Key in keyof Omit<Tail, "extensions">]: Tail[Key] } = {};
  for (let i = start; i < parts.length; i += 2) {
    const name = source.present(parts[i], "an extension name");
    const value = source.present(parts[i + 1], `a value for "${name}"`);
    if (name === "raddr") known.relatedAddress = readAddress(value, source);
    else if (name === "rport") known.relatedPort = source.integer(value, 0, 65535, "a port");
    else if (name === "tcptype") known.tcpType = source.oneOf(value, TCP_TYPES, "a TCP type");
    else extensions.push({ name, value });
  }
  return { ...known, extensions };
}

function canonical(candidate: Candidate): string {
  const { foundation, component, transport, priority, address, port, type } = candidate;
  let text = `${foundation} ${component} ${transport} ${priority} ${address} ${port} typ ${type}`;
  if (candidate.relatedAddress !== undefined) text += ` raddr ${candidate.relatedAddress}`;
  if (candidate.relatedPort !== undefined) text += ` rport ${candidate.relatedPort}`;
  if (candidate.tcpType !== undefined) text += ` tcptype ${candidate.tcpType}`;
  for (const { name, value } of candidate.extensions) text += ` ${name} ${value}`;
  return text;
}

function isFoundation(text: string): boolean {
  return text.length <= MAX_FOUNDATION_LENGTH && isIceText(text);
}

/** The characters of IP addresses and names; which of them it is, the ICE layer finds out. */
export function readAddress(text: string | undefined, source: Source): string {
  const [host, zone] = cut(text ?? "", "%");
  const wellFormed = isMadeOf(host, ".:-_") && (zone === undefined || isMadeOf(zone, ".-_"));
  if (text === undefined || text.length > 255 || !wellFormed) source.fail("an address or a name");
  return text;
}

function isOneLine(text: string): boolean {
  return !text.includes("\r") && !text.includes("\n") && !text.includes("\0");
}
