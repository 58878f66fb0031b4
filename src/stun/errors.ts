import { SternaError } from "../base/mod.ts";

/** What a caller of the STUN codec did wrong, for programs. Bytes of a peer never cause one. */
export type StunErrorCode =
  /** The lent buffer cannot hold the message. */
  | "buffer-too-small"
  /** A value has a length or a range that its attribute does not allow. */
  | "invalid-value"
  /** An attribute was added behind MESSAGE-INTEGRITY or FINGERPRINT, where receivers ignore it. */
  | "misplaced-attribute"
  /** A username or password that RFC 8265 does not allow. */
  | "invalid-credential";

/** A fault of the caller of the STUN codec. */
export class StunError extends SternaError<StunErrorCode> {}
