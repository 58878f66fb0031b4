import { SternaError } from "../base/mod.ts";

/**
 * - `invalid-key`: keying material whose length does not fit the profile
 * - `invalid-argument`: a number that is out of its range
 * - `source-limit`: more sources than a receiver was allowed to keep
 */
export type SrtpErrorCode = "invalid-key" | "invalid-argument" | "source-limit";

/** A fault of the caller of this layer; the bytes of a peer never cause one. */
export class SrtpError extends SternaError<SrtpErrorCode> {}
