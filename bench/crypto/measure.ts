/** Subjects take turns, round after round, so that a busy machine disturbs all of them alike. */
import { type Entropy, randomU32, seededEntropy } from "../../src/base/mod.ts";
import { SET_PACKETS } from "./packet_set.ts";
import type { Subject } from "./subject.ts";

/** How thoroughly. */
export interface Effort {
  /** Rounds, of which the median counts. */
  readonly rounds: number;
  /** Each subject's share of a round, milliseconds. */
  readonly roundMs: number;
  /** Packets before the first round: engines compile hot code late. */
  readonly warmUpPackets: number;
  /** Slow subjects stop warming up after this long, milliseconds. */
  readonly warmUpMs: number;
  /** Stretches of packets in which garbage is counted. */
  readonly stretches: number;
}

/** The figures of one subject, nanoseconds per packet. */
export interface Timing {
  /** Median of the rounds. */
  readonly protectNs: number;
  /** Median of the rounds. */
  readonly unprotectNs: number;
}

/** Milliseconds of processor time that this process has used; browsers do not tell. */
export type ProcessorClock = () => number;

/** A slice is shorter than what a scheduler gives to a process at once, milliseconds. */
const SLICE_MS = 2;
/** A slice in which the process waited for longer than this share is left out. */
const DISTURBED_SHARE = 0.05;
/** So many slices in a row are left out, and no more: on a machine that is always busy. */
const MAX_DISTURBED = 30;

/** Times that add up. */
interface Sums {
  protectMs: number;
  unprotectMs: number;
  sets: number;
}

/** Works for one slice, and answers whether the process had the processor to itself. */
function runSlice(subject: Subject, ms: number, sums: Sums, clock?: ProcessorClock): boolean {
  const usedBefore = clock?.() ?? 0, from = performance.now();
  let end = from;
  sums.protectMs = sums.unprotectMs = sums.sets = 0;
  do {
    subject.advance();
    const start = performance.now();
    subject.protect();
    const middle = performance.now();
    subject.unprotect();
    end = performance.now();
    sums.protectMs += middle - start;
    sums.unprotectMs += end - middle;
    sums.sets++;
  } while (end - from < ms);
  if (clock === undefined) return true;
  return clock() - usedBefore > (1 - DISTURBED_SHARE) * (end - from);
}

/** One turn of one subject: nanoseconds per packet. Slices that others disturbed do not count. */
export function runTurn(subject: Subject, ms: number, clock?: ProcessorClock): Timing {
  const slice: Sums = { protectMs: 0, unprotectMs: 0, sets: 0 };
  let protectMs = 0, unprotectMs = 0, sets = 0, disturbed = 0;
  do {
    const calm = runSlice(subject, Math.min(ms, SLICE_MS), slice, clock);
    if (!calm && disturbed++ < MAX_DISTURBED) continue;
    disturbed = 0;
    protectMs += slice.protectMs;
    unprotectMs += slice.unprotectMs;
    sets += slice.sets;
  } while (protectMs + unprotectMs < ms);
  const toNs = 1e6 / sets / SET_PACKETS;
  return { protectNs: protectMs * toNs, unprotectNs: unprotectMs * toNs };
}

/** Lets the engine compile what a subject runs. */
export function warmUp(subject: Subject, { warmUpPackets, warmUpMs }: Effort): void {
  const end = performance.now() + warmUpMs;
  for (let packets = 0; packets < warmUpPackets; packets += SET_PACKETS) {
    subject.advance();
    subject.protect();
    subject.unprotect();
    if (performance.now() > end) return;
  }
}

/** Measures subjects side by side; the answers are in their order. */
export function measure(
  subjects: readonly Subject[],
  effort: Effort,
  onTurn: (subject: Subject, done: number, of: number) => void,
  clock?: ProcessorClock,
): Timing[] {
  const turns = subjects.map((): Timing[] => []);
  const of = (effort.rounds + 1) * subjects.length;
  let done = 0;
  for (const subject of subjects) {
    warmUp(subject, effort);
    onTurn(subject, ++done, of);
  }
  const entropy = seededEntropy(1);
  const order = subjects.map((_, i) => i);
  for (let round = 0; round < effort.rounds; round++) {
    shuffle(order, entropy);
    for (const i of order) {
      turns[i]!.push(runTurn(subjects[i]!, effort.roundMs, clock));
      onTurn(subjects[i]!, ++done, of);
    }
  }
  return turns.map((one) => ({
    protectNs: median(one.map(({ protectNs }) => protectNs)),
    unprotectNs: median(one.map(({ unprotectNs }) => unprotectNs)),
  }));
}

/** Another order in each round: nobody always pays for the garbage of those before. */
function shuffle(order: number[], entropy: Entropy): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = randomU32(entropy) % (i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
}

/** The middle of some figures. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
