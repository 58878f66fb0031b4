import type { Address } from "../base/mod.ts";

/** RFC 8445 §5.1.1: where a candidate comes from. */
export type IceCandidateType = "host" | "srflx" | "prflx" | "relay";

/** How an ICE-TCP candidate gets its connection (RFC 6544 §4.5). */
export type IceTcpType = "active" | "passive" | "so";

/** One candidate, local or remote, as signaling carries it (RFC 8839 §5.1). */
export interface IceCandidate {
  /** Equal for candidates of the same type, base, protocol and server (RFC 8445 §5.1.1.3). */
  readonly foundation: string;
  /** 1; others are ignored, since WebRTC multiplexes RTCP (RFC 8834 §4.5). */
  readonly component: number;
  /** TCP candidates are kept, but not checked. */
  readonly protocol: "udp" | "tcp";
  /** Unsigned 32 bits. */
  readonly priority: number;
  /** An IP address, or a name: an mDNS one ends in ".local". */
  readonly address: string;
  /** 0 … 65535. */
  readonly port: number;
  /** Where it comes from. */
  readonly type: IceCandidateType;
  /** For server-reflexive and relayed candidates: what they were derived from. */
  readonly relatedAddress?: string;
  /** The port of that. */
  readonly relatedPort?: number;
  /** With protocol "tcp" only. */
  readonly tcpType?: IceTcpType;
  /** Which ICE session it belongs to (RFC 8838 §9). */
  readonly usernameFragment?: string;
  /** The STUN or TURN server that a local candidate was got from. */
  readonly url?: string;
}

/** A candidate that the host gathered. */
export interface IceLocalCandidateInit {
  /** The socket, or TURN allocation, it sends and receives with: opaque, compared by identity. */
  readonly base: object;
  /** "prflx" is not gathered: checks find it. */
  readonly type: "host" | "srflx" | "relay";
  /** What peers are to send to. */
  readonly address: Address;
  /** Default "udp". TCP candidates are signaled, but not checked. */
  readonly protocol?: "udp" | "tcp";
  /** With protocol "tcp" only. */
  readonly tcpType?: IceTcpType;
  /** The address of the base (server-reflexive), or the mapped address (relayed). */
  readonly relatedAddress?: Address;
  /** The server it was got from. */
  readonly url?: string;
  /** An mDNS name to signal instead of the address. */
  readonly name?: string;
  /** 0 … 65535; by default the order of addition, IPv6 and IPv4 interleaved (RFC 8421). */
  readonly localPreference?: number;
}

/** What one side tells the other before checks (RFC 8445 §5.3, §5.4). */
export interface IceParameters {
  /** 4 … 256 characters. */
  readonly usernameFragment: string;
  /** 22 … 256 characters. */
  readonly password: string;
  /** Whether the side is a lite implementation. */
  readonly lite: boolean;
}

/** A STUN message to be sent. The bytes are lent until the next call that changes the agent. */
export interface IceTransmit {
  /** The datagram. */
  readonly bytes: Uint8Array;
  /** Where it goes. */
  readonly to: Address;
  /** The socket to send it from. */
  readonly base: object;
}

/** `RTCIceTransportState` of W3C webrtc-pc §5.6.4, with its meanings. */
export type IceTransportState =
  | "new"
  | "checking"
  | "connected"
  | "completed"
  | "disconnected"
  | "failed"
  | "closed";

/** `RTCIceGathererState` of W3C webrtc-pc §5.6.3. */
export type IceGathererState = "new" | "gathering" | "complete";

/** Where data goes: send to `address` from `base`. The object stays the same while selected. */
export interface IceSelectedPair {
  /** As in statistics. */
  readonly id: string;
  /** Our end. */
  readonly local: IceCandidate;
  /** The peer's end. */
  readonly remote: IceCandidate;
  /** The socket to send from. */
  readonly base: object;
  /** Where to send to. */
  readonly address: Address;
}

/** What an agent tells its owner. */
export type IceEvent =
  | { readonly type: "state"; readonly state: IceTransportState }
  /** A local candidate to be signaled. */
  | { readonly type: "candidate"; readonly candidate: IceCandidate }
  | { readonly type: "gathering"; readonly state: IceGathererState }
  /** Data goes another way now, or has none (`undefined`). */
  | { readonly type: "selected-pair"; readonly pair: IceSelectedPair | undefined }
  /** An mDNS name: resolve it and call `addResolvedCandidate` with this very object. */
  | { readonly type: "resolve"; readonly candidate: IceCandidate }
  /** A role conflict was resolved, or the peer is lite. */
  | { readonly type: "role"; readonly controlling: boolean }
  /** The peer no longer consents to receive on this pair: nothing may be sent (RFC 7675 §5.1). */
  | { readonly type: "consent-lost"; readonly pair: IceSelectedPair };
