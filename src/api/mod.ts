/**
 * Floor 6: the W3C WebRTC API for data channels, as it is in browsers.
 *
 * @module
 */
export type { Address, DatagramBatch, Entropy } from "../base/mod.ts";
export type * from "../crypto/mod.ts";
export type {
  Host,
  LocalInterface,
  TimerHandle,
  UdpFailed,
  UdpOpenOptions,
  UdpOptions,
  UdpReceive,
  UdpSocket,
} from "../host/mod.ts";
export type {
  SrtpBatch,
  SrtpCipher,
  SrtpCipherOptions,
  SrtpCipherProvider,
  SrtpSessionKeys,
} from "../srtp/mod.ts";
export {
  RTCCertificate,
  type RTCCertificateAlgorithm,
  type RTCDtlsFingerprint,
} from "./certificate.ts";
export type {
  RTCBundlePolicy,
  RTCConfiguration,
  RTCFullConfiguration,
  RTCIceServer,
  RTCIceTransportPolicy,
  RTCRtcpMuxPolicy,
} from "./configuration.ts";
export type {
  RTCIceConnectionState,
  RTCIceGatheringState,
  RTCPeerConnectionState,
  RTCSignalingState,
} from "./connection.ts";
export {
  type BinaryType,
  RTCDataChannel,
  type RTCDataChannelEventMap,
  type RTCDataChannelState,
} from "./data_channel.ts";
export { RTCDataChannelEvent, type RTCDataChannelEventInit } from "./data_channel_event.ts";
export type { EventInit } from "./event_init.ts";
export type { RTCDataChannelInit, RTCPriorityType } from "./data_channel_init.ts";
export {
  RTCDtlsTransport,
  type RTCDtlsTransportEventMap,
  type RTCDtlsTransportState,
} from "./dtls_transport.ts";
export {
  RTCIceCandidate,
  type RTCIceCandidateInit,
  type RTCIceCandidateType,
  type RTCIceComponent,
  type RTCIceProtocol,
  type RTCIceServerTransportProtocol,
  type RTCIceTcpCandidateType,
  type RTCLocalIceCandidateInit,
} from "./ice_candidate.ts";
export {
  RTCPeerConnectionIceErrorEvent,
  type RTCPeerConnectionIceErrorEventInit,
  RTCPeerConnectionIceEvent,
  type RTCPeerConnectionIceEventInit,
} from "./ice_event.ts";
export {
  RTCIceCandidatePair,
  type RTCIceGathererState,
  type RTCIceParameters,
  type RTCIceRole,
  RTCIceTransport,
  type RTCIceTransportEventMap,
  type RTCIceTransportState,
} from "./ice_transport.ts";
export { RTCPeerConnection } from "./peer_connection.ts";
export type {
  PeerConnectionOptions,
  RTCAnswerOptions,
  RTCOfferOptions,
  RTCPeerConnectionEventMap,
} from "./peer_connection_types.ts";
export {
  RTCError,
  type RTCErrorDetailType,
  RTCErrorEvent,
  type RTCErrorEventInit,
  type RTCErrorInit,
} from "./rtc_error.ts";
export {
  RTCSctpTransport,
  type RTCSctpTransportEventMap,
  type RTCSctpTransportState,
} from "./sctp_transport.ts";
export {
  type RTCLocalSessionDescriptionInit,
  type RTCSdpType,
  RTCSessionDescription,
  type RTCSessionDescriptionInit,
} from "./session_description.ts";
export { type RTCStats, RTCStatsReport } from "./stats_report.ts";
export { type EventHandler, TypedEventTarget, type TypedListener } from "./typed_event_target.ts";
