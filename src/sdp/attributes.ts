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

/** An attribute that is a name alone. */
export interface FlagAttribute<Name extends FlagName = FlagName> {
  readonly name: Name;
}

/** A name with an optional value, as format and restriction parameters are written. */
export interface Parameter {
  readonly name: string;
  readonly value?: string;
}

/** An ICE candidate (RFC 8839 §5.1). */
export interface CandidateAttribute {
  readonly name: "candidate";
  readonly candidate: Candidate;
}

/** The candidates a controlling agent chose (RFC 8839 §5.2). */
export interface RemoteCandidatesAttribute {
  readonly name: "remote-candidates";
  readonly candidates: readonly {
    readonly component: number;
    readonly address: string;
    readonly port: number;
  }[];
}

/** Username fragment (RFC 8839 §5.4). */
export interface IceUfragAttribute {
  readonly name: "ice-ufrag";
  readonly usernameFragment: string;
}

/** Password (RFC 8839 §5.4). */
export interface IcePwdAttribute {
  readonly name: "ice-pwd";
  readonly password: string;
}

/** Such as "trickle", "ice2", "renomination" (RFC 8839 §5.6). */
export interface IceOptionsAttribute {
  readonly name: "ice-options";
  readonly options: readonly string[];
}

/** Ta that the peer wishes for (RFC 8839 §5.7). */
export interface IcePacingAttribute {
  readonly name: "ice-pacing";
  readonly pacingMs: number;
}

/** The roles of RFC 4145 §4 as RFC 8842 §5 uses them for DTLS. */
export type SetupRole = "active" | "passive" | "actpass" | "holdconn";

/** Who sends the ClientHello. */
export interface SetupAttribute {
  readonly name: "setup";
  readonly role: SetupRole;
}

/** Identifies the DTLS association, so that a change asks for a new one (RFC 8842 §4). */
export interface TlsIdAttribute {
  readonly name: "tls-id";
  readonly tlsId: string;
}

/** A certificate's hash (RFC 8122 §5). */
export interface FingerprintAttribute {
  readonly name: "fingerprint";
  /** In lower case: "sha-256". */
  readonly algorithm: string;
  /** Upper-case hexadecimal pairs with colons, of the length that the algorithm yields. */
  readonly value: string;
}

/** The SCTP port under DTLS (RFC 8841 §5). */
export interface SctpPortAttribute {
  readonly name: "sctp-port";
  readonly port: number;
}

/** The largest message the sender of this attribute takes; 0 means any (RFC 8841 §6). */
export interface MaxMessageSizeAttribute {
  readonly name: "max-message-size";
  readonly sizeBytes: number;
}

/** The form before RFC 8841: `m=application 9 DTLS/SCTP 5000`, `a=sctpmap:5000 …`. */
export interface SctpmapAttribute {
  readonly name: "sctpmap";
  readonly port: number;
  readonly application: string;
  readonly streams?: number;
}

/** RFC 5888 §5, with the semantics "BUNDLE" of RFC 9143 or "LS". */
export interface GroupAttribute {
  readonly name: "group";
  readonly semantics: string;
  readonly mids: readonly string[];
}

/** Identification tag of a media section (RFC 5888 §4). */
export interface MidAttribute {
  readonly name: "mid";
  readonly mid: string;
}

/** Stream and track of a section (RFC 8830 §2). */
export interface MsidAttribute {
  readonly name: "msid";
  /** "-" for a track of no stream. */
  readonly stream: string;
  readonly track?: string;
}

/** The draft attribute that browsers still send: `msid-semantic: WMS *`. */
export interface MsidSemanticAttribute {
  readonly name: "msid-semantic";
  readonly semantic: string;
  readonly streams: readonly string[];
}

/** RFC 8866 §6.6. */
export interface RtpmapAttribute {
  readonly name: "rtpmap";
  readonly payloadType: number;
  readonly encoding: string;
  readonly clockRate: number;
  readonly channels?: number;
}

/** RFC 8866 §6.15. */
export interface FmtpAttribute {
  readonly name: "fmtp";
  readonly format: string;
  /** Split at semicolons. A piece without "=" is a name: "0-15" of telephone-event. */
  readonly parameters: readonly Parameter[];
}

/** RFC 4585 §4.2. */
export interface RtcpFbAttribute {
  readonly name: "rtcp-fb";
  readonly payloadType: number | "*";
  /** "nack", "ccm", "transport-cc", … */
  readonly feedback: string;
  /** "pli" of "nack pli", "fir" of "ccm fir". */
  readonly parameter?: string;
}

/** RFC 3605 §2.1. */
export interface RtcpAttribute {
  readonly name: "rtcp";
  readonly port: number;
  readonly netType?: string;
  readonly addressType?: string;
  readonly address?: string;
}

