import { SternaError } from "../base/mod.ts";

/**
 * - `not-connected`: the call needs a finished handshake
 * - `invalid-argument`: an option or argument is outside its range
 */
export type DtlsErrorCode = "not-connected" | "invalid-argument";

/** A fault of the caller. What the peer does wrong ends the connection with an event instead. */
export class DtlsError extends SternaError<DtlsErrorCode> {}
