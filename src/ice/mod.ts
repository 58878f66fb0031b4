/**
 * Interactive Connectivity Establishment: a full or lite agent (RFC 8445) with trickle (RFC 8838),
 * consent freshness (RFC 7675) and patience (RFC 8863), as one synchronous state machine.
 *
 * @module
 */
export { type Address, type Entropy, SternaError } from "../base/mod.ts";
export type { HashAlgorithm, HmacKey } from "../crypto/mod.ts";
export * from "./agent.ts";
export * from "./agent_options.ts";
export { generateIceParameters, type IceCrypto } from "./credentials.ts";
export type { IceDropCounters } from "./core.ts";
export * from "./errors.ts";
export type { IceCandidatePairState } from "./pair.ts";
export { candidatePriority, type PairPriority, pairPriority } from "./priority.ts";
export type { IceCandidatePairStats, IceCandidateStats, IceStats } from "./stats.ts";
export * from "./timing.ts";
export * from "./types.ts";
