/**
 * Floor 3: SCTP over DTLS (RFC 9260, RFC 8261) with partial reliability (RFC 3758), stream
 * reconfiguration (RFC 6525), message interleaving (RFC 8260), zero checksum (RFC 9653) and path MTU
 * discovery (RFC 8899), as a machine without I/O.
 *
 * @module
 */
export { type Entropy, SternaError } from "../base/mod.ts";
export { SctpAssociation, type SendOutcome } from "./association.ts";
export type { SctpState } from "./association_state.ts";
export { SctpError, type SctpErrorCode } from "./errors.ts";
export type { SctpCloseReason, SctpEvent, SctpMessageEvent } from "./events.ts";
export type { InitialNumbers, SctpOptions } from "./options.ts";
export type { SendOptions } from "./send_queue.ts";
export * from "./sctp_row.ts";
export type { SctpDrops, SctpStats } from "./stats.ts";
