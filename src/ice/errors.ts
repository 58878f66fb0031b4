import { SternaError } from "../base/mod.ts";

/** What the owner of an agent did wrong, for programs. Bytes of a peer never cause one. */
export type IceErrorCode =
  /** A username fragment or password breaks RFC 8445 §5.3. */
  "invalid-parameters";

/** A fault of the owner of an ICE agent. */
export class IceError extends SternaError<IceErrorCode> {}
