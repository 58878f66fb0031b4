import {
  attribute,
  attributes,
  type Candidate,
  effectiveAttribute,
  effectiveAttributes,
  groups,
  hasAttribute,
  type MediaSection,
  midOf,
  type SdpSection,
  sectionByMid,
  type SessionDescription,
  type SetupRole,
} from "../sdp/mod.ts";

/** An ICE username fragment and password. */
export interface IceCredentials {
  readonly usernameFragment: string;
  readonly password: string;
}

/** A certificate's hash as SDP carries it (RFC 8122 §5). */
export interface Fingerprint {
  readonly algorithm: string;
  readonly value: string;
}

/** Everything that a media section says about its transport (RFC 8859: category TRANSPORT). */
export interface SectionTransport {
  readonly ice: IceCredentials | undefined;
  readonly lite: boolean;
  readonly trickle: boolean;
  readonly fingerprints: readonly Fingerprint[];
  readonly setup: SetupRole | undefined;
  readonly tlsId: string | undefined;
}

/** What a data section says about SCTP (RFC 8841 §5, §6). */
export interface SectionSctp {
  readonly port: number;
  /** The largest message the describer receives, bytes; 0 for any size. */
  readonly maxMessageSize: number;
}

/** RFC 8841 §6: what an absent `max-message-size` means, bytes. */
const DEFAULT_MAX_MESSAGE_SIZE = 65536;

/** The profiles of data over DTLS: RFC 8841 §4, and that of the drafts before it. */
const DATA_PROTOCOLS: readonly string[] = ["UDP/DTLS/SCTP", "TCP/DTLS/SCTP", "DTLS/SCTP"];

/** Whether the section describes data channels, in today's form or the one of the old drafts. */
export function isDataSection(section: MediaSection): boolean {
  const { media, protocol } = section.media;
  return media === "application" && DATA_PROTOCOLS.includes(protocol) &&
    sctpPortOf(section) !== undefined;
}

/** Whether the form is that before RFC 8841: `m=application 9 DTLS/SCTP 5000`. */
export function isLegacyDataSection(section: MediaSection): boolean {
  return section.media.formats[0] !== "webrtc-datachannel";
}

/** The SCTP parameters of a data section. */
export function sctpOf(section: MediaSection): SectionSctp {
  return {
    port: sctpPortOf(section) ?? 0,
    maxMessageSize: attribute(section, "max-message-size")?.sizeBytes ?? DEFAULT_MAX_MESSAGE_SIZE,
  };
}

function sctpPortOf(section: MediaSection): number | undefined {
  const format = section.media.formats[0];
  if (format === "webrtc-datachannel") return attribute(section, "sctp-port")?.port;
  const map = attributes(section, "sctpmap").find((map) => String(map.port) === format);
  return map?.application === "webrtc-datachannel" ? map.port : undefined;
}

/**
 * The transport of the section at `index`. A section that is bundled and leaves its transport to the
 * tagged one (RFC 9143 §7.1.3) gets the parameters of that.
 */
export function transportOf(description: SessionDescription, index: number): SectionTransport {
  const section = description.media[index]!;
  const source = hasOwnIce(description, section)
    ? section
    : bundleTransport(description, section) ?? section;
  const ufrag = effectiveAttribute(description, source, "ice-ufrag");
  const pwd = effectiveAttribute(description, source, "ice-pwd");
  return {
    ice: ufrag === undefined || pwd === undefined
      ? undefined
      : { usernameFragment: ufrag.usernameFragment, password: pwd.password },
    lite: hasAttribute(description, "ice-lite"),
    trickle: hasTrickle(description) || hasTrickle(source),
    fingerprints: effectiveAttributes(description, source, "fingerprint"),
    setup: effectiveAttribute(description, source, "setup")?.role,
    tlsId: effectiveAttribute(description, source, "tls-id")?.tlsId,
  };
}

function hasOwnIce(description: SessionDescription, section: MediaSection): boolean {
  return effectiveAttribute(description, section, "ice-ufrag") !== undefined;
}

function bundleTransport(
  description: SessionDescription,
  section: MediaSection,
): MediaSection | undefined {
  for (const mid of bundleGroupOf(description, section) ?? []) {
    const member = sectionByMid(description, mid);
    if (member !== undefined && hasOwnIce(description, member)) return member;
  }
  return undefined;
}

/** The identification tags of the BUNDLE group that the section is in. */
export function bundleGroupOf(
  description: SessionDescription,
  section: MediaSection,
): readonly string[] | undefined {
  const mid = midOf(section);
  return mid === undefined
    ? undefined
    : groups(description, "BUNDLE").find((group) => group.includes(mid));
}

/** The tag of the section at `index`: its own, or one in its place where a peer sends none. */
export function midAt(description: SessionDescription, index: number): string {
  return midOf(description.media[index]!) ?? `section-${index}`;
}

/** The candidates of the section, and whether there will be no more (RFC 8840 §4.1, §8.2). */
export function candidatesAt(
  description: SessionDescription,
  index: number,
): { candidates: readonly Candidate[]; complete: boolean } {
  const section = description.media[index]!;
  return {
    candidates: attributes(section, "candidate").map((line) => line.candidate),
    complete: effectiveAttribute(description, section, "end-of-candidates") !== undefined,
  };
}

/** Whether any section, or the session, announces trickle ICE (RFC 8840 §4.1). */
export function announcesTrickle(description: SessionDescription): boolean {
  return [description, ...description.media].some(hasTrickle);
}

function hasTrickle(section: SdpSection): boolean {
  return attributes(section, "ice-options").some(({ options }) => options.includes("trickle"));
}

/** The username fragment of the section at `index`. */
export function usernameFragmentAt(
  description: SessionDescription,
  index: number,
): string | undefined {
  return transportOf(description, index).ice?.usernameFragment;
}
