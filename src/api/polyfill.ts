/**
 * Installs the WebRTC classes as globals, for libraries that expect a browser. What is there already
 * stays.
 *
 * @example
 * ```js
 * import "@sterna/webrtc/polyfill";
 *
 * const connection = new RTCPeerConnection();
 * connection.close();
 * ```
 *
 * @module
 */
import { RTCCertificate } from "./certificate.ts";
import { RTCDataChannel } from "./data_channel.ts";
import { RTCDataChannelEvent } from "./data_channel_event.ts";
import { RTCDtlsTransport } from "./dtls_transport.ts";
import { RTCIceCandidate } from "./ice_candidate.ts";
import { RTCPeerConnectionIceErrorEvent, RTCPeerConnectionIceEvent } from "./ice_event.ts";
import { RTCIceCandidatePair, RTCIceTransport } from "./ice_transport.ts";
import { RTCPeerConnection } from "./peer_connection.ts";
import { RTCError, RTCErrorEvent } from "./rtc_error.ts";
import { RTCSctpTransport } from "./sctp_transport.ts";
import { RTCSessionDescription } from "./session_description.ts";
import { RTCStatsReport } from "./stats_report.ts";

const interfaces = {
  RTCCertificate,
  RTCDataChannel,
  RTCDataChannelEvent,
  RTCDtlsTransport,
  RTCError,
  RTCErrorEvent,
  RTCIceCandidate,
  RTCIceCandidatePair,
  RTCIceTransport,
  RTCPeerConnection,
  RTCPeerConnectionIceErrorEvent,
  RTCPeerConnectionIceEvent,
  RTCSctpTransport,
  RTCSessionDescription,
  RTCStatsReport,
};

for (const [name, value] of Object.entries(interfaces)) {
  if (name in globalThis) continue;
  // WebIDL §3.7: interface objects are writable and configurable, and not enumerable.
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
}
