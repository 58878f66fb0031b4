import type { Candidate } from "./candidate.ts";

/** Attributes that are a name alone. */
export type FlagName =
  /** Media directions (RFC 8866 §6.7). */
  | "sendrecv"
  | "sendonly"
  | "recvonly"
  | "inactive"
  /** RFC 8839 §5.3, §5.5 and RFC 8840 §8.2. */
  | "ice-lite"
  | "ice-mismatch"
  | "end-of-candidates"
  /** RFC 9143 §6. */
  | "bundle-only"
  /** RFC 5761 §5.1.1, RFC 8858 §3, RFC 5506 §5. */
  | "rtcp-mux"
  | "rtcp-mux-only"
  | "rtcp-rsize"
  /** RFC 8285 §6. */
  | "extmap-allow-mixed";

/** What every attribute has. */
export interface NamedAttribute<Name extends string> {
  /** The name in the text, by which attributes are told apart. */
  readonly name: Name;
}

/** A name with an optional value, as format and restriction parameters are written. */
export interface Parameter {
  /** What stands before the equals sign. */
  readonly name: string;
  /** What stands after it; absent when there is none. */
  readonly value?: string;
}

/** An ICE candidate (RFC 8839 §5.1). */
export interface CandidateAttribute extends NamedAttribute<"candidate"> {
  /** The value. */
  readonly candidate: Candidate;
}

/** One component of `a=remote-candidates`. */
export interface RemoteCandidate {
  /** 1 for RTP and data, 2 for RTCP. */
  readonly component: number;
  /** An address or a name. */
  readonly address: string;
  /** 0 to 65535. */
  readonly port: number;
}

/** The candidates a controlling agent chose (RFC 8839 §5.2). */
export interface RemoteCandidatesAttribute extends NamedAttribute<"remote-candidates"> {
  /** One for each component. */
  readonly candidates: readonly RemoteCandidate[];
}

/** Username fragment (RFC 8839 §5.4). */
export interface IceUfragAttribute extends NamedAttribute<"ice-ufrag"> {
  /** 4 to 256 characters. */
  readonly usernameFragment: string;
}

/** Password (RFC 8839 §5.4). */
export interface IcePwdAttribute extends NamedAttribute<"ice-pwd"> {
  /** 22 to 256 characters. */
  readonly password: string;
}

/** Such as "trickle", "ice2", "renomination" (RFC 8839 §5.6). */
export interface IceOptionsAttribute extends NamedAttribute<"ice-options"> {
  /** Option tags. */
  readonly options: readonly string[];
}

/** Ta that the peer wishes for (RFC 8839 §5.7). */
export interface IcePacingAttribute extends NamedAttribute<"ice-pacing"> {
  /** Milliseconds between checks. */
  readonly pacingMs: number;
}

/** The roles of RFC 4145 §4 as RFC 8842 §5 uses them for DTLS. */
export type SetupRole = "active" | "passive" | "actpass" | "holdconn";

/** Who sends the ClientHello. */
export interface SetupAttribute extends NamedAttribute<"setup"> {
  /** The role that the sender takes or offers. */
  readonly role: SetupRole;
}

/** Identifies the DTLS association, so that a change asks for a new one (RFC 8842 §4). */
export interface TlsIdAttribute extends NamedAttribute<"tls-id"> {
  /** 20 to 255 characters. */
  readonly tlsId: string;
}

/** A certificate's hash (RFC 8122 §5). */
export interface FingerprintAttribute extends NamedAttribute<"fingerprint"> {
  /** In lower case: "sha-256". */
  readonly algorithm: string;
  /** Upper-case hexadecimal pairs with colons, of the length that the algorithm yields. */
  readonly value: string;
}

/** The SCTP port under DTLS (RFC 8841 §5). */
export interface SctpPortAttribute extends NamedAttribute<"sctp-port"> {
  /** 0 to 65535; 0 says that no association is wanted. */
  readonly port: number;
}

/** The largest message the sender of this attribute takes; 0 means any (RFC 8841 §6). */
export interface MaxMessageSizeAttribute extends NamedAttribute<"max-message-size"> {
  /** Bytes; 0 means any. */
  readonly sizeBytes: number;
}

