import type { MediaSection, SessionDescription } from "./model.ts";
import { groups, isRejected, midOf } from "./query.ts";
import { dtlsParametersOf, iceParametersOf, isDataSection } from "./transport_query.ts";

/** What the lines of a well-formed description get wrong together, for programs. */
export type SdpProblemCode =
  /** Two sections have one identification tag (RFC 5888 §4). */
  | "duplicate-mid"
  /** A BUNDLE group names a tag that no section has (RFC 9143 §7.1). */
  | "unknown-mid"
  /** A tag is in two BUNDLE groups, or twice in one (RFC 9143 §7.1). */
  | "repeated-mid"
  /** A section that needs a transport of its own has no ICE user name or password. */
  | "missing-ice"
  /** A section that needs a transport of its own has no fingerprint (RFC 8827 §6.5). */
  | "missing-fingerprint"
  /** An answer has another number of sections than its offer (RFC 3264 §6). */
  | "section-count"
  /** A section of an answer has another type, protocol or tag than the offered one. */
  | "section-mismatch"
  /** An answer accepts a section that the offer rejects (RFC 3264 §6). */
  | "section-revived"
  /** An answer bundles sections that the offer does not bundle together (RFC 9143 §7.3). */
  | "bundle-mismatch";

/** One thing that is wrong with a description as a whole. */
export interface SdpProblem {
  /** What, for programs. */
  readonly code: SdpProblemCode;
  /** The section, counted from 0; absent where it is not one section. */
  readonly mLineIndex?: number;
  /** What, for people. */
  readonly message: string;
}

/**
 * Checks what no single line shows: identification tags, BUNDLE groups, and that every section that
 * has a transport of its own says how to reach and to authenticate it (RFC 9429 §5.8.3). Empty when
 * all is well.
 *
 * @example
 * ```ts
 * import { findProblems, parseSdp } from "@sterna/webrtc/sdp";
 *
 * const text = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n" +
 *   "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:0\r\n";
 * console.log(findProblems(parseSdp(text)).map(({ code }) => code)); // missing-ice, missing-…
 * ```
 */
export function findProblems(description: SessionDescription): SdpProblem[] {
  const tags = bundleTags(description);
  const transport = description.media.flatMap((section, index) =>
    needsTransport(section, tags) ? transportProblems(description, section, index) : []
  );
  return [...midProblems(description), ...bundleProblems(description), ...transport];
}

/**
 * Checks an answer against its offer: the same sections in the same order, none revived, none
 * bundled that was not offered so (RFC 3264 §6, RFC 9143 §7.3).
 */
export function findAnswerProblems(
  offer: SessionDescription,
  answer: SessionDescription,
): SdpProblem[] {
  if (offer.media.length !== answer.media.length) {
    const message = `the answer has ${answer.media.length} sections, not ${offer.media.length}`;
    return [{ code: "section-count", message }];
  }
  const problems = answer.media.flatMap((answered, index) => {
    const offered = offer.media[index];
    return offered === undefined ? [] : sectionProblems(offered, answered, index);
  });
  const offeredGroups = groups(offer, "BUNDLE").map((mids) => new Set(mids));
  for (const mids of groups(answer, "BUNDLE")) {
    if (
      mids.length > 0 && !offeredGroups.some((offered) => mids.every((mid) => offered.has(mid)))
    ) {
      const message = `the bundle "${mids.join(" ")}" was not offered`;
      problems.push({ code: "bundle-mismatch", message });
    }
  }
  return problems;
}

function midProblems(description: SessionDescription): SdpProblem[] {
  const seen = new Set<string>();
  const problems: SdpProblem[] = [];
  for (const [mLineIndex, section] of description.media.entries()) {
    const mid = midOf(section);
    if (mid === undefined) continue;
    if (seen.has(mid)) {
      problems.push({ code: "duplicate-mid", mLineIndex, message: `a second "a=mid:${mid}"` });
    }
    seen.add(mid);
  }
  return problems;
}

function bundleProblems(description: SessionDescription): SdpProblem[] {
  const known = new Set(description.media.map(midOf));
  const bundled = new Set<string>();
  const problems: SdpProblem[] = [];
  for (const mid of groups(description, "BUNDLE").flat()) {
    if (!known.has(mid)) {
      problems.push({ code: "unknown-mid", message: `no section has the bundled tag "${mid}"` });
    }
    if (bundled.has(mid)) {
      problems.push({ code: "repeated-mid", message: `"${mid}" is bundled twice` });
    }
    bundled.add(mid);
  }
  return problems;
}

/** For each bundled tag the first one of its bundle, whose section RFC 9143 §7.1.3 calls tagged. */
function bundleTags(description: SessionDescription): ReadonlyMap<string, string> {
  const tags = new Map<string, string>();
  for (const mids of groups(description, "BUNDLE")) {
    for (const mid of mids) tags.set(mid, mids[0] ?? mid);
  }
  return tags;
}

/**
 * Rejected sections need no transport of their own, nor do those that share that of the tagged
 * section. Only protocols with DTLS are WebRTC's.
 */
function needsTransport(section: MediaSection, tags: ReadonlyMap<string, string>): boolean {
  if (isRejected(section)) return false;
  if (!isDataSection(section) && !section.media.protocol.includes("TLS")) return false;
  const mid = midOf(section);
  const tag = mid === undefined ? undefined : tags.get(mid);
  return tag === undefined || tag === mid;
}

function transportProblems(
  description: SessionDescription,
  section: MediaSection,
  mLineIndex: number,
): SdpProblem[] {
  const problems: SdpProblem[] = [];
  if (iceParametersOf(description, section) === undefined) {
    const message = `section ${mLineIndex} has no a=ice-ufrag or no a=ice-pwd`;
    problems.push({ code: "missing-ice", mLineIndex, message });
  }
  if (dtlsParametersOf(description, section).fingerprints.length === 0) {
    const message = `section ${mLineIndex} has no a=fingerprint`;
    problems.push({ code: "missing-fingerprint", mLineIndex, message });
  }
  return problems;
}

function sectionProblems(
  offered: MediaSection,
  answered: MediaSection,
  mLineIndex: number,
): SdpProblem[] {
  const problems: SdpProblem[] = [];
  const mid = midOf(offered);
  const matches = offered.media.media === answered.media.media &&
    offered.media.protocol === answered.media.protocol &&
    (mid === undefined || midOf(answered) === undefined || midOf(answered) === mid);
  if (!matches) {
    const message = `section ${mLineIndex} is not the one that was offered`;
    problems.push({ code: "section-mismatch", mLineIndex, message });
  }
  if (isRejected(offered) && !isRejected(answered)) {
    const message = `section ${mLineIndex} was offered as rejected`;
    problems.push({ code: "section-revived", mLineIndex, message });
  }
  return problems;
}
