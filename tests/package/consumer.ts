/** What a TypeScript user of the package writes; type-checked against the packed declarations. */
import { RTCPeerConnection } from "@sterna/webrtc";
import * as crypto from "@sterna/webrtc/crypto";
import * as dcep from "@sterna/webrtc/dcep";
import * as dtls from "@sterna/webrtc/dtls";
import * as ice from "@sterna/webrtc/ice";
import * as sctp from "@sterna/webrtc/sctp";
import * as sdp from "@sterna/webrtc/sdp";
import * as signaling from "@sterna/webrtc/signaling";
import * as stun from "@sterna/webrtc/stun";
import { VirtualLink } from "@sterna/webrtc/testing";

/** Every layer, so that each declaration is looked at. */
export const layers: readonly object[] = [
  crypto,
  dcep,
  dtls,
  ice,
  sctp,
  sdp,
  signaling,
  stun,
];

/** A link that a user's own simulation may hold. */
export const link: VirtualLink<string> = new VirtualLink<string>(1);

/** Connects as far as types go. */
export async function offer(): Promise<string> {
  const connection = new RTCPeerConnection({ iceServers: [] });
  const channel = connection.createDataChannel("chat", { ordered: false, maxRetransmits: 0 });
  channel.binaryType = "arraybuffer";
  channel.onmessage = (event) => console.log(typeof event.data);
  connection.addEventListener("connectionstatechange", () => connection.connectionState);
  await connection.setLocalDescription();
  connection.close();
  return connection.localDescription?.sdp ?? "";
}
