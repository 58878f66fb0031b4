import type { Host, UdpOptions } from "../host/mod.ts";
import type { RTCDataChannelEvent } from "./data_channel_event.ts";
import type { RTCPeerConnectionIceErrorEvent, RTCPeerConnectionIceEvent } from "./ice_event.ts";

/** Options of `createOffer` (webrtc-pc §4.2.7). */
export interface RTCOfferOptions {
  /** Make an offer that restarts ICE. */
  iceRestart?: boolean | undefined;
}

/** Options of `createAnswer`: none. */
export type RTCAnswerOptions = Record<never, never>;

/** What Sterna adds to the W3C constructor: where, and on which port, the connection runs. */
export interface PeerConnectionOptions {
  /** Sockets, timers, clock, entropy and cryptography; those of this runtime by default. */
  host?: Host | undefined;
  /** A fixed port (that any number of connections share), and which addresses are offered. */
  udp?: UdpOptions | undefined;
  /** Act as an ice-lite agent: for a peer with a public address. */
  iceLite?: boolean | undefined;
}

/** The events of an {@linkcode RTCPeerConnection}. */
export interface RTCPeerConnectionEventMap {
  /** An offer should be made. */
  negotiationneeded: Event;
  /** A candidate to be signaled, or the end of them. */
  icecandidate: RTCPeerConnectionIceEvent;
  /**
   * No candidate came of a server, or of an address of this machine: then `url` is empty, and
   * `errorText` says why no socket could be opened, such as a port that is taken.
   */
  icecandidateerror: RTCPeerConnectionIceErrorEvent;
  /** `signalingState` changed. */
  signalingstatechange: Event;
  /** `iceConnectionState` changed. */
  iceconnectionstatechange: Event;
  /** `iceGatheringState` changed. */
  icegatheringstatechange: Event;
  /** `connectionState` changed. */
  connectionstatechange: Event;
  /** The peer opened a data channel. */
  datachannel: RTCDataChannelEvent;
}
