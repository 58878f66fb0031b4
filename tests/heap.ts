/**
 * How much memory a program holds, for tests that say "the heap stays flat".
 *
 * @module
 */
import process from "node:process";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

interface BunLike {
  gc(force: boolean): void;
}

const bun = (globalThis as { Bun?: BunLike }).Bun;

/** Collects all garbage: without this the figure says more of the collector's mood than of leaks. */
function collect(): void {
  if (bun !== undefined) return bun.gc(true);
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}

/** Bytes of live objects and of the buffers outside of the heap. */
export function liveBytes(): number {
  // Twice: buffers go in the round after the objects that held them.
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