/** Milliseconds of media in a packet (RFC 8866 §6.4, §6.5), or frames per second (§6.13). */
export interface QuantityAttribute<Name extends "ptime" | "maxptime" | "framerate"> {
  readonly name: Name;
  readonly value: number;
}

/** RFC 6236 §3.1. */
export interface ImageattrAttribute {
  readonly name: "imageattr";
  readonly payloadType: number | "*";
  /** At most one of each direction. */
  readonly directions: readonly {
    readonly direction: "send" | "recv";
    /** Attribute sets such as `[x=[480:16:800],y=320]`, or "*" for any. */
    readonly sets: "*" | readonly (readonly Parameter[])[];
  }[];
}

/** RTP header extension (RFC 8285 §8). */
export interface ExtmapAttribute {
  readonly name: "extmap";
  readonly id: number;
  readonly direction?: MediaDirection;
  readonly uri: string;
  readonly attributes?: string;
}

/** RFC 5576 §4.1: one property of one source. */
export interface SsrcAttribute {
  readonly name: "ssrc";
  readonly ssrc: number;
  /** "cname", "msid", … */
  readonly attribute: string;
  readonly value?: string;
}

/** RFC 5576 §4.2: "FID", "SIM", "FEC-FR". */
export interface SsrcGroupAttribute {
  readonly name: "ssrc-group";
  readonly semantics: string;
  readonly ssrcs: readonly number[];
}

/** RFC 8851 §10. */
export interface RidAttribute {
  readonly name: "rid";
  readonly id: string;
  readonly direction: "send" | "recv";
  /** Formats of the `pt=` parameter. */
  readonly formats?: readonly string[];
  readonly restrictions: readonly Parameter[];
}

/** One simulcast stream: a rid and whether it starts paused. */
export interface SimulcastRid {
  readonly rid: string;
  readonly paused: boolean;
}

/** RFC 8853 §5.1. Each stream is a list of alternatives, the preferred one first. */
export interface SimulcastAttribute {
  readonly name: "simulcast";
  /** At most one of each direction, in the order of the text. */
  readonly directions: readonly {
    readonly direction: "send" | "recv";
    readonly streams: readonly (readonly SimulcastRid[])[];
  }[];
}

/** An attribute that this layer does not model; it keeps its place and text. */
export interface OtherAttribute {
  readonly name: "other";
  /** The name in the text. */
  readonly key: string;
  /** Absent when there is no colon. */
  readonly value?: string;
}

/** The media directions (RFC 8866 §6.7, RFC 9429 §5.2.1). */
export type MediaDirection = "sendrecv" | "sendonly" | "recvonly" | "inactive";

/** Every modelled attribute by its name in the text. */
export interface ValueAttributes {
  readonly candidate: CandidateAttribute;
  readonly "remote-candidates": RemoteCandidatesAttribute;
  readonly "ice-ufrag": IceUfragAttribute;
  readonly "ice-pwd": IcePwdAttribute;
  readonly "ice-options": IceOptionsAttribute;
  readonly "ice-pacing": IcePacingAttribute;
  readonly setup: SetupAttribute;
  readonly "tls-id": TlsIdAttribute;
  readonly fingerprint: FingerprintAttribute;
  readonly "sctp-port": SctpPortAttribute;
  readonly "max-message-size": MaxMessageSizeAttribute;
  readonly sctpmap: SctpmapAttribute;
  readonly group: GroupAttribute;
  readonly mid: MidAttribute;
  readonly msid: MsidAttribute;
  readonly "msid-semantic": MsidSemanticAttribute;
  readonly rtpmap: RtpmapAttribute;
  readonly fmtp: FmtpAttribute;
  readonly "rtcp-fb": RtcpFbAttribute;
  readonly rtcp: RtcpAttribute;
  readonly ptime: QuantityAttribute<"ptime">;
  readonly maxptime: QuantityAttribute<"maxptime">;
  readonly framerate: QuantityAttribute<"framerate">;
  readonly imageattr: ImageattrAttribute;
  readonly extmap: ExtmapAttribute;
  readonly ssrc: SsrcAttribute;
  readonly "ssrc-group": SsrcGroupAttribute;
  readonly rid: RidAttribute;
  readonly simulcast: SimulcastAttribute;
}

/** The names of attributes that have a modelled value. */
export type ValueAttributeName = keyof ValueAttributes;

/** One `a=` line, told apart by `name`. */
export type SdpAttribute =
  | ValueAttributes[ValueAttributeName]
  | { readonly [Name in FlagName]: FlagAttribute<Name> }[FlagName]
  | OtherAttribute;

/** Names that `attribute()` and its neighbours take. */
export type AttributeName = SdpAttribute["name"];

/** The type of the attribute of that name. */
export type AttributeOf<Name extends AttributeName> = Extract<SdpAttribute, { name: Name }>;
