/**
 * How much garbage a packet makes. The growth of heap and buffers is read in many short stretches, in
 * most of which no collection happens; the median stretch counts.
 */
import process from "node:process";
import { type Effort, median, warmUp } from "./measure.ts";
import { SET_PACKETS } from "./packet_set.ts";
import type { Subject } from "./subject.ts";
import { SessionSubject } from "./subjects/session.ts";

const SETS_PER_STRETCH = 16;

/** What is measured. */
export interface Allocation {
  /** Packets in all stretches. */
  readonly packets: number;
  /** Growth for one packet, protected and unprotected. */
  readonly bytesPerPacket: number;
  /** Whether the packets lie in the memory of WebAssembly. */
  readonly inWasmMemory?: boolean;
}

interface BunHeap {
  heapStats(): { heapSize: number; extraMemorySize: number };
}

const bunHeap = process.versions["bun"] === undefined
  ? undefined
  : await import("bun:jsc" as string) as BunHeap;

/** Bytes of everything on the heap, garbage included, and of the buffers beside it. */
function usedBytes(): number {
  if (bunHeap !== undefined) {
    const { heapSize, extraMemorySize } = bunHeap.heapStats();
    return heapSize + extraMemorySize;
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function growth(work: () => void): number {
  const before = usedBytes();
  work();
  return usedBytes() - before;
}

/** Measures a subject. */
export function measureAllocations(subject: Subject, effort: Effort): Allocation {
  const work = (): void => {
    for (let set = 0; set < SETS_PER_STRETCH; set++) {
      subject.advance();
      subject.protect();
      subject.unprotect();
    }
  };
  const rest = (): void => {};
  warmUp(subject, effort);
  const working: number[] = [], resting: number[] = [];
  (globalThis as { gc?: () => void }).gc?.();
  for (let stretch = 0; stretch < effort.stretches; stretch++) {
    resting.push(growth(rest));
    working.push(growth(work));
  }
  const packets = effort.stretches * SETS_PER_STRETCH * SET_PACKETS;
  const perStretch = median(working) - median(resting);
  const bytesPerPacket = Number((perStretch / SETS_PER_STRETCH / SET_PACKETS).toFixed(2));
  if (!(subject instanceof SessionSubject)) return { packets, bytesPerPacket };
  return { packets, bytesPerPacket, inWasmMemory: isWasmMemory(subject.memory) };
}

/** The memory of WebAssembly cannot be transferred; any other buffer can, and is gone then. */
function isWasmMemory(memory: ArrayBufferLike): boolean {
  try {
    structuredClone(memory, { transfer: [memory as ArrayBuffer] });
    return false;
  } catch {
    return true;
  }
}
