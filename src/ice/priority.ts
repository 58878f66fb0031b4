import type { IceCandidateType, IceTcpType } from "./types.ts";

/** RFC 8445 §5.1.2.2: type preferences, 0 … 126. */
const TYPE_PREFERENCES: Readonly<Record<IceCandidateType, number>> = {
  host: 126,
  prflx: 110,
  srflx: 100,
  relay: 0,
};

/**
 * RFC 6544 §4.2 wants TCP below UDP of the same type and leaves the number open; this much puts TCP
 * host candidates below every reflexive one over UDP, where browsers put them.
 */
const TCP_TYPE_PENALTY = 36;

/** RFC 6544 §4.2: direction preferences of host and relayed, and of reflexive candidates. */
const TCP_DIRECTIONS: Readonly<Record<IceTcpType, readonly [number, number]>> = {
  active: [6, 4],
  passive: [4, 2],
  so: [2, 6],
};

/** RFC 8445 §5.1.2.1: the highest local preference. */
export const MAX_LOCAL_PREFERENCE = 65_535;

/**
 * The priority of a candidate of component 1 (RFC 8445 §5.1.2.1):
 * `2^24 · type preference + 2^8 · local preference + (256 − component)`.
 *
 * @param localPreference 0 … 65535
 * @param tcpType of TCP candidates, whose preference RFC 6544 §4.2 splits by direction
 */
export function candidatePriority(
  type: IceCandidateType,
  localPreference: number,
  tcpType?: IceTcpType,
): number {
  let typePreference = TYPE_PREFERENCES[type];
  if (tcpType !== undefined) {
    typePreference = Math.max(0, typePreference - TCP_TYPE_PENALTY);
    const direction = TCP_DIRECTIONS[tcpType][type === "host" || type === "relay" ? 0 : 1];
    localPreference = direction * 8192 + (localPreference >>> 3);
  }
  return typePreference * 0x100_0000 + localPreference * 0x100 + 255;
}

/**
 * What a check announces as PRIORITY: the candidate's priority as if it were peer-reflexive
 * (RFC 8445 §7.1.1).
 */
export function peerReflexivePriority(priority: number): number {
  return TYPE_PREFERENCES.prflx * 0x100_0000 + (priority & 0xff_ffff);
}

/**
 * The priority of a pair in two halves of 32 bits and a bit (RFC 8445 §6.1.2.3):
 * `2^32 · MIN(G,D) + 2 · MAX(G,D) + (G > D ? 1 : 0)`. Exact without BigInt.
 */
export interface PairPriority {
  /** The upper 32 bits, and what the sum carries into a 33rd. */
  readonly high: number;
  /** The lower 32 bits. */
  readonly low: number;
}

/** The priority of a pair. @param g priority of the controlling agent's candidate @param d of the controlled agent's */
export function pairPriority(g: number, d: number): PairPriority {
  const doubled = 2 * Math.max(g, d) + (g > d ? 1 : 0);
  return {
    high: Math.min(g, d) + Math.floor(doubled / 0x1_0000_0000),
    low: doubled % 0x1_0000_0000,
  };
}

/** Negative when `a` is higher: for sorting in descending order. */
export function comparePriority(a: PairPriority, b: PairPriority): number {
  return b.high - a.high || b.low - a.low;
}
