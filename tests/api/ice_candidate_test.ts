import assert from "node:assert/strict";
import { RTCIceCandidate } from "../../src/api/ice_candidate.ts";
import {
  RTCPeerConnectionIceErrorEvent,
  RTCPeerConnectionIceEvent,
} from "../../src/api/ice_event.ts";
import { test } from "../harness.ts";

const TEXT =
  "candidate:842163049 1 udp 1677729535 198.51.100.7 46154 typ srflx raddr 10.0.17.1 rport 8992 generation 0";

test("A candidate needs sdpMid or sdpMLineIndex (webrtc-pc §4.8.1)", () => {
  assert.throws(() => new RTCIceCandidate(), TypeError);
  assert.throws(() => new RTCIceCandidate({ candidate: TEXT }), TypeError);
  assert.equal(new RTCIceCandidate({ sdpMid: "0" }).candidate, "");
  assert.equal(new RTCIceCandidate({ sdpMLineIndex: 0 }).sdpMid, null);
});

test("All attributes are derived from the candidate attribute (webrtc-pc §4.8.1, RFC 8839 §5.1)", () => {
  const candidate = new RTCIceCandidate({
    candidate: TEXT,
    sdpMid: "audio",
    sdpMLineIndex: 3,
    usernameFragment: "test",
    url: "stun:stun.example.net",
  });
  assert.equal(candidate.candidate, TEXT);
  assert.equal(candidate.sdpMid, "audio");
  assert.equal(candidate.sdpMLineIndex, 3);
  assert.equal(candidate.foundation, "842163049");
  assert.equal(candidate.component, "rtp");
  assert.equal(candidate.priority, 1677729535);
  assert.equal(candidate.address, "198.51.100.7");
  assert.equal(candidate.protocol, "udp");
  assert.equal(candidate.port, 46154);
  assert.equal(candidate.type, "srflx");
  assert.equal(candidate.tcpType, null);
  assert.equal(candidate.relatedAddress, "10.0.17.1");
  assert.equal(candidate.relatedPort, 8992);
  assert.equal(candidate.usernameFragment, "test");
  assert.equal(candidate.url, "stun:stun.example.net");
});

test("TCP candidates have a tcpType, component 2 is rtcp (RFC 6544 §4.5)", () => {
  const candidate = new RTCIceCandidate({
    candidate: "candidate:1 2 tcp 1518280447 192.0.2.1 9 typ host tcptype active",
    sdpMLineIndex: 0,
  });
  assert.equal(candidate.protocol, "tcp");
  assert.equal(candidate.tcpType, "active");
  assert.equal(candidate.component, "rtcp");
});

test("Text that cannot be parsed is kept, and derived attributes are null (webrtc-pc §4.8.1)", () => {
  for (const text of ["garbage", "candidate:1 1 udp", TEXT.replace("srflx", "strange")]) {
    const candidate = new RTCIceCandidate({ candidate: text, sdpMid: "0" });
    assert.equal(candidate.candidate, text);
    assert.equal(candidate.foundation, null);
    assert.equal(candidate.component, null);
    assert.equal(candidate.address, null);
    assert.equal(candidate.port, null);
  }
});

test("toJSON holds exactly what is signaled (webrtc-pc §4.8.1)", () => {
  const init = { candidate: TEXT, sdpMid: "0", sdpMLineIndex: 0, usernameFragment: "u" };
  const candidate = new RTCIceCandidate({ ...init, url: "stun:a" });
  assert.deepEqual(JSON.parse(JSON.stringify(candidate)), init);
  assert.deepEqual(new RTCIceCandidate(candidate).toJSON(), init, "a candidate is an init as well");
});

test("Candidate events carry a candidate or null, error events a code (webrtc-pc §4.8.2, §4.8.3)", () => {
  const candidate = new RTCIceCandidate({ candidate: TEXT, sdpMid: "0" });
  assert.equal(new RTCPeerConnectionIceEvent("icecandidate", { candidate }).candidate, candidate);
  assert.equal(new RTCPeerConnectionIceEvent("icecandidate").candidate, null);
  const error = new RTCPeerConnectionIceErrorEvent("icecandidateerror", { errorCode: 701 });
  assert.deepEqual([error.errorCode, error.errorText, error.url, error.port], [701, "", "", null]);
  assert.throws(() => Reflect.construct(RTCPeerConnectionIceErrorEvent, ["x"]), TypeError);
});

test("The constructor of candidate events checks and converts (WebIDL §3.7.1)", () => {
  const construct = RTCPeerConnectionIceEvent as unknown as new (...args: unknown[]) => Event;
  assert.throws(() => new construct(), TypeError);
  assert.throws(() => new construct("x", { candidate: { candidate: "", sdpMid: "0" } }), TypeError);
  assert.throws(() => new construct("x", 5), TypeError);
  assert.equal(new RTCPeerConnectionIceEvent("x", { url: undefined }).url, null);
  assert.equal(new construct("x", null).bubbles, false);
  const error = new RTCPeerConnectionIceErrorEvent("x", {
    errorCode: "701" as unknown as number,
    address: null,
  });
  assert.deepEqual([error.errorCode, error.address, error.port, error.url], [701, null, null, ""]);
});