/** The form before RFC 8841: `m=application 9 DTLS/SCTP 5000`, `a=sctpmap:5000 …`. */
export interface SctpmapAttribute extends NamedAttribute<"sctpmap"> {
  /** The SCTP port, which is the format of the `m=` line too. */
  readonly port: number;
  /** "webrtc-datachannel". */
  readonly application: string;
  /** How many streams there may be. */
  readonly streams?: number;
}

/** RFC 5888 §5, with the semantics "BUNDLE" of RFC 9143 or "LS". */
export interface GroupAttribute extends NamedAttribute<"group"> {
  /** What the group means. */
  readonly semantics: string;
  /** Identification tags of the members. */
  readonly mids: readonly string[];
}

/** Identification tag of a media section (RFC 5888 §4). */
export interface MidAttribute extends NamedAttribute<"mid"> {
  /** The tag. */
  readonly mid: string;
}

/** Stream and track of a section (RFC 8830 §2). */
export interface MsidAttribute extends NamedAttribute<"msid"> {
  /** "-" for a track of no stream. */
  readonly stream: string;
  /** Absent when the sender leaves the track unnamed. */
  readonly track?: string;
}

/** The draft attribute that browsers still send: `msid-semantic: WMS *`. */
export interface MsidSemanticAttribute extends NamedAttribute<"msid-semantic"> {
  /** "WMS". */
  readonly semantic: string;
  /** Stream identifiers, or "*". */
  readonly streams: readonly string[];
}

/** RFC 8866 §6.6. */
export interface RtpmapAttribute extends NamedAttribute<"rtpmap"> {
  /** 0 to 127; "*" for all of the section where it may be. */
  readonly payloadType: number;
  /** As written; compared without regard to case. */
  readonly encoding: string;
  /** Hertz. */
  readonly clockRate: number;
  /** Audio channels; 1 when absent. */
  readonly channels?: number;
}

/** RFC 8866 §6.15. */
export interface FmtpAttribute extends NamedAttribute<"fmtp"> {
  /** A format of the `m=` line. */
  readonly format: string;
  /** Split at semicolons. A piece without "=" is a name: "0-15" of telephone-event. */
  readonly parameters: readonly Parameter[];
}

/** RFC 4585 §4.2. */
export interface RtcpFbAttribute extends NamedAttribute<"rtcp-fb"> {
  /** 0 to 127; "*" for all of the section where it may be. */
  readonly payloadType: number | "*";
  /** "nack", "ccm", "transport-cc", … */
  readonly feedback: string;
  /** "pli" of "nack pli", "fir" of "ccm fir". */
  readonly parameter?: string;
}

/** RFC 3605 §2.1. */
export interface RtcpAttribute extends NamedAttribute<"rtcp"> {
  /** Where RTCP goes; 9 when it is not known. */
  readonly port: number;
  /** "IN". */
  readonly netType?: string;
  /** "IP4" or "IP6". */
  readonly addressType?: string;
  /** An address or a name. */
  readonly address?: string;
}

/** Milliseconds of media in a packet (RFC 8866 §6.4, §6.5), or frames per second (§6.13). */
export interface QuantityAttribute<Name extends "ptime" | "maxptime" | "framerate">
  extends NamedAttribute<Name> {
  /** Above 0. */
  readonly value: number;
}

/** Image attributes for one direction. */
export interface ImageattrDirection {
  /** Seen from the sender of the description. */
  readonly direction: "send" | "recv";
  /** Attribute sets such as `[x=[480:16:800],y=320]`, or "*" for any. */
  readonly sets: "*" | readonly (readonly Parameter[])[];
}

/** RFC 6236 §3.1. */
export interface ImageattrAttribute extends NamedAttribute<"imageattr"> {
  /** 0 to 127; "*" for all of the section where it may be. */
  readonly payloadType: number | "*";
  /** At most one of each direction. */
  readonly directions: readonly ImageattrDirection[];
}

