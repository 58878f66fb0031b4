import { SternaError } from "../base/mod.ts";

/** Faults of the caller of this layer. Nothing that comes from the network is thrown. */
export type SctpErrorCode =
  | "invalid-option"
  | "invalid-stream"
  | "empty-message";

/** A fault of the caller of this layer. */
export class SctpError extends SternaError<SctpErrorCode> {}
