/**
 * Two peers in one process: the whole negotiation, and one message each way.
 *
 *     deno run -A --unstable-net examples/two_peers.ts
 *
 * @module
 */
import { RTCPeerConnection } from "@sterna/webrtc";

const alice = new RTCPeerConnection();
const bob = new RTCPeerConnection();

// Signaling: here a function call, elsewhere a WebSocket. Candidates trickle both ways.
alice.onicecandidate = ({ candidate }) => void bob.addIceCandidate(candidate);
bob.onicecandidate = ({ candidate }) => void alice.addIceCandidate(candidate);

bob.ondatachannel = ({ channel }) => {
  channel.onmessage = ({ data }) => {
    console.log(`bob hears: ${data}`);
    channel.send("Hello Alice!");
  };
};

const channel = alice.createDataChannel("greetings");
const answered = new Promise<string>((resolve) => {
  channel.onmessage = ({ data }) => resolve(data);
});
channel.onopen = () => channel.send("Hello Bob!");

await alice.setLocalDescription();
await bob.setRemoteDescription(alice.localDescription!);
await bob.setLocalDescription();
await alice.setRemoteDescription(bob.localDescription!);

console.log(`alice hears: ${await answered}`);

// Sockets keep a process alive; closed connections let it end by itself.
alice.close();
bob.close();
