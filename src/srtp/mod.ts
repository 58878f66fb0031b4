/**
 * SRTP and SRTCP (RFC 3711, RFC 7714, RFC 5764, RFC 9335): packets are protected and unprotected in
 * place, in batches or one at a time. No I/O.
 *
 * {@linkcode SrtpSender} and {@linkcode SrtpReceiver} keep rollover counters and replay windows; the
 * cryptography below them is an {@linkcode SrtpCipherProvider}. {@linkcode tsSrtp}, the default, runs
 * everywhere. `selectSrtp` of `@sterna/webrtc/providers` gives the fastest one of a host, to be passed as
 * `ciphers`; packets that lie in a batch of `createBatch` are then worked on without a copy.
 *
 * @module
 */
export type { SrtpProfile } from "../crypto/mod.ts";
export { SternaError } from "../base/mod.ts";
export * from "./cipher.ts";
export { fromIntermediate, toIntermediate } from "./cryptex.ts";
export * from "./dtls_srtp.ts";
export * from "./errors.ts";
export {
  deriveSessionKeys,
  deriveSrtpKey,
  LABEL_RTCP_AUTHENTICATION,
  LABEL_RTCP_ENCRYPTION,
  LABEL_RTCP_SALT,
  LABEL_RTP_AUTHENTICATION,
  LABEL_RTP_ENCRYPTION,
  LABEL_RTP_SALT,
  type SrtpDirectionKeys,
  type SrtpMasterKeys,
} from "./key_derivation.ts";
export { type SrtpProfileParameters, srtpProfileParameters } from "./profile.ts";
export * from "./receiver.ts";
export * from "./sender.ts";
export * from "./status.ts";
export * from "./transform.ts";
export * from "./transform_cipher.ts";
export { tsSrtp } from "./ts_cipher.ts";
