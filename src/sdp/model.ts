import type { SdpAttribute } from "./attributes.ts";

/** `v=` Protocol version (RFC 8866 §5.1). Always 0. */
export interface VersionField {
  readonly type: "v";
  readonly version: 0;
}

/** `o=` Origin (RFC 8866 §5.2). The two numbers are decimal text, since they may need 64 bits. */
export interface OriginField {
  readonly type: "o";
  readonly username: string;
  readonly sessionId: string;
  readonly sessionVersion: string;
  readonly netType: string;
  readonly addressType: string;
  readonly address: string;
}

/**
 * Lines whose value is kept as text: session name, information, URI, email, phone, repeat times,
 * time zones, key (RFC 8866 §5.3–5.6, §5.10–5.12). None of them matters to WebRTC.
 */
export interface TextField {
  readonly type: "s" | "i" | "u" | "e" | "p" | "r" | "z" | "k";
  readonly text: string;
}

/** `c=` Connection information (RFC 8866 §5.7). */
export interface ConnectionField {
  readonly type: "c";
  readonly netType: string;
  readonly addressType: string;
  readonly address: string;
  /** The parts after slashes: IPv4 multicast TTL, number of addresses. */
  readonly suffix?: readonly number[];
}

/** `b=` Bandwidth (RFC 8866 §5.8): `AS` and `CT` in kilobits per second, `TIAS` in bits (RFC 3890). */
export interface BandwidthField {
  readonly type: "b";
  readonly bandwidthType: string;
  readonly bandwidth: number;
}

/** `t=` Time active (RFC 8866 §5.9), in NTP seconds. `0 0` in WebRTC. */
export interface TimeField {
  readonly type: "t";
  readonly start: number;
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
export interface MediaLine {
  readonly type: "m";
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
  readonly fields: readonly SdpField[];
  readonly attributes: readonly SdpAttribute[];
}

/** One `m=` line and the lines under it. */
export interface MediaSection extends SdpSection {
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
  readonly media: readonly MediaSection[];
}
