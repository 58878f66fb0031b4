import {
  groups,
  hasAttribute,
  isRejected,
  type MediaSection,
  midOf,
  type SessionDescription,
} from "../sdp/mod.ts";
import type { RTCBundlePolicy, RTCRtcpMuxPolicy } from "./configuration.ts";
import { acceptedDataSection, answerSetup, type DtlsRole } from "./jsep_answer.ts";
import {
  bundleGroupOf,
  type Fingerprint,
  isDataSection,
  sctpOf,
  type SectionTransport,
  transportOf,
} from "./jsep_transport.ts";

/** What a remote description is checked against. */
export interface ValidationContext {
  readonly type: "offer" | "answer" | "pranswer";
  readonly bundlePolicy: RTCBundlePolicy;
  readonly rtcpMuxPolicy: RTCRtcpMuxPolicy;
  /** Our offer, when an answer is checked. */
  readonly offer: SessionDescription | undefined;
  /** Descriptions of the last complete exchange. */
  readonly currentLocal: SessionDescription | undefined;
  readonly currentRemote: SessionDescription | undefined;
  /** Our role and the peer's fingerprints in the DTLS association that exists. */
  readonly dtls: { role: DtlsRole; fingerprints: readonly Fingerprint[] } | undefined;
}

/** RFC 8122 §5 forbids MD2 and MD5; certificates can be forged against SHA-1. */
const TRUSTED_HASHES: readonly string[] = ["sha-224", "sha-256", "sha-384", "sha-512"];

/** The peer's description contradicts the rules: "the content of description is invalid". */
function invalid(message: string): never {
  throw new DOMException(message, "InvalidAccessError");
}

/**
 * Checks a remote description (RFC 9429 §5.8.3, §5.10) before anything of it is applied.
 *
 * @throws {DOMException} `InvalidAccessError` when the content is invalid, `OperationError` when it
 *   asks for a second DTLS association
 */
export function validateRemote(description: SessionDescription, context: ValidationContext): void {
  checkTags(description);
  description.media.forEach((section, index) => {
    const where = `m= section ${index}`;
    if (section.media.port !== 0) checkRtcpMux(section, context, where);
    if (isDataSection(section) && !isRejected(section)) {
      checkTransport(transportOf(description, index), context, where);
      // RFC 9260 §3.1: port 0 is not used.
      if (sctpOf(section).port === 0) invalid(`${where} has SCTP port 0`);
    }
  });
  checkBundlePolicy(description, context);
  checkContinuity(description, context);
  if (context.type !== "offer" && context.offer !== undefined) {
    checkAnswerShape(context.offer, description);
    checkAnswerIce(context.offer, description, context);
  } else checkOfferedRole(description, context);
}

/** RFC 5888 §9.1 and RFC 9143 §7.1: tags are unique, groups name existing ones, in one group each. */
function checkTags(description: SessionDescription): void {
  const mids = new Set<string>();
  for (const section of description.media) {
    const mid = midOf(section);
    if (mid === undefined) continue;
    if (mids.has(mid)) invalid(`the tag ${JSON.stringify(mid)} is used by two m= sections`);
    mids.add(mid);
  }
  const bundled = new Set<string>();
  for (const mid of groups(description, "BUNDLE").flat()) {
    if (!mids.has(mid)) {
      invalid(`BUNDLE names the tag ${JSON.stringify(mid)}, which no section has`);
    }
    if (bundled.has(mid)) invalid(`the tag ${JSON.stringify(mid)} is bundled twice`);
    bundled.add(mid);
  }
}

/** RFC 9429 §4.1.1: "require" refuses RTP without multiplexed RTCP. */
function checkRtcpMux(section: MediaSection, context: ValidationContext, where: string): void {
  const isRtp = section.media.protocol.includes("RTP/");
  const muxes = hasAttribute(section, "rtcp-mux") || hasAttribute(section, "rtcp-mux-only");
  if (isRtp && !muxes && context.rtcpMuxPolicy === "require") {
    invalid(`${where} does not use rtcp-mux, which rtcpMuxPolicy "require" asks for`);
  }
}

/** RFC 9429 §5.8.3: ICE credentials, a fingerprint and a fitting setup role are there. */
function checkTransport(
  transport: SectionTransport,
  context: ValidationContext,
  where: string,
): void {
  if (transport.ice === undefined) invalid(`${where} has no ice-ufrag and ice-pwd`);
  if (!transport.fingerprints.some(({ algorithm }) => TRUSTED_HASHES.includes(algorithm))) {
    invalid(`${where} has no fingerprint of a hash function that can be trusted`);
  }
  const { setup } = transport;
  if (setup === "holdconn") invalid(`${where} has a=setup:holdconn`);
  if (context.type !== "offer") {
    if (setup === "actpass") invalid(`${where} answers with a=setup:actpass, which is for offers`);
    // RFC 8842 §5.5: the association that exists goes on, and so do its roles.
    const ourRole = setup === "active" ? "server" : "client";
    if (context.dtls !== undefined && context.dtls.role !== ourRole) {
      invalid(`${where} has a=setup:${setup}, which contradicts the DTLS roles in use`);
    }
  }
  const existing = context.dtls?.fingerprints;
  if (existing !== undefined && !sameFingerprints(existing, transport.fingerprints)) {
    throw new DOMException(
      `${where} has another fingerprint than before; a new certificate needs a new connection`,
      "OperationError",
    );
  }
}

