/** How much garbage a packet makes: the growth of heap and buffers while nothing is collected. */
import process from "node:process";
import { type Effort, median, warmUp } from "./measure.ts";
import { SET_PACKETS } from "./packet_set.ts";
import type { Subject } from "./subject.ts";
import { SessionSubject } from "./subjects/session.ts";

const SETS_PER_STRETCH = 16;
const STRETCH_PACKETS = SETS_PER_STRETCH * SET_PACKETS;

/** Bun counts pages: more packets make up for that, until this much is garbage, bytes. */
const BUN_STRETCHES_FACTOR = 4;
const BUN_ENOUGH_BYTES = 128 * 1024 * 1024;

/** What is measured. */
export interface Allocation {
  /** Packets in all stretches. */
  readonly packets: number;
  /** Growth for one packet, protected and unprotected. */
  readonly bytesPerPacket: number;
  /** Whether the packets lie in the memory of WebAssembly. */
  readonly inWasmMemory?: boolean;
}

interface BunMemory {
  memoryUsage(): { readonly current: number };
}

const bun = process.versions["bun"] === undefined
  ? undefined
  : await import("bun:jsc" as string) as BunMemory;

/** Measures a subject. */
export function measureAllocations(subject: Subject, effort: Effort): Allocation {
  const work = (): void => {
    for (let set = 0; set < SETS_PER_STRETCH; set++) {
      subject.advance();
      subject.protect();
      subject.unprotect();
    }
  };
  warmUp(subject, effort);
  const measured = bun === undefined
    ? ofMedianStretch(work, effort.stretches)
    : ofAllStretches(work, effort.stretches * BUN_STRETCHES_FACTOR, bun);
  if (!(subject instanceof SessionSubject)) return measured;
  return { ...measured, inWasmMemory: subject.inWasmMemory() };
}

/**
 * V8 knows to the byte what is on its heap, garbage included. Its nursery is larger than a stretch's
 * garbage, so that most stretches pass without a collection.
 */
function ofMedianStretch(work: () => void, stretches: number): Allocation {
  const growth = (body: () => void): number => {
    const before = process.memoryUsage();
    body();
    const after = process.memoryUsage();
    return after.heapUsed + after.external - before.heapUsed - before.external;
  };
  const working: number[] = [], resting: number[] = [];
  (globalThis as { gc?: () => void }).gc?.();
  for (let stretch = 0; stretch < stretches; stretch++) {
    resting.push(growth(() => {}));
    working.push(growth(work));
  }
  return allocation(median(working) - median(resting), 1, stretches);
}

/** JavaScriptCore collects before it tells; it runs without a collector here, and its pages count. */
function ofAllStretches(work: () => void, stretches: number, memory: BunMemory): Allocation {
  work();
  const before = memory.memoryUsage().current;
  let grown = 0, done = 0;
  while (done < stretches && grown < BUN_ENOUGH_BYTES) {
    work();
    done++;
    grown = memory.memoryUsage().current - before;
  }
  return allocation(grown, done, done);
}

function allocation(bytes: number, inStretches: number, stretches: number): Allocation {
  return {
    packets: stretches * STRETCH_PACKETS,
    bytesPerPacket: Number(Math.max(0, bytes / inStretches / STRETCH_PACKETS).toFixed(2)),
  };
}
