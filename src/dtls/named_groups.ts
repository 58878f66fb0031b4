import type { NamedCurve } from "../crypto/mod.ts";

/** A group for key agreement (RFC 8422 §5.1.1). */
export interface NamedGroup {
  /** IANA number. */
  readonly id: number;
  /** Its name towards the provider. */
  readonly curve: NamedCurve;
  /** Its name as `RTCTransportStats.tlsGroup` wants it. */
  readonly name: string;
}

/**
 * Best first: X25519 is faster and has no invalid points; P-256 is what RFC 8827 §6.5 demands of all.
 */
export const NAMED_GROUPS: readonly NamedGroup[] = [
  { id: 29, curve: "x25519", name: "X25519" },
  { id: 23, curve: "secp256r1", name: "P-256" },
];

/** The groups with these names, in their order; unknown names are left out. */
export function groupsNamed(curves: readonly NamedCurve[]): readonly NamedGroup[] {
  return curves.flatMap((curve) => NAMED_GROUPS.filter((group) => group.curve === curve));
}
