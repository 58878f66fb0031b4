/** A peer that is killed: signaling by lines of JSON on standard input and output. */
import process from "node:process";
import { createInterface } from "node:readline";
import { RTCPeerConnection } from "../../src/api/mod.ts";
import { LOOPBACK } from "./link.ts";

const pc = new RTCPeerConnection({}, LOOPBACK);
const say = (message: unknown): void => console.log(JSON.stringify(message));
pc.onicecandidate = ({ candidate }) => say({ candidate });
pc.ondatachannel = ({ channel }) => {
  channel.onmessage = ({ data }) => channel.send(data);
};
createInterface({ input: process.stdin }).on("line", async (line) => {
  const { description, candidate } = JSON.parse(line);
  if (description === undefined) return await pc.addIceCandidate(candidate);
  await pc.setRemoteDescription(description);
  await pc.setLocalDescription();
  say({ description: pc.localDescription });
});
