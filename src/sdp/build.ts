import type { SdpAttribute } from "./attributes.ts";
import type { ConnectionField, MediaSection, SdpField, SessionDescription } from "./model.ts";
import { isDigits } from "./source.ts";
import type { DtlsParameters, IceParameters } from "./transport_query.ts";

/** RFC 9429 §5.2.1: the port of a section that has no candidates yet. */
export const UNKNOWN_PORT = 9;
/** RFC 9429 §5.2.1: the address of a section that has no candidates yet. */
export const UNKNOWN_ADDRESS = "0.0.0.0";

/** What `createSession` needs. */
export interface SessionOptions {
  /** Decimal digits, random, below 2^63 (RFC 9429 §5.2.1). */
  readonly sessionId: string;
  /** Decimal digits; "0" or "1" in a first description. */
  readonly sessionVersion: string;
  /** Session-level attributes, in order. */
  readonly attributes?: readonly SdpAttribute[];
}

/** What `createMediaSection` needs. */
export interface MediaSectionOptions {
  /** "audio", "video" or "application". */
  readonly media: string;
  /** Such as "UDP/TLS/RTP/SAVPF". */
  readonly protocol: string;
  /** At least one. */
  readonly formats: readonly string[];
  /** Without it 9, "unknown". */
  readonly port?: number;
  /** Attributes of the section, in order. */
  readonly attributes?: readonly SdpAttribute[];
}

/** What `createDataSection` needs. */
export interface DataSectionOptions {
  /** Identification tag. */
  readonly mid: string;
  /** Without it 9, "unknown". */
  readonly port?: number;
  /** Absent in a section that shares the transport of another and says nothing of its own. */
  readonly ice?: IceParameters;
  /** As `ice`. */
  readonly dtls?: DtlsParameters;
  /** The SCTP port, 5000 in browsers. */
  readonly sctpPort: number;
  /** Bytes; 0 for any. */
  readonly maxMessageSize: number;
  /** Writes the form before RFC 8841, to answer an offer that has it. */
  readonly legacy?: boolean;
  /** RFC 9143 §6: the section lives only inside its bundle; gives port 0. */
  readonly bundleOnly?: boolean;
}

/** The session part of a new offer or answer, with no media sections yet (RFC 9429 §5.2.1). */
export function createSession(options: SessionOptions): SessionDescription {
  const { sessionId, sessionVersion } = options;
  const address = { netType: "IN", addressType: "IP4", address: "127.0.0.1" };
  return {
    fields: [
      { type: "v", version: 0 },
      { type: "o", username: "-", sessionId, sessionVersion, ...address },
      { type: "s", text: "-" },
      { type: "t", start: 0, stop: 0 },
    ],
    attributes: options.attributes ?? [],
    media: [],
  };
}

/** A media section with a `c=` line that names no address yet. */
export function createMediaSection(options: MediaSectionOptions): MediaSection {
  const { media, protocol, formats, port = UNKNOWN_PORT, attributes = [] } = options;
  return {
    media: { type: "m", media, port, protocol, formats },
    fields: [connection(UNKNOWN_ADDRESS)],
    attributes,
  };
}

/**
 * A data section in the order of RFC 9429 §5.2.1: identification, transport, SCTP.
 *
 * @example
 * ```ts
 * import { createDataSection, createSession, writeSdp } from "@sterna/webrtc/sdp";
 *
 * const section = createDataSection({
 *   mid: "0",
 *   ice: {
 *     usernameFragment: "EsAw",
 *     password: "P2uYro0UCOQ4zxjKXaWCBui1",
 *     options: ["trickle"],
 *     lite: false,
 *   },
 *   dtls: { setup: "actpass", fingerprints: [] },
 *   sctpPort: 5000,
 *   maxMessageSize: 262144,
 * });
 * const session = createSession({
 *   sessionId: "4962303333179871722",
 *   sessionVersion: "1",
 *   attributes: [{ name: "group", semantics: "BUNDLE", mids: ["0"] }],
 * });
 * console.log(writeSdp({ ...session, media: [section] }));
 * ```
 */
