import { SternaError } from "../base/mod.ts";

/**
 * - `bind`: a socket could not be opened on the address and port that were asked for
 * - `closed`: the network is gone
 * - `unsupported`: this runtime has no UDP sockets
 * - `limit`: a simulation does not come to rest
 */
export type HostErrorCode = "bind" | "closed" | "unsupported" | "limit";

/** What the machine refused. */
export class HostError extends SternaError<HostErrorCode> {}
