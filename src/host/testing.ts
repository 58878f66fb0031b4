/**
 * Links and networks on virtual time, for tests and simulations: seeded, so that a run repeats.
 *
 * @module
 */
export { type Address, DatagramBatch, type Entropy, SternaError } from "../base/mod.ts";
export type * from "../crypto/mod.ts";
export type * from "../srtp/mod.ts";
export * from "./errors.ts";
export type * from "./host.ts";
export * from "./memory_host.ts";
export * from "./memory_socket.ts";
export * from "./virtual_link.ts";
export * from "./virtual_network.ts";
export * from "./virtual_timers.ts";
