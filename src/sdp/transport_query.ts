import type { SetupRole } from "./attributes.ts";
import type { Candidate } from "./candidate.ts";
import type { MediaSection, SessionDescription } from "./model.ts";
import {
  attribute,
  attributes,
  effectiveAttribute,
  effectiveAttributes,
  hasAttribute,
} from "./query.ts";

/** RFC 8841 §6.1: what a peer takes that says nothing, in bytes. */
const DEFAULT_MAX_MESSAGE_SIZE = 65536;
/** What peers that leave `a=sctp-port` out mean, as in libwebrtc. */
const DEFAULT_SCTP_PORT = 5000;

/** The ICE side of a description, for one media section. */
export interface IceParameters {
  /** `a=ice-ufrag`. */
  readonly usernameFragment: string;
  /** `a=ice-pwd`. */
  readonly password: string;
  /** `a=ice-options`, such as "trickle"; empty when there are none. */
  readonly options: readonly string[];
  /** Whether the agent is a lite one (RFC 8839 §5.3); always said for the whole session. */
  readonly lite: boolean;
}

/** A certificate's hash. */
export interface Fingerprint {
  /** Hash function, in lower case: "sha-256". */
  readonly algorithm: string;
  /** Upper-case hexadecimal pairs with colons. */
  readonly value: string;
}

/** The DTLS side of a description, for one media section. */
export interface DtlsParameters {
  /** `a=setup`. */
  readonly setup?: SetupRole;
  /** `a=tls-id`. */
  readonly tlsId?: string;
  /** All `a=fingerprint` lines that hold for the section. */
  readonly fingerprints: readonly Fingerprint[];
}

/** The SCTP side of a data section. */
export interface SctpParameters {
  /** The SCTP port, inside DTLS. */
  readonly port: number;
  /** Bytes of the largest message the sender of the description takes; 0 means any. */
  readonly maxMessageSize: number;
  /** Whether the section has the form before RFC 8841, which an answer has to mirror. */
  readonly legacy: boolean;
}

/**
 * The ICE parameters that hold for a section: its own or, where it has none, the session's
 * (RFC 8839 §5.4). Undefined when the fragment or the password is missing.
 */
export function iceParametersOf(
  description: SessionDescription,
  section: MediaSection,
): IceParameters | undefined {
  const ufrag = effectiveAttribute(description, section, "ice-ufrag");
  const pwd = effectiveAttribute(description, section, "ice-pwd");
  if (ufrag === undefined || pwd === undefined) return undefined;
  return {
    usernameFragment: ufrag.usernameFragment,
    password: pwd.password,
    options: effectiveAttribute(description, section, "ice-options")?.options ?? [],
    lite: hasAttribute(description, "ice-lite"),
  };
}

/**
 * The DTLS parameters that hold for a section. Fingerprints of the section replace those of the
 * session, all of them (RFC 8122 §5).
 */
export function dtlsParametersOf(
  description: SessionDescription,
  section: MediaSection,
): DtlsParameters {
  const setup = effectiveAttribute(description, section, "setup")?.role;
  const tlsId = effectiveAttribute(description, section, "tls-id")?.tlsId;
  return {
    ...(setup === undefined ? {} : { setup }),
    ...(tlsId === undefined ? {} : { tlsId }),
    fingerprints: effectiveAttributes(description, section, "fingerprint")
      .map(({ algorithm, value }) => ({ algorithm, value })),
  };
}

/** Whether the section carries data channels, in the form of RFC 8841 or the one before it. */
export function isDataSection(section: MediaSection): boolean {
  const { media, protocol, formats } = section.media;
  if (media !== "application" || !isSctp(protocol)) return false;
  return formats.includes("webrtc-datachannel") || isLegacy(section);
}

/** The SCTP parameters of a data section, in both forms; undefined for other sections. */
export function sctpParametersOf(section: MediaSection): SctpParameters | undefined {
  if (!isDataSection(section)) return undefined;
  const legacy = isLegacy(section);
  const port = legacy ? attribute(section, "sctpmap")?.port : attribute(section, "sctp-port")?.port;
  return {
    port: port ?? DEFAULT_SCTP_PORT,
    maxMessageSize: attribute(section, "max-message-size")?.sizeBytes ?? DEFAULT_MAX_MESSAGE_SIZE,
    legacy,
  };
}

/** The candidates of a section, in order. */
export function candidatesOf(section: MediaSection): Candidate[] {
  return attributes(section, "candidate").map(({ candidate }) => candidate);
}

/** Whether no further candidates will come for a section (RFC 8840 §8.2). */
export function hasEndOfCandidates(
  description: SessionDescription,
  section: MediaSection,
): boolean {
  return hasAttribute(section, "end-of-candidates") ||
    hasAttribute(description, "end-of-candidates");
}

function isSctp(protocol: string): boolean {
  return protocol === "UDP/DTLS/SCTP" || protocol === "TCP/DTLS/SCTP" || protocol === "DTLS/SCTP";
}

/** `m=application 9 DTLS/SCTP 5000` with an `a=sctpmap` for the port that stands as the format. */
function isLegacy(section: MediaSection): boolean {
  const map = attribute(section, "sctpmap");
  return map?.application === "webrtc-datachannel" &&
    section.media.formats.includes(String(map.port));
}
