import assert from "node:assert/strict";
import { type RTCDataChannel, RTCPeerConnection } from "../../src/api/mod.ts";
import { test } from "../harness.ts";
import { exchange } from "./virtual_peers.ts";

test("Two connections of this runtime talk over sockets of its own, and leave nothing open", async () => {
  const options = { udp: { addresses: ["127.0.0.1"], includeLoopback: true } };
  const a = new RTCPeerConnection({}, options);
  const b = new RTCPeerConnection({}, options);
  a.onicecandidate = ({ candidate }) => b.addIceCandidate(candidate);
  b.onicecandidate = ({ candidate }) => a.addIceCandidate(candidate);
  const near = a.createDataChannel("loopback");
  near.onopen = () => near.send("there and back");
  const echo = new Promise<unknown>((resolve) => near.onmessage = ({ data }) => resolve(data));
  const far = new Promise<RTCDataChannel>((resolve) => {
    b.ondatachannel = ({ channel }) => {
      channel.onmessage = ({ data }) => channel.send(data);
      resolve(channel);
    };
  });
  await exchange(a, b);
  const channel = await far;
  assert.equal(await echo, "there and back");
  const closed = new Promise((resolve) => channel.onclose = resolve);
  near.close();
  await closed;
  a.close();
  b.close();
});

test("Closing while names of the peer are being resolved leaves no socket and no timer (RFC 6762)", async () => {
  const a = new RTCPeerConnection(), b = new RTCPeerConnection();
  a.createDataChannel("x");
  await a.setLocalDescription();
  await b.setRemoteDescription(a.localDescription!);
  await b.setLocalDescription();
  await a.setRemoteDescription(b.localDescription!);
  const name = "00000000-0000-4000-8000-000000000000.local";
  const candidate = `candidate:1 1 udp 2113937151 ${name} 5000 typ host`;
  await Promise.all([a, b].map((one) => one.addIceCandidate({ candidate, sdpMid: "0" })));
  // Long enough for the sockets of the resolver to be open, if this machine has any.
  for (let i = 0; i < 5; i++) await a.getStats();
  a.close();
  b.close();
});
