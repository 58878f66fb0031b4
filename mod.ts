/**
 * Sterna: the WebRTC API of browsers for Deno, Bun and Node, without native add-ons.
 *
 * @example Two peers in one process
 * ```ts
 * import { RTCPeerConnection } from "@sterna/webrtc";
 *
 * const a = new RTCPeerConnection();
 * const b = new RTCPeerConnection();
 * a.onicecandidate = ({ candidate }) => b.addIceCandidate(candidate);
 * b.onicecandidate = ({ candidate }) => a.addIceCandidate(candidate);
 * const greeting = new Promise((resolve) => {
 *   b.ondatachannel = ({ channel }) => channel.onmessage = ({ data }) => resolve(data);
 * });
 * const channel = a.createDataChannel("greetings");
 * channel.onopen = () => channel.send("hello");
 * await a.setLocalDescription();
 * await b.setRemoteDescription(a.localDescription!);
 * await b.setLocalDescription();
 * await a.setRemoteDescription(b.localDescription!);
 * console.log(await greeting); // hello
 * a.close();
 * b.close();
 * ```
 *
 * @module
 */
export * from "./src/api/mod.ts";
