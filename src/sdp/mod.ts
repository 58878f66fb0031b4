/**
 * Session descriptions: parser, writer and typed model for SDP (RFC 8866) with the attributes of
 * WebRTC.
 *
 * `parseSdp` reads a text into a `SessionDescription`, `writeSdp` writes it back without loss, and
 * functions such as `attribute` and `iceParametersOf` answer what a peer connection asks of a
 * description.
 *
 * @module
 */
export { SternaError } from "../base/mod.ts";
export * from "./attributes.ts";
export * from "./build.ts";
export {
  type Candidate,
  type CandidateExtension,
  candidateExtension,
  formatCandidate,
  parseCandidate,
  type TcpType,
} from "./candidate.ts";
export * from "./codec_query.ts";
export * from "./edit.ts";
export * from "./errors.ts";
export * from "./limits.ts";
export * from "./model.ts";
export * from "./parse.ts";
export * from "./query.ts";
export * from "./transport_query.ts";
export * from "./verify.ts";
export * from "./write.ts";
