import {
  groups,
  isRejected,
  type MediaSection,
  midOf,
  type SessionDescription,
  type SetupRole,
} from "../sdp/mod.ts";
import type { RTCBundlePolicy } from "./configuration.ts";
import { describeData, describeRejected, describeSession, type LocalSide } from "./jsep_local.ts";
import {
  bundleGroupOf,
  isDataSection,
  isLegacyDataSection,
  transportOf,
} from "./jsep_transport.ts";

/** Our side of a DTLS association. */
export type DtlsRole = "client" | "server";

/** What an answer is made from. */
export interface AnswerInput {
  readonly local: LocalSide;
  /** The remote offer. */
  readonly offer: SessionDescription;
  readonly bundlePolicy: RTCBundlePolicy;
  /** Our role in the DTLS association that exists. */
  readonly dtlsRole: DtlsRole | undefined;
}

/**
 * An answer (RFC 9429 §5.3.1, §5.3.2): the first data section is taken, everything else is rejected.
 * Each BUNDLE group of the offer answers with its accepted tags (RFC 9143 §7.3).
 */
export function createAnswer(input: AnswerInput): SessionDescription {
  const { local, offer } = input;
  const accepted = acceptedDataSection(offer, input.bundlePolicy);
  const media = offer.media.map((section, index): MediaSection => {
    const mid = midOf(section);
    if (index !== accepted) return describeRejected(section, mid);
    const form = {
      mid,
      protocol: section.media.protocol,
      legacy: isLegacyDataSection(section),
    };
    const setup = answerSetup(transportOf(offer, index).setup, input.dtlsRole);
    // A role that does not fit an existing association was refused when the offer was applied.
    return describeData(local, form, setup ?? "active");
  });
  const mid = accepted === undefined ? undefined : midOf(offer.media[accepted]!);
  const bundles = groups(offer, "BUNDLE")
    .map((mids) => mids.filter((member) => member === mid))
    .filter((mids) => mids.length > 0);
  return describeSession(local, bundles, media);
}

/** The index of the data section that an answer takes, if there is one. */
export function acceptedDataSection(
  offer: SessionDescription,
  bundlePolicy: RTCBundlePolicy,
): number | undefined {
  const index = offer.media.findIndex((section) => isDataSection(section) && !isRejected(section));
  if (index < 0) return undefined;
  // RFC 9429 §5.3.1: under "max-bundle" only what shares the first section's transport is taken.
  if (bundlePolicy === "max-bundle" && index > 0) {
    const first = midOf(offer.media[0]!);
    const group = bundleGroupOf(offer, offer.media[index]!);
    if (first === undefined || !group?.includes(first)) return undefined;
  }
  return index;
}

/**
 * The role that answers an offered one (RFC 8842 §5.3): "active" where there is a choice, or what the
 * existing association has. `undefined` when the offer contradicts the latter.
 *
 * @param offered RFC 4145 §4: an absent attribute in an offer means "active"
 */
export function answerSetup(
  offered: SetupRole | undefined,
  current: DtlsRole | undefined,
): "active" | "passive" | undefined {
  const possible: readonly ("active" | "passive")[] = offered === "actpass"
    ? ["active", "passive"]
    : offered === "passive"
    ? ["active"]
    : ["passive"];
  if (current === undefined) return possible[0];
  const needed = current === "client" ? "active" : "passive";
  return possible.includes(needed) ? needed : undefined;
}
