import type {
  Candidate,
  ConnectionField,
  MediaSection,
  SdpAttribute,
  SdpField,
  SessionDescription,
  SetupRole,
} from "../sdp/mod.ts";
import type { Fingerprint, IceCredentials } from "./jsep_transport.ts";

/** What our side puts into its offers and answers. */
export interface LocalSide {
  /** RFC 9429 §5.2.1: 63 random bits, decimal. */
  readonly sessionId: string;
  /** RFC 9429 §5.2.2: grows with each description. */
  readonly sessionVersion: number;
  readonly ice: IceCredentials;
  readonly lite: boolean;
  readonly fingerprints: readonly Fingerprint[];
  /** RFC 8842 §4. */
  readonly tlsId: string;
  readonly sctpPort: number;
  /** The largest message we receive, bytes. */
  readonly maxMessageSize: number;
  /** Gathered for `ice`. */
  readonly candidates: readonly Candidate[];
  /** Whether there will be no more of them. */
  readonly gatheringComplete: boolean;
}

/** How a data section is written: as the offer has it, or as RFC 8841 does. */
export interface DataSectionForm {
  readonly mid: string | undefined;
  readonly protocol: string;
  /** The form of the drafts before RFC 8841. */
  readonly legacy: boolean;
}

/** RFC 8840 §4.1: address and port as long as no candidate is known. */
const NO_CONNECTION: ConnectionField = {
  type: "c",
  netType: "IN",
  addressType: "IP4",
  address: "0.0.0.0",
};
const DISCARD_PORT = 9;

/** RFC 8831 §6.2 recommends 65535 streams; the old `sctpmap` of browsers said 1024. */
const LEGACY_STREAMS = 1024;

/** A description with its session level (RFC 9429 §5.2.1). */
export function describeSession(
  local: LocalSide,
  bundles: readonly (readonly string[])[],
  media: readonly MediaSection[],
): SessionDescription {
  const fields: SdpField[] = [
    { type: "v", version: 0 },
    {
      type: "o",
      username: "-",
      sessionId: local.sessionId,
      sessionVersion: String(local.sessionVersion),
      netType: "IN",
      addressType: "IP4",
      address: "0.0.0.0",
    },
    { type: "s", text: "-" },
    { type: "t", start: 0, stop: 0 },
  ];
  const attributes: SdpAttribute[] = [];
  for (const mids of bundles) attributes.push({ name: "group", semantics: "BUNDLE", mids });
  if (local.lite) attributes.push({ name: "ice-lite" });
  attributes.push({ name: "ice-options", options: ["trickle", "ice2"] });
  return { fields, attributes, media };
}

/** The data section (RFC 9429 §5.2.1, §5.3.1; RFC 8841). */
export function describeData(
  local: LocalSide,
  form: DataSectionForm,
  setup: SetupRole,
): MediaSection {
  const attributes: SdpAttribute[] = [];
  if (form.mid !== undefined) attributes.push({ name: "mid", mid: form.mid });
  attributes.push(
    { name: "ice-ufrag", usernameFragment: local.ice.usernameFragment },
    { name: "ice-pwd", password: local.ice.password },
    ...local.fingerprints.map((fingerprint) => ({ name: "fingerprint" as const, ...fingerprint })),
    { name: "setup", role: setup },
    { name: "tls-id", tlsId: local.tlsId },
  );
  if (form.legacy) {
    attributes.push({
      name: "sctpmap",
      port: local.sctpPort,
      application: "webrtc-datachannel",
      streams: LEGACY_STREAMS,
    });
  } else attributes.push({ name: "sctp-port", port: local.sctpPort });
  attributes.push({ name: "max-message-size", sizeBytes: local.maxMessageSize });
  const section: MediaSection = {
    media: {
      type: "m",
      media: "application",
      port: DISCARD_PORT,
      protocol: form.protocol,
      formats: [form.legacy ? String(local.sctpPort) : "webrtc-datachannel"],
    },
    fields: [NO_CONNECTION],
    attributes,
  };
  return withCandidates(section, local.candidates, local.gatheringComplete);
}

/** A section with port zero (RFC 3264 §6), which keeps its place, kind, profile and formats. */
export function describeRejected(section: MediaSection, mid: string | undefined): MediaSection {
  const attributes: SdpAttribute[] = [];
  if (mid !== undefined) attributes.push({ name: "mid", mid });
  if (section.media.media !== "application") attributes.push({ name: "inactive" });
  return {
    media: { ...section.media, port: 0 },
    fields: [NO_CONNECTION],
    attributes,
  };
}

/** The section with more candidates; its port and address are those of the default one. */
export function withCandidates(
  section: MediaSection,
  candidates: readonly Candidate[],
  complete: boolean,
): MediaSection {
  const attributes: SdpAttribute[] = [...section.attributes];
  for (const candidate of candidates) attributes.push({ name: "candidate", candidate });
  if (complete && !attributes.some(({ name }) => name === "end-of-candidates")) {
    attributes.push({ name: "end-of-candidates" });
  }
  const all = attributes.flatMap((line) => line.name === "candidate" ? [line.candidate] : []);
  const preferred = defaultCandidate(all);
  if (preferred === undefined) return { ...section, attributes };
  return {
    media: { ...section.media, port: preferred.port },
    fields: section.fields.map((field) => field.type === "c" ? connectionTo(preferred) : field),
    attributes,
  };
}

/** RFC 8839 §4.2.1.2: the type most likely to work with a peer that ignores ICE, over UDP. */
function defaultCandidate(candidates: readonly Candidate[]): Candidate | undefined {
  const usable = candidates.filter((candidate) =>
    candidate.component === 1 && candidate.transport === "udp" &&
    !candidate.address.endsWith(".local")
  );
  for (const type of ["relay", "srflx", "host"]) {
    const ofType = usable.filter((candidate) => candidate.type === type);
    const found = ofType.find((candidate) => !candidate.address.includes(":")) ?? ofType[0];
    if (found !== undefined) return found;
  }
  return undefined;
}

function connectionTo(candidate: Candidate): ConnectionField {
  const addressType = candidate.address.includes(":") ? "IP6" : "IP4";
  return { type: "c", netType: "IN", addressType, address: candidate.address };
}
