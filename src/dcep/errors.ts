import { SternaError } from "../base/mod.ts";

/** What can be wrong with a message that a caller wants written. */
export type DcepErrorCode = "label-too-long" | "protocol-too-long" | "invalid-reliability";

/** A fault of the caller of this layer. */
export class DcepError extends SternaError<DcepErrorCode> {}
