import {
  groups,
  isRejected,
  type MediaSection,
  midOf,
  type SessionDescription,
  type SetupRole,
} from "../sdp/mod.ts";
import type { DtlsRole } from "./jsep_answer.ts";
import { describeData, describeRejected, describeSession, type LocalSide } from "./jsep_local.ts";
import { isDataSection, isLegacyDataSection } from "./jsep_transport.ts";

/** The last complete negotiation: the applied offer and answer, in the order of sides. */
export interface Negotiated {
  readonly local: SessionDescription;
  readonly remote: SessionDescription;
}

/** What an offer is made from. */
export interface OfferInput {
  readonly local: LocalSide;
  /** Whether data channels exist. */
  readonly wantsData: boolean;
  /** Absent for an initial offer. */
  readonly negotiated: Negotiated | undefined;
  /** Our role in the DTLS association, absent while there is none. */
  readonly dtlsRole?: DtlsRole | undefined;
}

/**
 * An offer (RFC 9429 §5.2.1, §5.2.2). Sections keep their places and tags: audio and video, which
 * this peer never takes part in, stay rejected; the one data section lives on or is added.
 */
export function createOffer(input: OfferInput): SessionDescription {
  const { local, negotiated } = input;
  const media: MediaSection[] = [];
  let dataMid: string | undefined;
  negotiated?.local.media.forEach((section, index) => {
    const form = dataMid === undefined ? dataForm(input, section, index) : undefined;
    if (form === undefined) media.push(describeRejected(section, midOf(section)));
    else {
      dataMid = form.mid;
      media.push(describeData(local, form, offeredSetup(input.dtlsRole)));
    }
  });
  if (dataMid === undefined && input.wantsData) {
    dataMid = unusedMid(negotiated);
    const form = { mid: dataMid, protocol: "UDP/DTLS/SCTP", legacy: false };
    media.push(describeData(local, form, "actpass"));
  }
  return describeSession(local, dataMid === undefined ? [] : [[dataMid]], media);
}

/**
 * RFC 8842 §5.5: an association that goes on may be offered as "actpass" or in the role it has. Its role
 * leaves no choice to peers that would answer "active" whatever they were before: pion does so always,
 * Firefox when ICE restarts, and the changed role would demand a new association (§4).
 */
function offeredSetup(role: DtlsRole | undefined): SetupRole {
  if (role === undefined) return "actpass";
  return role === "client" ? "active" : "passive";
}

/**
 * How the section at `index` is offered again: as it was while both sides keep it, with a new tag when
 * it was rejected and data is wanted now, and otherwise not at all.
 */
function dataForm(
  { negotiated, wantsData }: OfferInput,
  section: MediaSection,
  index: number,
): { mid: string; protocol: string; legacy: boolean } | undefined {
  if (section.media.media !== "application") return undefined;
  const remote = negotiated!.remote.media[index];
  const alive = isDataSection(section) && !isRejected(section) && remote !== undefined &&
    !isRejected(remote);
  if (alive) {
    return {
      mid: midOf(section) ?? unusedMid(negotiated),
      protocol: section.media.protocol,
      legacy: isLegacyDataSection(section),
    };
  }
  if (!wantsData) return undefined;
  return { mid: unusedMid(negotiated), protocol: "UDP/DTLS/SCTP", legacy: false };
}

/** The first number that is no section's tag on either side (RFC 9429 §5.2.1: short, unique). */
export function unusedMid(negotiated: Negotiated | undefined): string {
  const used = new Set<string>();
  for (const description of [negotiated?.local, negotiated?.remote]) {
    for (const section of description?.media ?? []) used.add(midOf(section) ?? "");
    for (const mids of description === undefined ? [] : groups(description, "BUNDLE")) {
      for (const mid of mids) used.add(mid);
    }
  }
  let number = 0;
  while (used.has(String(number))) number++;
  return String(number);
}
