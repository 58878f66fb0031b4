import { RTCCertificate } from "./certificate.ts";
import { validateIceServer } from "./ice_server.ts";
import { dictionary, enforceRange, enumeration } from "./webidl.ts";

/** Which candidates may be used (webrtc-pc §4.2.3). */
export type RTCIceTransportPolicy = "relay" | "all";
/** How media sections share transports (webrtc-pc §4.2.4). */
export type RTCBundlePolicy = "balanced" | "max-compat" | "max-bundle";
/** Whether RTCP has to share the port of RTP (webrtc-pc §4.2.5). */
export type RTCRtcpMuxPolicy = "require";

/** A STUN or TURN server (webrtc-pc §4.2.2). */
export interface RTCIceServer {
  /** One or more URLs (RFC 7064, RFC 7065). */
  urls: string | string[];
  /** For TURN. */
  username?: string | undefined;
  /** For TURN: the long-term password. */
  credential?: string | undefined;
}

/** How a connection is set up (webrtc-pc §4.2.1). */
export interface RTCConfiguration {
  /**
   * STUN and TURN servers. They are checked as in a browser; candidates come from the addresses of this
   * machine alone in this version.
   */
  iceServers?: RTCIceServer[] | undefined;
  /** Which candidates may be used; "all" by default. */
  iceTransportPolicy?: RTCIceTransportPolicy | undefined;
  /** "balanced" by default. */
  bundlePolicy?: RTCBundlePolicy | undefined;
  /** "require", the only value there is. */
  rtcpMuxPolicy?: RTCRtcpMuxPolicy | undefined;
  /** From `RTCPeerConnection.generateCertificate`; the first one is used. */
  certificates?: RTCCertificate[] | undefined;
  /** How many candidates are gathered in advance, 0 … 255. */
  iceCandidatePoolSize?: number | undefined;
}

/** What `getConfiguration` returns: a configuration without gaps. */
export type RTCFullConfiguration = {
  [Member in keyof RTCConfiguration]-?: NonNullable<RTCConfiguration[Member]>;
};

/** A configuration with all defaults filled in. */
export interface FullConfiguration {
  readonly iceServers: readonly {
    urls: string[];
    username?: string;
    credential?: string;
  }[];
  readonly iceTransportPolicy: RTCIceTransportPolicy;
  readonly bundlePolicy: RTCBundlePolicy;
  readonly rtcpMuxPolicy: RTCRtcpMuxPolicy;
  readonly certificates: readonly RTCCertificate[];
  readonly iceCandidatePoolSize: number;
}

/** webrtc-pc §4.2.1: servers above a limit, which is at least 32, are ignored. */
const MAX_ICE_SERVERS = 32;

/**
 * Converts and checks a configuration: the WebIDL conversion, and the steps of webrtc-pc §4.4.1.6 that
 * do not depend on an earlier configuration.
 *
 * @throws {TypeError} for values of the wrong type
 * @throws {DOMException} `SyntaxError`, `InvalidAccessError`
 */
export function readConfiguration(value: RTCConfiguration | undefined | null): FullConfiguration {
  const given = dictionary(value, "configuration");
  const iceServers = sequence(given.iceServers, "iceServers").map(readIceServer);
  const full: FullConfiguration = {
    iceServers: iceServers.slice(0, MAX_ICE_SERVERS),
    iceTransportPolicy: given.iceTransportPolicy === undefined
      ? "all"
      : enumeration(given.iceTransportPolicy, ["relay", "all"], "iceTransportPolicy"),
    bundlePolicy: given.bundlePolicy === undefined ? "balanced" : enumeration(
      given.bundlePolicy,
      ["balanced", "max-compat", "max-bundle"],
      "bundlePolicy",
    ),
    rtcpMuxPolicy: given.rtcpMuxPolicy === undefined
      ? "require"
      : enumeration(given.rtcpMuxPolicy, ["require"], "rtcpMuxPolicy"),
    certificates: sequence(given.certificates, "certificates").map(readCertificate),
    iceCandidatePoolSize: given.iceCandidatePoolSize === undefined
      ? 0
      : enforceRange(given.iceCandidatePoolSize, 255, "iceCandidatePoolSize"),
  };
  full.iceServers.forEach(validateIceServer);
  return full;
}

/**
 * Checks what `setConfiguration` may not change (webrtc-pc §4.4.1.6).
 *
 * @throws {DOMException} `InvalidModificationError`
 */
export function checkModification(
  before: FullConfiguration,
  after: FullConfiguration,
  mayChangePool: boolean,
): void {
  const sameCertificates = before.certificates.length === after.certificates.length &&
    before.certificates.every((certificate, i) => certificate === after.certificates[i]);
  if (!sameCertificates) modification("certificates");
  if (before.bundlePolicy !== after.bundlePolicy) modification("bundlePolicy");
  if (before.rtcpMuxPolicy !== after.rtcpMuxPolicy) modification("rtcpMuxPolicy");
  if (!mayChangePool && before.iceCandidatePoolSize !== after.iceCandidatePoolSize) {
    modification("iceCandidatePoolSize");
  }
}

/**
 * webrtc-pc §4.4.1.1: a certificate past its time cannot make a connection.
 *
 * @throws {DOMException} `InvalidAccessError`
 */
export function checkCertificates(configuration: FullConfiguration, now: number): void {
  for (const certificate of configuration.certificates) {
    if (certificate.expires < now) {
      throw new DOMException("a certificate has expired", "InvalidAccessError");
    }
  }
}

/** A copy for the application (webrtc-pc §4.4.2, getConfiguration). */
export function copyConfiguration(configuration: FullConfiguration): RTCFullConfiguration {
  return {
    ...configuration,
    iceServers: configuration.iceServers.map((server) => ({
      ...server,
      urls: [...server.urls],
    })),
    certificates: [...configuration.certificates],
  };
}

function modification(name: string): never {
  throw new DOMException(`${name} cannot be changed`, "InvalidModificationError");
}

/** WebIDL §3.2.21: a sequence is any iterable object. */
function sequence<Type>(value: Iterable<Type> | undefined, name: string): Type[] {
  if (value === undefined) return [];
  const iterable = typeof value === "object" && value !== null && Symbol.iterator in value;
  if (!iterable) throw new TypeError(`${name} must be a sequence`);
  return [...value];
}

function readCertificate(value: unknown): RTCCertificate {
  if (value instanceof RTCCertificate) return value;
  throw new TypeError("certificates must hold RTCCertificate objects");
}

function readIceServer(value: RTCIceServer): FullConfiguration["iceServers"][number] {
  const given = dictionary(value, "an ICE server");
  if (given.urls === undefined) throw new TypeError("an ICE server must have urls");
  const urls = typeof given.urls === "object" && given.urls !== null
    ? sequence(given.urls, "urls").map(String)
    : [String(given.urls)];
  const server: { urls: string[]; username?: string; credential?: string } = { urls };
  if (given.username !== undefined) server.username = String(given.username);
  if (given.credential !== undefined) server.credential = String(given.credential);
  return server;
}
