/**
 * Floor 3: DTLS 1.2 for WebRTC (RFC 6347, RFC 8827 §6.5) in both roles, as a state machine without
 * I/O, and the codecs of its messages.
 *
 * @module
 */
export type { Entropy } from "../base/mod.ts";
export { SternaError } from "../base/mod.ts";
export type {
  AeadAlgorithm,
  AeadBatch,
  AeadKey,
  Certificate,
  CryptoProvider,
  FingerprintAlgorithm,
  HashAlgorithm,
  HmacKey,
  KeyAgreement,
  NamedCurve,
  PacketRows,
  RunningHash,
  SignatureScheme,
  SigningKey,
  SigningKeyAlgorithm,
} from "../crypto/mod.ts";
export { ALERT, ALERT_FATAL, ALERT_WARNING, alertName } from "./alert.ts";
export type { AlertName } from "./alert.ts";
export type { CipherSuiteName } from "./cipher_suites.ts";
export { DtlsConnection } from "./connection.ts";
export type { CookieOptions } from "./cookies.ts";
export type { DropReason, RecordCounters } from "./counters.ts";
export { DtlsError } from "./errors.ts";
export type { DtlsErrorCode } from "./errors.ts";
export type { DtlsErrorEvent, DtlsEvent, DtlsState, DtlsStateEvent } from "./events.ts";
export { matchesFingerprint } from "./fingerprints.ts";
export type { DtlsFingerprint } from "./fingerprints.ts";
export type { DtlsErrorDetail } from "./handshake_failure.ts";
export type { DtlsOptions, DtlsRole } from "./options.ts";
export type { SrtpProfile } from "../crypto/mod.ts";
export type { PlaintextRow } from "./receive_arena.ts";
export type { DtlsStats } from "./stats.ts";