export function createDataSection(options: DataSectionOptions): MediaSection {
  const { mid, ice, dtls, sctpPort, maxMessageSize, legacy = false, bundleOnly = false } = options;
  const attributes: SdpAttribute[] = [
    { name: "mid", mid },
    ...bundleOnly ? [{ name: "bundle-only" } as const] : [],
    ...ice === undefined ? [] : iceAttributes(ice),
    ...dtls === undefined ? [] : dtlsAttributes(dtls),
    legacy
      ? { name: "sctpmap", port: sctpPort, application: "webrtc-datachannel", streams: 1024 }
      : { name: "sctp-port", port: sctpPort },
    { name: "max-message-size", sizeBytes: maxMessageSize },
  ];
  return createMediaSection({
    media: "application",
    protocol: legacy ? "DTLS/SCTP" : "UDP/DTLS/SCTP",
    formats: [legacy ? String(sctpPort) : "webrtc-datachannel"],
    port: bundleOnly ? 0 : options.port ?? UNKNOWN_PORT,
    attributes,
  });
}

/** The attributes that carry ICE parameters in a media section; `a=ice-lite` is the session's. */
export function iceAttributes(ice: IceParameters): SdpAttribute[] {
  const { usernameFragment, password, options } = ice;
  return [
    { name: "ice-ufrag", usernameFragment },
    { name: "ice-pwd", password },
    ...options.length === 0 ? [] : [{ name: "ice-options", options } as const],
  ];
}

/** The attributes that carry DTLS parameters. */
export function dtlsAttributes(dtls: DtlsParameters): SdpAttribute[] {
  const { fingerprints, setup, tlsId } = dtls;
  return [
    ...fingerprints.map(({ algorithm, value }) =>
      ({ name: "fingerprint", algorithm, value }) as const
    ),
    ...setup === undefined ? [] : [{ name: "setup", role: setup } as const],
    ...tlsId === undefined ? [] : [{ name: "tls-id", tlsId } as const],
  ];
}

/**
 * The section of an answer that rejects `offered`: the same media type, protocol and formats, port
 * 0, and its identification tag (RFC 9429 §5.3.1, RFC 3264 §6).
 */
export function rejectSection(offered: MediaSection): MediaSection {
  const { media, protocol, formats } = offered.media;
  const attributes = offered.attributes.filter(({ name }) => name === "mid");
  return createMediaSection({ media, protocol, formats, port: 0, attributes });
}

/**
 * The section with another default destination: the port of `m=` and the address of `c=`. A name,
 * such as an mDNS one, is not told there; port 9 and 0.0.0.0 stand for it, so that only its
 * `a=candidate` carries it.
 */
export function withDestination(
  section: MediaSection,
  address: string,
  port: number,
): MediaSection {
  const known = isIpAddress(address);
  return {
    ...section,
    media: { ...section.media, port: known ? port : UNKNOWN_PORT },
    fields: replaceConnection(section.fields, connection(known ? address : UNKNOWN_ADDRESS)),
  };
}

/** The description with its session version one higher (RFC 9429 §5.2.2). */
export function withNextVersion(description: SessionDescription): SessionDescription {
  const fields = description.fields.map((field) => {
    if (field.type !== "o") return field;
    return { ...field, sessionVersion: String(BigInt(field.sessionVersion) + 1n) };
  });
  return { ...description, fields };
}

function connection(address: string): ConnectionField {
  const addressType = address.includes(":") ? "IP6" : "IP4";
  return { type: "c", netType: "IN", addressType, address };
}

function replaceConnection(fields: readonly SdpField[], line: ConnectionField): SdpField[] {
  const at = fields.findIndex(({ type }) => type === "c");
  if (at >= 0) return fields.map((field, index) => index === at ? line : field);
  // RFC 8866 §5: only "i=" stands before "c=".
  const after = fields.filter(({ type }) => type === "i").length;
  return [...fields.slice(0, after), line, ...fields.slice(after)];
}

/** Telling an address from a name is enough here. */
function isIpAddress(text: string): boolean {
  return text.includes(":") || text.split(".").every(isDigits);
}
