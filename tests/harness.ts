/**
 * One `test` for every runtime: `Deno.test` with its leak sanitizers under Deno, `node:test` under
 * Node, Bun and workerd. Assertions come from `node:assert/strict`.
 *
 * @module
 */
import process from "node:process";
import { test as nodeTest } from "node:test";

type Body = () => void | Promise<void>;

/** How a test may differ from the others. */
export interface TestOptions {
  /**
   * Why this test cannot run on this machine (a browser is missing), or `undefined` when it can.
   * With `STERNA_REQUIRE_ALL=1` the reason is a failure.
   */
  readonly skip?: string | undefined;
}

interface DenoTest {
  name: string;
  fn: Body;
  ignore: boolean;
  sanitizeOps: boolean;
  sanitizeResources: boolean;
  sanitizeExit: boolean;
}

interface DenoLike {
  test(definition: DenoTest): void;
}

const deno = (globalThis as { Deno?: DenoLike }).Deno;

/** Whether nothing may be skipped: continuous integration installs what every test needs. */
export const requireAll: boolean = process.env["STERNA_REQUIRE_ALL"] === "1";

/** Registers one test. Its name states a fact and the section the fact comes from. */
export function test(name: string, body: Body, options: TestOptions = {}): void {
  const reason = options.skip;
  if (reason === undefined) return register(name, body, false);
  if (!requireAll) return register(`${name} (skipped: ${reason})`, body, true);
  register(name, () => {
    throw new Error(`STERNA_REQUIRE_ALL is set, and this test would be skipped: ${reason}`);
  }, false);
}

/** Registers a test that cannot run here. The reason is part of its name, whatever the runtime. */
export function skip(name: string, reason: string): void {
  test(name, () => {}, { skip: reason });
}

function register(name: string, fn: Body, ignore: boolean): void {
  if (deno === undefined) nodeTest(name, { skip: ignore }, async () => await fn());
  else {
    deno.test({
      name,
      fn,
      ignore,
      sanitizeOps: true,
      sanitizeResources: true,
      sanitizeExit: true,
    });
  }
}
