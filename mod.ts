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
 * a.createDataChannel("greetings").onopen = ({ target }) => {
 *   (target as RTCDataChannel).send("hello");
 * };
 * ```
 *
 * @module
 */
export * from "./src/api/mod.ts";
