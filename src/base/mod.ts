/**
 * Floor 0: bytes, serial numbers, rings, the timer table, addresses, entropy and the base error.
 *
 * @module
 */
export * from "./address.ts";
export * from "./bytes.ts";
export * from "./datagram_batch.ts";
export * from "./entropy.ts";
export * from "./errors.ts";
export * from "./ring.ts";
export * from "./serial.ts";
export * from "./timer_table.ts";
