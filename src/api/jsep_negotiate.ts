import { type Candidate, isRejected, type SessionDescription } from "../sdp/mod.ts";
import type { DtlsRole } from "./jsep_answer.ts";
import {
  candidatesAt,
  isDataSection,
  midAt,
  sctpOf,
  type SectionSctp,
  type SectionTransport,
  transportOf,
  usernameFragmentAt,
} from "./jsep_transport.ts";

/** What an offer and its answer agreed on for data. */
export interface NegotiatedData {
  /** Index of the section. */
  readonly index: number;
  readonly mid: string;
  /** Our DTLS role. */
  readonly dtlsRole: DtlsRole;
  readonly remote: SectionTransport;
  readonly sctp: SectionSctp;
  /** Candidates in the remote description. */
  readonly candidates: readonly Candidate[];
  /** No more candidates will come: said so, or the peer does not trickle. */
  readonly candidatesComplete: boolean;
}

/**
 * Reads the outcome of an exchange (RFC 9429 §5.11). `undefined` when data was rejected or never
 * offered.
 *
 * @param weOffered whether `local` is the offer
 */
export function negotiateData(
  local: SessionDescription,
  remote: SessionDescription,
  weOffered: boolean,
): NegotiatedData | undefined {
  const answer = weOffered ? remote : local;
  const index = answer.media.findIndex((section, i) =>
    isDataSection(section) && !isRejected(section) && local.media[i] !== undefined &&
    remote.media[i] !== undefined
  );
  if (index < 0) return undefined;
  const transport = transportOf(remote, index);
  const { candidates, complete } = generationOf(remote, index);
  return {
    index,
    mid: midAt(local, index),
    dtlsRole: dtlsRoleOf(answer, index, weOffered),
    remote: transport,
    sctp: sctpOf(remote.media[index]!),
    candidates,
    candidatesComplete: complete || !transport.trickle,
  };
}

/**
 * Candidates of the section, and of others with its credentials: until the answer, a peer that bundles
 * attaches them to the first section of the group (RFC 9143 §7.1.3).
 */
function generationOf(
  remote: SessionDescription,
  index: number,
): { candidates: Candidate[]; complete: boolean } {
  const fragment = usernameFragmentAt(remote, index);
  const candidates: Candidate[] = [];
  let complete = false;
  remote.media.forEach((_, i) => {
    if (usernameFragmentAt(remote, i) !== fragment) return;
    const found = candidatesAt(remote, i);
    candidates.push(...found.candidates);
    complete ||= found.complete;
  });
  return { candidates, complete };
}

/** RFC 8842 §5.4: the answerer chose; an absent attribute means "passive" (RFC 4145 §4). */
function dtlsRoleOf(answer: SessionDescription, index: number, weOffered: boolean): DtlsRole {
  const answererIsClient = transportOf(answer, index).setup === "active";
  return answererIsClient === weOffered ? "server" : "client";
}

/** The index of the section that carries the transport for data in a description of ours. */
export function localDataIndex(description: SessionDescription): number | undefined {
  const index = description.media.findIndex((section) =>
    isDataSection(section) && !isRejected(section)
  );
  return index < 0 ? undefined : index;
}
