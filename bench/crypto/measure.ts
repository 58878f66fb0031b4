/** Subjects take turns, round after round, so that a busy machine disturbs all of them alike. */
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

/** One turn of one subject: nanoseconds per packet. */
export function runTurn(subject: Subject, ms: number): Timing {
  let protecting = 0, unprotecting = 0, sets = 0;
  do {
    subject.advance();
    const start = performance.now();
    subject.protect();
    const middle = performance.now();
    subject.unprotect();
    const end = performance.now();
    protecting += middle - start;
    unprotecting += end - middle;
    sets++;
  } while (protecting + unprotecting < ms);
  const toNs = 1e6 / sets / SET_PACKETS;
  return { protectNs: protecting * toNs, unprotectNs: unprotecting * toNs };
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
  onTurn: (subject: Subject, done: number, of: number) => void = () => {},
): Timing[] {
  const turns = subjects.map((): Timing[] => []);
  const of = (effort.rounds + 1) * subjects.length;
  let done = 0;
  for (const subject of subjects) {
    warmUp(subject, effort);
    onTurn(subject, ++done, of);
  }
  for (let round = 0; round < effort.rounds; round++) {
    subjects.forEach((subject, i) => {
      turns[i]!.push(runTurn(subject, effort.roundMs));
      onTurn(subject, ++done, of);
    });
  }
  return turns.map((one) => ({
    protectNs: median(one.map(({ protectNs }) => protectNs)),
    unprotectNs: median(one.map(({ unprotectNs }) => unprotectNs)),
  }));
}

/** The middle of some figures. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
