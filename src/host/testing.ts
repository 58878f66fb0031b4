/**
 * Links and networks on virtual time, for tests and simulations: seeded, so that a run repeats.
 *
 * @module
 */
export * from "./virtual_link.ts";
