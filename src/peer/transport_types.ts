import type { Address, Entropy } from "../base/mod.ts";
import type { Certificate, CryptoProvider, SrtpProfile } from "../crypto/mod.ts";
import type { DtlsEvent } from "../dtls/mod.ts";
import type { IceEvent, IceParameters } from "../ice/mod.ts";
import type { SctpOptions } from "../sctp/mod.ts";
import type { SrtpCipherProvider } from "../srtp/mod.ts";
import type { DataChannel } from "./data_channel.ts";
import type { MediaListener } from "./media_transport.ts";

/** Where datagrams go. The bytes are lent until `flush` returns. */
export interface TransmitSink {
  /** Takes one datagram for `to`, to be sent from `base`. */
  transmit(base: object, bytes: Uint8Array, to: Address): void;
  /** Sends what was taken since the last flush. */
  flush(): void;
}

/** What the owner of a transport hears, between two steps of the engine and never within one. */
export interface PeerTransportListener {
  /** An event of the ICE agent. */
  onIce(event: IceEvent): void;
  /** An event of DTLS. */
  onDtls(event: DtlsEvent): void;
  /** SCTP is connected or closed. */
  onSctpState(state: "connected" | "closed"): void;
  /** The peer opened a channel. */
  onDataChannel(channel: DataChannel): void;
  /** The application acted: tell the time, and call {@linkcode PeerTransport.drain} soon. */
  onTouch(): number;
}

/** What a transport is made of. */
export interface PeerTransportOptions {
  /** Primitives for ICE and DTLS. */
  readonly crypto: CryptoProvider;
  /** Randomness for all machines. */
  readonly entropy: Entropy;
  /** Our certificate. */
  readonly certificate: Certificate;
  /** Whether we begin in the controlling role. */
  readonly controlling: boolean;
  /** Whether we are an ice-lite agent (RFC 8445 §2.5). */
  readonly lite?: boolean;
  /** What SRTP is made of, when there is media. */
  readonly media?: MediaOptions;
  /** What the association does otherwise than by default, for tests: where its numbers begin. */
  readonly sctp?: Pick<SctpOptions, "initialNumbers" | "interleaving">;
  /** Where events go. */
  readonly listener: PeerTransportListener;
}

/** The cryptography of SRTP, and who hears of its packets. */
export interface MediaOptions {
  /** Where ciphers come from. */
  readonly ciphers: SrtpCipherProvider;
  /** Where decrypted packets go. */
  readonly listener: MediaListener;
  /** Profiles, best first; by default both of AES-GCM and `SRTP_AES128_CM_HMAC_SHA1_80`. */
  readonly profiles?: readonly SrtpProfile[];
}

/** What the remote description says of its transport. */
export interface RemoteTransportParameters {
  /** Credentials; another `usernameFragment` than before is an ICE restart. */
  readonly ice: IceParameters;
  /** The fingerprints of `a=fingerprint`, at least one. */
  readonly fingerprints: readonly { readonly algorithm: string; readonly value: string }[];
  /** Our role, from `a=setup`. */
  readonly dtlsRole: "client" | "server";
  /** Data channels, when negotiated. */
  readonly sctp?: SctpParameters | undefined;
}

/** The two ends of the association (RFC 8841). */
export interface SctpParameters {
  /** Our `a=sctp-port`. */
  readonly localPort: number;
  /** The peer's `a=sctp-port`. */
  readonly remotePort: number;
  /** The largest message that we take, bytes. */
  readonly localMaxMessageSize: number;
  /** The largest message that the peer takes, bytes; 0 means any size. */
  readonly remoteMaxMessageSize: number;
}

/** Datagrams and bytes that DTLS and SRTP exchanged over the selected pair. */
export interface TransportCounters {
  /** Datagrams sent. */
  packetsSent: number;
  /** Bytes of UDP payload sent. */
  bytesSent: number;
  /** Datagrams received. */
  packetsReceived: number;
  /** Bytes of UDP payload received. */
  bytesReceived: number;
}
