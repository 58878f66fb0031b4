import type { Entropy } from "../base/mod.ts";
import type { Certificate, CryptoProvider, NamedCurve, SrtpProfile } from "../crypto/mod.ts";
import { CIPHER_SUITES, type CipherSuiteName, suitesNamed } from "./cipher_suites.ts";
import type { CookieOptions } from "./cookies.ts";
import { DtlsError } from "./errors.ts";
import type { DtlsFingerprint } from "./fingerprints.ts";
import type { HandshakeSettings } from "./handshake_port.ts";
import { groupsNamed, NAMED_GROUPS } from "./named_groups.ts";

/** Who speaks first: `a=setup:active` is the client (RFC 5763 §5). */
export type DtlsRole = "client" | "server";

/** What a `DtlsConnection` is made of. */
export interface DtlsOptions {
  /** Primitives. */
  readonly crypto: CryptoProvider;
  /** Cryptographically secure outside of tests. */
  readonly entropy: Entropy;
  /** Which side we are. */
  readonly role: DtlsRole;
  /** What we prove ourselves with. */
  readonly certificate: Certificate;
  /** Every `a=fingerprint` of the peer's description (RFC 8122 §5). */
  readonly remoteFingerprints: readonly DtlsFingerprint[];
  /** Suites to offer or accept, best first; every one we speak by default. */
  readonly cipherSuites?: readonly CipherSuiteName[];
  /** Groups to offer or accept, best first; X25519, then P-256 by default. */
  readonly groups?: readonly NamedCurve[];
  /** SRTP profiles in order of preference; none by default, which leaves use_srtp out. */
  readonly srtpProfiles?: readonly SrtpProfile[];
  /**
   * Largest handshake datagram, bytes of UDP payload: 100 to 16 384, 1200 by default. It falls by
   * itself when larger ones seem not to arrive (RFC 6347 §4.1.1.1).
   */
  readonly maxDatagramSize?: number;
  /** Server: prove the client's address first. Off by default, since a full ICE agent has done so. */
  readonly cookies?: CookieOptions;
  /**
   * What application records carry. Of `sctp`, a provider that can describes each packet in the call
   * that opens its record: {@linkcode DtlsConnection.plaintextRow}.
   */
  readonly content?: "sctp";
  /**
   * First retransmission timeout, milliseconds; 50 by default. RFC 6347 §4.2.4.1 leaves the choice
   * to the implementation and suggests a second for unknown paths. ICE has just measured this one,
   * and the usual cause of a lost first flight is a peer that was not ready yet, so libwebrtc's 50
   * ms serve: a superfluous flight costs two packets, a late one costs a second of call setup. Who
   * knows the round-trip time passes 1.5 times of it (RFC 9147 §5.8.2).
   */
  readonly initialTimeoutMs?: number;
  /** When a handshake without end becomes `failed`, milliseconds; 60 000 by default. */
  readonly handshakeTimeoutMs?: number;
}

/** Default of {@linkcode DtlsOptions.maxDatagramSize}: fits into every path of RFC 8831 §5. */
export const DEFAULT_MAX_DATAGRAM_SIZE = 1200;

/** Below this, headers would outweigh what they carry. */
const MIN_MAX_DATAGRAM_SIZE = 100;

/** Above this, one record could not fill a datagram (RFC 5246 §6.2.1). */
const MAX_MAX_DATAGRAM_SIZE = 16_384;

/** Default of {@linkcode DtlsOptions.initialTimeoutMs}. */
export const DEFAULT_INITIAL_TIMEOUT_MS = 50;

/** Default of {@linkcode DtlsOptions.handshakeTimeoutMs}: eleven transmissions from 50 ms on. */
export const DEFAULT_HANDSHAKE_TIMEOUT_MS = 60_000;

/** What the handshake needs of the options. Throws a {@linkcode DtlsError} for what cannot work. */
export function readOptions(options: DtlsOptions): HandshakeSettings {
  const { maxDatagramSize = DEFAULT_MAX_DATAGRAM_SIZE } = options;
  if (!(maxDatagramSize >= MIN_MAX_DATAGRAM_SIZE && maxDatagramSize <= MAX_MAX_DATAGRAM_SIZE)) {
    throw new DtlsError("invalid-argument", `maxDatagramSize of ${maxDatagramSize} bytes`);
  }
  const { initialTimeoutMs = 1, handshakeTimeoutMs = 1 } = options;
  if (!(initialTimeoutMs > 0) || !(handshakeTimeoutMs > 0)) {
    throw new DtlsError("invalid-argument", "timeouts are positive");
  }
  if (options.cookies !== undefined && options.cookies.secret.length < 16) {
    throw new DtlsError("invalid-argument", "a cookie secret has at least 16 bytes");
  }
  const { cipherSuites, groups } = options;
  const settings = {
    crypto: options.crypto,
    entropy: options.entropy,
    certificate: options.certificate,
    remoteFingerprints: options.remoteFingerprints.slice(),
    cipherSuites: cipherSuites === undefined ? CIPHER_SUITES : suitesNamed(cipherSuites),
    groups: groups === undefined ? NAMED_GROUPS : groupsNamed(groups),
    srtpProfiles: options.srtpProfiles ?? [],
    cookies: options.cookies,
  };
  if (settings.cipherSuites.length === 0 || settings.groups.length === 0) {
    throw new DtlsError("invalid-argument", "no cipher suite or no group is left");
  }
  return settings;
}