function sameFingerprints(a: readonly Fingerprint[], b: readonly Fingerprint[]): boolean {
  const contains = (list: readonly Fingerprint[], { algorithm, value }: Fingerprint): boolean =>
    list.some((other) => other.algorithm === algorithm && other.value === value);
  return a.length === b.length && a.every((one) => contains(b, one));
}

/** RFC 9429 §4.1.1: under "max-bundle" a description of several sections has to bundle them. */
function checkBundlePolicy(description: SessionDescription, context: ValidationContext): void {
  const live = description.media.filter((section) => !isRejected(section));
  if (context.bundlePolicy !== "max-bundle" || live.length < 2) return;
  if (live.every((section) => bundleGroupOf(description, section) === undefined)) {
    invalid('bundlePolicy is "max-bundle", and the description has no BUNDLE group');
  }
}

/** RFC 3264 §8: sections never disappear, nor change their kind or tag while they live. */
function checkContinuity(description: SessionDescription, context: ValidationContext): void {
  const { currentLocal, currentRemote } = context;
  if (currentLocal === undefined || currentRemote === undefined) return;
  if (description.media.length < currentRemote.media.length) {
    invalid(
      `there were ${currentRemote.media.length} m= sections, now ${description.media.length}`,
    );
  }
  currentRemote.media.forEach((before, index) => {
    const ours = currentLocal.media[index];
    const now = description.media[index]!;
    if (isRejected(before) || ours === undefined || isRejected(ours)) return;
    if (now.media.media !== before.media.media || midOf(now) !== midOf(before)) {
      invalid(`m= section ${index} changed its media type or tag`);
    }
  });
}

/** RFC 3264 §6: one section for each of the offer, of the same kind, profile and tag. */
function checkAnswerShape(offer: SessionDescription, answer: SessionDescription): void {
  if (answer.media.length !== offer.media.length) {
    invalid(`the offer has ${offer.media.length} m= sections, the answer ${answer.media.length}`);
  }
  offer.media.forEach((offered, index) => {
    const answered = answer.media[index]!;
    const where = `m= section ${index} of the answer`;
    if (answered.media.media !== offered.media.media) invalid(`${where} has another media type`);
    if (answered.media.protocol !== offered.media.protocol) {
      invalid(`${where} has another protocol`);
    }
    if (midOf(answered) !== undefined && midOf(answered) !== midOf(offered)) {
      invalid(`${where} has another tag than the offer's`);
    }
    if (isRejected(offered) && !isRejected(answered)) invalid(`${where} accepts what is rejected`);
  });
}

/** RFC 9429 §5.10: an answer restarts ICE if, and only if, the offer did. */
function checkAnswerIce(
  offer: SessionDescription,
  answer: SessionDescription,
  { currentLocal, currentRemote }: ValidationContext,
): void {
  if (currentLocal === undefined || currentRemote === undefined) return;
  answer.media.forEach((section, index) => {
    if (!isDataSection(section) || isRejected(section)) return;
    const before = currentRemote.media[index];
    const ours = currentLocal.media[index];
    if (before === undefined || ours === undefined || isRejected(before) || isRejected(ours)) {
      return;
    }
    const weRestart = restarts(transportOf(currentLocal, index), transportOf(offer, index));
    const peerRestarts = restarts(transportOf(currentRemote, index), transportOf(answer, index));
    if (weRestart && !peerRestarts) invalid("the answer ignores the ICE restart of the offer");
    if (peerRestarts && !weRestart) invalid("the answer restarts ICE, and the offer did not");
  });
}

/** RFC 8839 §4.4.1.1.1: a change of username fragment or password is an ICE restart. */
export function restarts(before: SectionTransport, after: SectionTransport): boolean {
  return before.ice?.usernameFragment !== after.ice?.usernameFragment ||
    before.ice?.password !== after.ice?.password;
}

/** RFC 8842 §5.5: an offer may not turn round the roles of the association that exists. */
function checkOfferedRole(description: SessionDescription, context: ValidationContext): void {
  const index = acceptedDataSection(description, context.bundlePolicy);
  if (index === undefined || context.dtls === undefined) return;
  const { setup } = transportOf(description, index);
  if (answerSetup(setup, context.dtls.role) === undefined) {
    invalid(`a=setup:${setup} contradicts the DTLS roles in use`);
  }
}
