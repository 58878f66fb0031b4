import type { Entropy } from "../base/mod.ts";
import type { Certificate, CryptoProvider, SrtpProfile } from "../crypto/mod.ts";
import type { CipherSuite } from "./cipher_suites.ts";
import type { CookieOptions } from "./cookies.ts";
import type { DtlsFingerprint } from "./fingerprints.ts";
import type { NamedGroup } from "./named_groups.ts";
import type { HandshakeMessage } from "./reassembler.ts";
import type { RecordProtection } from "./record_protection.ts";
import type { Session } from "./session.ts";

/** What a handshake knows of its connection before it starts. */
export interface HandshakeSettings {
  /** Primitives. */
  readonly crypto: CryptoProvider;
  /** Randoms and ephemeral keys. */
  readonly entropy: Entropy;
  /** What we prove ourselves with. */
  readonly certificate: Certificate;
  /** What the peer's certificate must match. */
  readonly remoteFingerprints: readonly DtlsFingerprint[];
  /** Suites that we offer or accept, best first. */
  readonly cipherSuites: readonly CipherSuite[];
  /** Groups that we offer or accept, best first. */
  readonly groups: readonly NamedGroup[];
  /** SRTP profiles, best first; empty: no use_srtp. */
  readonly srtpProfiles: readonly SrtpProfile[];
  /** Server: ask for a cookie first. */
  readonly cookies: CookieOptions | undefined;
}

/** What a handshake machine may do to the connection it runs in. */
export interface HandshakePort {
  /** Forgets the last flight and begins the next one. */
  beginFlight(): void;
  /** Adds a message to the flight and returns it with its header, for the transcript. */
  addMessage(type: number, body: Uint8Array): Uint8Array;
  /** Adds a ChangeCipherSpec; later messages of the flight are sealed with `write`. */
  addChangeCipherSpec(write: RecordProtection): void;
  /**
   * Sends the flight.
   *
   * - `until-answered`: again and again until the peer's next flight is here
   * - `on-request`: again when the peer repeats itself: the last flight (RFC 6347 §4.2.4), and a
   *   HelloVerifyRequest, which no timer may repeat (§4.2.1)
   */
  sendFlight(repeat: "until-answered" | "on-request"): void;
  /** From now on the peer's protected records can be opened. */
  setReadProtection(read: RecordProtection): void;
  /** Certificates of the peer, DER, its own first; called after they matched a fingerprint. */
  setRemoteCertificates(certificates: readonly Uint8Array[]): void;
  /** The handshake is complete and every check was made. */
  finish(session: Session): void;
}

/** The handshake of one version in one role. Methods throw `HandshakeFailure` and nothing else. */
export interface HandshakeMachine {
  /** Client: sends the first flight. */
  start(): void;
  /** Takes the next message in sequence. */
  handleMessage(message: HandshakeMessage): void;
  /** Whether the peer's next message is its Finished, behind a ChangeCipherSpec. */
  readonly awaitsFinished: boolean;
  /** Whether a ChangeCipherSpec may come now or has yet to be overtaken by messages before it. */
  readonly awaitsChangeCipherSpec: boolean;
  /** Forgets secrets of an unfinished handshake. */
  dispose(): void;
}
