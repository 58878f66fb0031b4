/**
 * How long the scenarios of `deno task soak` last, and from which seed.
 *
 * @module
 */
import process from "node:process";

/** Virtual hours per scenario: `STERNA_SOAK_HOURS`, by default one. */
export const soakHours: number = Math.max(
  0.1,
  Number(process.env["STERNA_SOAK_HOURS"] ?? "1") || 1,
);

/** The seed of everything random: `STERNA_SEED`, by default 1. */
export const soakSeed: number = Number(process.env["STERNA_SEED"] ?? "1") | 0;
