/**
 * One `test` for every runtime: `Deno.test` with its leak sanitizers under Deno, `node:test` under
 * Node and Bun. Assertions come from `node:assert/strict`.
 *
 * @module
 */
import { test as nodeTest } from "node:test";

type Body = () => void | Promise<void>;

interface DenoLike {
  test(name: string, body: Body): void;
}

const deno = (globalThis as { Deno?: DenoLike }).Deno;

/** Registers one test. Its name states a fact and the section the fact comes from. */
export function test(name: string, body: Body): void {
  if (deno !== undefined) deno.test(name, body);
  else nodeTest(name, body);
}
