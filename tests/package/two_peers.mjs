// A program of a user of the package: two peers in one process, one data channel. It must end by
// itself once both are closed.
import { RTCPeerConnection } from "@sterna/webrtc";

const a = new RTCPeerConnection();
const b = new RTCPeerConnection();
a.onicecandidate = ({ candidate }) => b.addIceCandidate(candidate);
b.onicecandidate = ({ candidate }) => a.addIceCandidate(candidate);

const received = new Promise((resolve) => {
  b.ondatachannel = ({ channel }) => {
    channel.onmessage = ({ data }) => {
      channel.send(`${data}, world`);
      resolve();
    };
  };
});
const channel = a.createDataChannel("grüße");
const answered = new Promise((resolve) => channel.onmessage = ({ data }) => resolve(data));
channel.onopen = () => channel.send("hello");

await a.setLocalDescription();
await b.setRemoteDescription(a.localDescription);
await b.setLocalDescription();
await a.setRemoteDescription(b.localDescription);

await received;
console.log(await answered);
a.close();
b.close();