/** RTP header extension (RFC 8285 §8). */
export interface ExtmapAttribute extends NamedAttribute<"extmap"> {
  /** The local identifier: 1–255, or 4096–4351 in offers. */
  readonly id: number;
  /** Seen from the sender of the description. */
  readonly direction?: MediaDirection;
  /** What the extension is. */
  readonly uri: string;
  /** What the extension defines to follow. */
  readonly attributes?: string;
}

/** RFC 5576 §4.1: one property of one source. */
export interface SsrcAttribute extends NamedAttribute<"ssrc"> {
  /** 32 bits. */
  readonly ssrc: number;
  /** "cname", "msid", … */
  readonly attribute: string;
  /** Absent when there is no colon. */
  readonly value?: string;
}

/** RFC 5576 §4.2: "FID", "SIM", "FEC-FR". */
export interface SsrcGroupAttribute extends NamedAttribute<"ssrc-group"> {
  /** What the group means. */
  readonly semantics: string;
  /** The sources. */
  readonly ssrcs: readonly number[];
}

/** RFC 8851 §10. */
export interface RidAttribute extends NamedAttribute<"rid"> {
  /** Letters, digits, - and _. */
  readonly id: string;
  /** Seen from the sender of the description. */
  readonly direction: "send" | "recv";
  /** Formats of the `pt=` parameter. */
  readonly formats?: readonly string[];
  /** Such as `max-width=1280`. */
  readonly restrictions: readonly Parameter[];
}

/** One simulcast stream: a rid and whether it starts paused. */
export interface SimulcastRid {
  /** A restriction identifier. */
  readonly rid: string;
  /** Whether a tilde marks it. */
  readonly paused: boolean;
}

/** The simulcast streams of one direction. */
export interface SimulcastDirection {
  /** Seen from the sender of the description. */
  readonly direction: "send" | "recv";
  /** Each stream is a list of alternatives, the preferred one first. */
  readonly streams: readonly (readonly SimulcastRid[])[];
}

/** RFC 8853 §5.1. */
export interface SimulcastAttribute extends NamedAttribute<"simulcast"> {
  /** At most one of each direction, in the order of the text. */
  readonly directions: readonly SimulcastDirection[];
}

/** An attribute that this layer does not model; it keeps its place and text. */
export interface OtherAttribute extends NamedAttribute<"other"> {
  /** The name in the text. */
  readonly key: string;
  /** Absent when there is no colon. */
  readonly value?: string;
}

/** The media directions (RFC 8866 §6.7, RFC 9429 §5.2.1). */
export type MediaDirection = "sendrecv" | "sendonly" | "recvonly" | "inactive";

/** Attributes whose value is modelled. */
export type ValueAttribute =
  | CandidateAttribute
  | RemoteCandidatesAttribute
  | IceUfragAttribute
  | IcePwdAttribute
  | IceOptionsAttribute
  | IcePacingAttribute
  | SetupAttribute
  | TlsIdAttribute
  | FingerprintAttribute
  | SctpPortAttribute
  | MaxMessageSizeAttribute
  | SctpmapAttribute
  | GroupAttribute
  | MidAttribute
  | MsidAttribute
  | MsidSemanticAttribute
  | RtpmapAttribute
  | FmtpAttribute
  | RtcpFbAttribute
  | RtcpAttribute
  | QuantityAttribute<"ptime">
  | QuantityAttribute<"maxptime">
  | QuantityAttribute<"framerate">
  | ImageattrAttribute
  | ExtmapAttribute
  | SsrcAttribute
  | SsrcGroupAttribute
  | RidAttribute
  | SimulcastAttribute;

/** Attributes that are a name alone. */
export type FlagAttribute = { readonly [Name in FlagName]: NamedAttribute<Name> }[FlagName];

/** One `a=` line, told apart by `name`. */
export type SdpAttribute = ValueAttribute | FlagAttribute | OtherAttribute;

/** Names that `attribute()` and its neighbours take. */
export type AttributeName = SdpAttribute["name"];

/** The type of the attribute of that name. */
export type AttributeOf<Name extends AttributeName> = Extract<SdpAttribute, { name: Name }>;
