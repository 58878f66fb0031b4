import type { SdpAttribute } from "./attributes.ts";

/** What every line but `a=` has. */
export interface TypedLine<Type extends string> {
  /** The type letter. */
  readonly type: Type;
}

/** `v=` Protocol version (RFC 8866 §5.1). Always 0. */
export interface VersionField extends TypedLine<"v"> {
  /** The only version there is. */
  readonly version: 0;
}

/** `o=` Origin (RFC 8866 §5.2). The two numbers are decimal text, since they may need 64 bits. */
export interface OriginField extends TypedLine<"o"> {
  /** "-" where the host has no user names. */
  readonly username: string;
  /** Decimal digits that stay the same for the session. */
  readonly sessionId: string;
  /** Decimal digits that grow with every change. */
  readonly sessionVersion: string;
  /** "IN". */
  readonly netType: string;
  /** "IP4" or "IP6". */
  readonly addressType: string;
  /** An address or a name. */
  readonly address: string;
}

/**
 * Lines whose value is kept as text: session name, information, URI, email, phone, repeat times,
 * time zones, key (RFC 8866 §5.3–5.6, §5.10–5.12). None of them matters to WebRTC.
 */
export interface TextField extends TypedLine<"s" | "i" | "u" | "e" | "p" | "r" | "z" | "k"> {
  /** The value as it stands. */
  readonly text: string;
}

/** `c=` Connection information (RFC 8866 §5.7). */
export interface ConnectionField extends TypedLine<"c"> {
  /** "IN". */
  readonly netType: string;
  /** "IP4" or "IP6". */
  readonly addressType: string;
  /** An address or a name. */
  readonly address: string;
  /** The parts after slashes: IPv4 multicast TTL, number of addresses. */
  readonly suffix?: readonly number[];
}

/** `b=` Bandwidth (RFC 8866 §5.8): `AS` and `CT` in kilobits per second, `TIAS` in bits (RFC 3890). */
export interface BandwidthField extends TypedLine<"b"> {
  /** "AS", "CT", "TIAS". */
  readonly bandwidthType: string;
  /** In the unit of its type. */
  readonly bandwidth: number;
}

/** `t=` Time active (RFC 8866 §5.9), in NTP seconds. `0 0` in WebRTC. */
export interface TimeField extends TypedLine<"t"> {
  /** 0 means from the beginning. */
  readonly start: number;
  /** 0 means without end. */
  readonly stop: number;
}

/** Every line but `m=` and `a=`. */
export type SdpField =
  | VersionField
  | OriginField
  | TextField
  | ConnectionField
  | BandwidthField
  | TimeField;

/** `m=` Media description (RFC 8866 §5.14). */
export interface MediaLine extends TypedLine<"m"> {
  /** "audio", "video", "application", or another media type. */
  readonly media: string;
  /** 0 rejects the section, unless it is `a=bundle-only` (RFC 9143 §6). 9 stands for "unknown". */
  readonly port: number;
  /** The number of ports after a slash, which WebRTC never uses. */
  readonly portCount?: number;
  /** Such as "UDP/TLS/RTP/SAVPF" or "UDP/DTLS/SCTP". */
  readonly protocol: string;
  /** Payload types as decimal text, "webrtc-datachannel", or the port of an old `DTLS/SCTP`. */
  readonly formats: readonly string[];
}

/** What a session and a media section share. Attributes are written after all other lines. */
export interface SdpSection {
  /** All lines but `m=` and `a=`, in order. */
  readonly fields: readonly SdpField[];
  /** The `a=` lines, in order. */
  readonly attributes: readonly SdpAttribute[];
}

/** One `m=` line and the lines under it. */
export interface MediaSection extends SdpSection {
  /** The `m=` line. */
  readonly media: MediaLine;
}

/**
 * A session description: session-level lines, then media sections.
 *
 * The model is immutable: to change a line, put a new object in its place. A parsed object that is
 * left alone is written back as the text it was read from, however unusual; a new one is written in
 * the form that its RFC gives.
 */
export interface SessionDescription extends SdpSection {
  /** The media sections, in order; their number is the m-line index. */
  readonly media: readonly MediaSection[];
}
