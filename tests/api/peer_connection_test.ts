import assert from "node:assert/strict";
import { RTCError, RTCPeerConnection } from "../../src/api/mod.ts";
import { VirtualNetwork } from "../../src/host/mod.ts";
import { test } from "../harness.ts";
import { audio, data, sdp } from "./sdp_fixtures.ts";
import { connected, CONNECTION_EVENTS, exchange, peers, record, turns } from "./virtual_peers.ts";

test("A new connection is new, stable and empty (webrtc-pc §4.4.1.1)", () => {
  const connection = new RTCPeerConnection();
  assert.equal(connection.signalingState, "stable");
  assert.equal(connection.iceGatheringState, "new");
  assert.equal(connection.iceConnectionState, "new");
  assert.equal(connection.connectionState, "new");
  assert.equal(connection.localDescription, null);
  assert.equal(connection.remoteDescription, null);
  assert.equal(connection.canTrickleIceCandidates, null);
  assert.equal(connection.sctp, null);
  assert.ok(connection instanceof EventTarget);
  connection.close();
});

test("Configurations are checked, kept and copied (webrtc-pc §4.4.2)", () => {
  assert.throws(() => new RTCPeerConnection({ bundlePolicy: "x" as "balanced" }), TypeError);
  const connection = new RTCPeerConnection({ iceServers: [{ urls: "stun:stun.example.net" }] });
  const configuration = connection.getConfiguration();
  assert.deepEqual(configuration.iceServers, [{ urls: ["stun:stun.example.net"] }]);
  configuration.iceServers.length = 0;
  assert.equal(connection.getConfiguration().iceServers.length, 1);
  connection.setConfiguration({ iceTransportPolicy: "relay" });
  assert.equal(connection.getConfiguration().iceTransportPolicy, "relay");
  assert.throws(() => connection.setConfiguration({ bundlePolicy: "max-bundle" }), {
    name: "InvalidModificationError",
  });
  connection.close();
  assert.throws(() => connection.setConfiguration({}), { name: "InvalidStateError" });
});

test("A port that is none is refused at once", () => {
  for (const port of [-1, 65_536, NaN]) {
    assert.throws(() => new RTCPeerConnection({}, { udp: { port } }), TypeError);
  }
  new RTCPeerConnection({}, { udp: { port: undefined } }).close();
});

test("Two peers connect and exchange text, with the states in their order (webrtc-pc §4.3)", async () => {
  const { a, b, until, end } = peers();
  const states: string[] = [];
  a.onsignalingstatechange = () => states.push(a.signalingState);
  a.onicegatheringstatechange = () => states.push(a.iceGatheringState);
  a.oniceconnectionstatechange = () => states.push(`ice ${a.iceConnectionState}`);
  a.onconnectionstatechange = () => states.push(a.connectionState);
  const channel = a.createDataChannel("chat");
  channel.onopen = () => channel.send("grüße €");
  const messages: string[] = [];
  b.ondatachannel = ({ channel: theirs }) => {
    assert.equal(theirs.readyState, "open");
    theirs.onopen = () => messages.push("open");
    theirs.onmessage = ({ data }) => messages.push(data);
  };
  await exchange(a, b);
  await until(() => messages.length === 2, "the message");
  assert.deepEqual(messages, ["open", "grüße €"]);
  const important = states.filter((state) => state !== "ice completed");
  assert.deepEqual(important, [
    "have-local-offer",
    "gathering",
    "complete",
    "stable",
    "ice checking",
    "connecting",
    "ice connected",
    "connected",
  ]);
  assert.equal(a.sctp?.state, "connected");
  assert.equal(a.sctp?.transport.state, "connected");
  assert.equal(a.sctp?.transport.iceTransport.role, "controlling");
  assert.equal(b.sctp?.transport.iceTransport.role, "controlled");
  assert.equal(a.sctp?.maxMessageSize, 262144);
  assert.equal(a.sctp?.maxChannels, 65535);
  end();
});

test("Candidates are surfaced, then an empty one, then null, and all are in the SDP (webrtc-pc §4.8.2, §5.6)", async () => {
  const { a, end } = peers({ trickle: false });
  const seen: string[] = [];
  a.onicecandidate = ({ candidate }) =>
    seen.push(candidate === null ? "null" : candidate.candidate.split(" ")[7] ?? "empty");
  a.onicegatheringstatechange = () => seen.push(a.iceGatheringState);
  a.createDataChannel("x");
  await a.setLocalDescription();
  assert.deepEqual(seen, [], "nothing before the promise is settled");
  await turns();
  assert.deepEqual(seen, ["gathering", "host", "empty", "complete", "null"]);
  const text = a.localDescription!.sdp;
  assert.match(text, /a=candidate:\S+ 1 udp \d+ 10\.0\.0\.1 \d+ typ host/);
  assert.match(text, /a=end-of-candidates/);
  assert.match(text, /m=application (?!9 )\d+ /);
  assert.equal(a.sctp?.transport.iceTransport.getLocalCandidates().length, 1);
  end();
});

test("Candidates of the descriptions suffice without trickling (RFC 8838 §3)", async () => {
  const { a, b, until, end } = peers({ trickle: false });
  const channel = a.createDataChannel("x");
  await a.setLocalDescription();
  await turns();
  await b.setRemoteDescription(a.localDescription!);
  await b.setLocalDescription();
  await turns();
  await a.setRemoteDescription(b.localDescription!);
  await until(() => channel.readyState === "open", "opening");
  assert.equal(a.canTrickleIceCandidates, true);
  end();
});

test("createAnswer needs a remote offer, and nothing works when closed (webrtc-pc §4.4.2)", async () => {
  const { a, end } = peers();
  await assert.rejects(a.createAnswer(), { name: "InvalidStateError" });
  await assert.rejects(a.setLocalDescription({ type: "rollback" }), { name: "InvalidStateError" });
  await assert.rejects(a.setLocalDescription({ type: "answer" }), { name: "InvalidStateError" });
  await assert.rejects(a.setRemoteDescription({ type: "answer", sdp: sdp() }), {
    name: "InvalidStateError",
  });
  a.close();
  await assert.rejects(a.createOffer(), { name: "InvalidStateError" });
  await assert.rejects(a.createAnswer(), { name: "InvalidStateError" });
  await assert.rejects(a.setLocalDescription(), { name: "InvalidStateError" });
  await assert.rejects(a.setRemoteDescription({ type: "offer" }), { name: "InvalidStateError" });
  await assert.rejects(a.addIceCandidate(), { name: "InvalidStateError" });
  assert.throws(() => a.createDataChannel("x"), { name: "InvalidStateError" });
  end();
});

test("Only what createOffer made last can be set locally (webrtc-pc §4.4.2, RFC 9429 §5.4)", async () => {
  const { a, end } = peers();
  a.createDataChannel("x");
  const offer = await a.createOffer();
  await assert.rejects(a.setLocalDescription({ ...offer, sdp: `${offer.sdp}a=x\r\n` }), {
    name: "InvalidModificationError",
  });
  await a.setLocalDescription(offer);
  assert.equal(a.signalingState, "have-local-offer");
  assert.equal(a.pendingLocalDescription!.type, "offer");
  assert.equal(a.currentLocalDescription, null);
  end();
});

test("Malformed SDP is an RTCError with its line, invalid content an InvalidAccessError (webrtc-pc §4.4.1.4)", async () => {
  const { a, end } = peers();
  await assert.rejects(
    a.setRemoteDescription({ type: "offer", sdp: "v=0\r\nnonsense\r\n" }),
    (error) => {
      assert.ok(error instanceof RTCError);
      assert.equal(error.errorDetail, "sdp-syntax-error");
      assert.equal(error.sdpLineNumber, 2);
      return true;
    },
  );
  const bare = data("0", "peer").filter((line) => !line.startsWith("a=fingerprint"));
  await assert.rejects(a.setRemoteDescription({ type: "offer", sdp: sdp(...bare) }), {
    name: "InvalidAccessError",
  });
  assert.equal(a.signalingState, "stable");
  assert.equal(a.remoteDescription, null);
  await assert.rejects(
    a.setRemoteDescription({ type: "x" as "offer", sdp: "" }),
    TypeError,
  );
  end();
});

test("negotiationneeded fires once for the first channel, and not when it is negotiated (webrtc-pc §4.7.3)", async () => {
  const { a, b, end } = peers();
  let count = 0;
  a.onnegotiationneeded = () => count++;
  a.createDataChannel("1");
  a.createDataChannel("2");
  assert.equal(count, 0, "in a task");
  await turns();
  assert.equal(count, 1);
  await exchange(a, b);
  await turns();
  a.createDataChannel("3");
  await turns();
  assert.equal(count, 1);
  end();
});

test("negotiationneeded waits until the chain is empty and the state stable (webrtc-pc §4.7.3)", async () => {
  const { a, b, end } = peers();
  const log: string[] = [];
  b.onnegotiationneeded = () => log.push("negotiationneeded");
  b.onsignalingstatechange = () => log.push(b.signalingState);
  const offer = await a.createOffer();
  await a.setLocalDescription(offer);
  const set = b.setRemoteDescription(offer);
  b.createDataChannel("x");
  await set;
  await turns();
  assert.deepEqual(log, ["have-remote-offer"]);
  await b.setLocalDescription();
  await turns();
  assert.deepEqual(log, ["have-remote-offer", "stable", "negotiationneeded"]);
  end();
});

test("A remote offer rolls a local one back implicitly (webrtc-pc §4.4.2)", async () => {
  const { a, b, end } = peers();
  a.createDataChannel("a");
  b.createDataChannel("b");
  await a.setLocalDescription();
  await b.setLocalDescription();
  const states: string[] = [];
  a.onsignalingstatechange = () => states.push(a.signalingState);
  await a.setRemoteDescription(b.localDescription!);
  assert.deepEqual(states, ["stable", "have-remote-offer"]);
  assert.equal(a.pendingLocalDescription, null);
  assert.equal(a.pendingRemoteDescription!.type, "offer");
  await a.setLocalDescription({ type: "rollback" });
  assert.equal(a.signalingState, "stable");
  assert.equal(a.remoteDescription, null);
  assert.equal(a.sctp, null);
  end();
});

test("Perfect negotiation survives glare: the polite peer yields, both channels open", async () => {
  const { a, b, until, end } = peers({ trickle: false });
  const wire = (self: RTCPeerConnection, other: RTCPeerConnection, polite: boolean): {
    receive(message: { description?: unknown; candidate?: unknown }): Promise<void>;
  } => {
    let makingOffer = false;
    let ignoreOffer = false;
    const side = {
      async receive({ description, candidate }: {
        description?: { type: "offer" | "answer"; sdp: string };
        candidate?: { candidate: string; sdpMid: string | null };
      }): Promise<void> {
        try {
          if (description !== undefined) {
            const collision = description.type === "offer" &&
              (makingOffer || self.signalingState !== "stable");
            ignoreOffer = !polite && collision;
            if (ignoreOffer) return;
            await self.setRemoteDescription(description);
            if (description.type === "offer") {
              await self.setLocalDescription();
              await sides.get(other)!.receive({ description: self.localDescription!.toJSON() });
            }
          } else await self.addIceCandidate(candidate);
        } catch (error) {
          if (!ignoreOffer) throw error;
        }
      },
    };
    self.onicecandidate = ({ candidate }) =>
      void sides.get(other)!.receive({ candidate: candidate?.toJSON() });
    self.onnegotiationneeded = async () => {
      makingOffer = true;
      await self.setLocalDescription();
      makingOffer = false;
      await sides.get(other)!.receive({ description: self.localDescription!.toJSON() });
    };
    return side as never;
  };
  const sides = new Map<RTCPeerConnection, ReturnType<typeof wire>>();
  sides.set(a, wire(a, b, true));
  sides.set(b, wire(b, a, false));
  const ours = a.createDataChannel("a");
  const theirs = b.createDataChannel("b");
  await turns(200);
  await until(() => ours.readyState === "open" && theirs.readyState === "open", "opening");
  assert.equal(a.signalingState, "stable");
  assert.equal(b.signalingState, "stable");
  assert.notEqual(ours.id! % 2, theirs.id! % 2, "RFC 8832 §6: identifiers by DTLS role");
  end();
});

test("addIceCandidate checks tag, index and generation (webrtc-pc §4.4.2)", async () => {
  const { a, b, end } = peers({ trickle: false });
  const candidate = "candidate:1 1 udp 2130706431 10.0.0.9 5000 typ host";
  await assert.rejects(b.addIceCandidate({ candidate }), TypeError);
  await assert.rejects(b.addIceCandidate({ candidate, sdpMid: "0" }), {
    name: "InvalidStateError",
  });
  a.createDataChannel("x");
  await a.setLocalDescription();
  await b.setRemoteDescription(a.localDescription!);
  const bad = async (init: Parameters<typeof b.addIceCandidate>[0]): Promise<void> =>
    await assert.rejects(b.addIceCandidate(init), { name: "OperationError" });
  await bad({ candidate, sdpMid: "nope" });
  await bad({ candidate, sdpMLineIndex: 1 });
  await bad({ candidate, sdpMid: "0", usernameFragment: "else" });
  await bad({ candidate: "candidate:garbage", sdpMid: "0" });
  await b.addIceCandidate({ candidate, sdpMid: "0" });
  await b.addIceCandidate({ candidate: "", sdpMid: "0" });
  await b.addIceCandidate();
  await b.addIceCandidate(null);
  const text = b.remoteDescription!.sdp;
  assert.equal(text.match(/10\.0\.0\.9/g)!.length, 1);
  assert.equal(text.match(/a=end-of-candidates/g)!.length, 1);
  end();
});

test("close() ends everything at once and fires nothing (webrtc-pc §4.4.3)", async () => {
  const { a, b, near, until, end } = await connected();
  const log = record(a, CONNECTION_EVENTS);
  record(near, ["closing", "close", "error", "message"], log);
  const { sctp } = a;
  record(sctp!, ["statechange"], log);
  record(sctp!.transport, ["statechange", "error"], log);
  record(sctp!.transport.iceTransport, ["statechange"], log);
  a.close();
  a.close();
  assert.equal(a.signalingState, "closed");
  assert.equal(a.iceConnectionState, "closed");
  assert.equal(a.connectionState, "closed");
  assert.equal(near.readyState, "closed");
  assert.equal(sctp!.state, "closed");
  assert.equal(sctp!.transport.state, "closed");
  assert.equal(sctp!.transport.iceTransport.state, "closed");
  await until(() => b.sctp?.state === "closed", "the other side's end");
  assert.deepEqual(log, []);
  end();
});

test("The peer's close() reaches the channel as error and close events (webrtc-pc §6.2.5)", async () => {
  const { a, far, until, end } = await connected();
  const log = record(far, ["closing", "error", "close"]);
  a.close();
  await until(() => far.readyState === "closed", "closing");
  assert.equal(log.at(-1), "close");
  assert.ok(!log.includes("closing"));
  end();
});

test("Closing a channel fires close on both sides, and closing on the other alone (webrtc-pc §6.2.4)", async () => {
  const { near, far, until, end } = await connected();
  const log = record(near, ["closing", "close", "error"]);
  const theirs = record(far, ["closing", "close", "error"]);
  near.send("before");
  near.close();
  assert.equal(near.readyState, "closing");
  await until(() => near.readyState === "closed" && far.readyState === "closed", "closing");
  assert.deepEqual(log, ["close"]);
  assert.deepEqual(theirs, ["closing", "close"]);
  end();
});

test("Identifiers are taken by DTLS role, and an identifier in use is an OperationError (RFC 8832 §6)", async () => {
  const { a, b, near, until, end } = await connected();
  assert.equal(near.id, 1, "the offerer is the DTLS server");
  const other = b.createDataChannel("from b");
  assert.equal(other.id, 0);
  assert.throws(() => b.createDataChannel("x", { negotiated: true, id: 0 }), {
    name: "OperationError",
  });
  const [n, m] = [a, b].map((peer) => peer.createDataChannel("n", { negotiated: true, id: 5 }));
  await until(() => n!.readyState === "open" && m!.readyState === "open", "opening");
  const received: unknown[] = [];
  m!.onmessage = ({ data }) => received.push(data);
  n!.send("to the other end");
  await until(() => received.length === 1, "the message");
  end();
});

test("Channel attributes reach the peer: label, protocol, reliability, priority (RFC 8832 §5.1)", async () => {
  const init = {
    ordered: false,
    maxRetransmits: 3,
    protocol: "проtokoll",
    priority: "high",
  } as const;
  const { far, end } = await connected({}, init);
  assert.equal(far.label, "channel");
  assert.equal(far.protocol, init.protocol);
  assert.equal(far.ordered, false);
  assert.equal(far.maxRetransmits, 3);
  assert.equal(far.maxPacketLifeTime, null);
  assert.equal(far.negotiated, false);
  assert.equal(far.priority, "high");
  end();
});

test("Messages of every kind and size arrive as they were sent (webrtc-pc §6.2)", async () => {
  const { near, far, until, end } = await connected();
  const big = new Uint8Array(262144).map((_, i) => i * 7);
  const received: unknown[] = [];
  far.onmessage = ({ data }) => received.push(data);
  near.send("");
  near.send(new ArrayBuffer(0));
  near.send("text");
  near.send(big);
  near.send(new Blob(["blob"]));
  await turns();
  await until(() => received.length === 5, "all messages");
  assert.equal(received[0], "");
  assert.equal((received[1] as ArrayBuffer).byteLength, 0);
  assert.equal(received[2], "text");
  assert.deepEqual(new Uint8Array(received[3] as ArrayBuffer), big);
  assert.equal(new TextDecoder().decode(received[4] as ArrayBuffer), "blob");
  assert.throws(() => near.send(new Uint8Array(262145)), TypeError);
  end();
});

test("bufferedAmount grows with send() and bufferedamountlow tells when it is low (webrtc-pc §6.2)", async () => {
  const { near, until, end } = await connected();
  near.bufferedAmountLowThreshold = 1000;
  let low = 0;
  near.onbufferedamountlow = () => low++;
  near.send(new Uint8Array(100_000));
  near.send("12345");
  assert.equal(near.bufferedAmount, 100_005);
  await until(() => low > 0, "bufferedamountlow");
  assert.ok(near.bufferedAmount <= 1000);
  await until(() => near.bufferedAmount === 0, "everything sent");
  assert.equal(low, 1);
  end();
});

test("bufferedamountlow counts blobs that wait to be read (webrtc-pc §6.2)", async () => {
  const { near, far, until, end } = await connected();
  let received = 0;
  far.onmessage = () => received++;
  near.bufferedAmountLowThreshold = 1000;
  assert.equal(near.bufferedAmountLowThreshold, 1000);
  const amounts: number[] = [];
  near.onbufferedamountlow = () => amounts.push(near.bufferedAmount);
  for (let i = 0; i < 10; i++) near.send(new Blob([new Uint8Array(600)]));
  assert.equal(near.bufferedAmount, 6000);
  await until(() => received === 10, "all blobs");
  assert.equal(amounts.length, 1);
  assert.ok(amounts[0]! <= 1000);
  end();
});

test("restartIce() asks for negotiation and changes both credentials; data goes on (webrtc-pc §4.4.2)", async () => {
  const { a, b, near, far, until, end } = await connected();
  const fragment = (peer: RTCPeerConnection): string =>
    /a=ice-ufrag:(\S+)/.exec(peer.localDescription!.sdp)![1]!;
  const before = [fragment(a), fragment(b)];
  let needed = 0;
  a.onnegotiationneeded = () => needed++;
  a.restartIce();
  await turns();
  assert.equal(needed, 1);
  await exchange(a, b);
  await turns();
  assert.notEqual(fragment(a), before[0]);
  assert.notEqual(fragment(b), before[1]);
  assert.equal(needed, 1);
  let changes = 0;
  a.sctp!.transport.iceTransport.onselectedcandidatepairchange = () => changes++;
  await until(() => changes > 0 && a.iceConnectionState === "completed", "the restart");
  const received: unknown[] = [];
  far.onmessage = ({ data }) => received.push(data);
  near.send("still here");
  await until(() => received.length === 1, "the message");
  assert.equal(a.connectionState, "connected");
  end();
});

test("A cut path disconnects, then fails; an ICE restart revives the channels (webrtc-pc §5.6)", async () => {
  const { a, b, near, far, network, hosts, until, end } = await connected();
  const states: string[] = [];
  a.onconnectionstatechange = () => states.push(a.connectionState);
  network.partition(...hosts);
  near.send("while cut");
  const received: unknown[] = [];
  far.onmessage = ({ data }) => received.push(data);
  await until(() => a.connectionState === "failed" && b.connectionState === "failed", "failing");
  assert.equal(states[0], "disconnected");
  assert.equal(near.readyState, "open", "webrtc-pc §5.6: channels do not close by that");
  network.heal(...hosts);
  a.restartIce();
  await exchange(a, b);
  await until(() => received.length === 1, "the message");
  assert.equal(a.connectionState, "connected");
  assert.equal(states.at(-1), "connected");
  end();
});

test("A rolled-back ICE restart leaves credentials and connection as they were (RFC 9429 §5.7)", async () => {
  const { a, b, near, far, until, end } = await connected();
  const before = a.currentLocalDescription!.sdp;
  await a.setLocalDescription(await a.createOffer({ iceRestart: true }));
  assert.notEqual(
    /ufrag:\S+/.exec(a.pendingLocalDescription!.sdp)![0],
    /ufrag:\S+/.exec(before)![0],
  );
  await turns();
  await b.setLocalDescription();
  await a.setRemoteDescription(b.localDescription!);
  await a.setLocalDescription();
  await b.setRemoteDescription(a.localDescription!);
  assert.equal(/ufrag:\S+/.exec(a.localDescription!.sdp)![0], /ufrag:\S+/.exec(before)![0]);
  const received: unknown[] = [];
  far.onmessage = ({ data }) => received.push(data);
  near.send("x");
  await until(() => received.length === 1, "the message");
  end();
});

test("Media offers are answered with rejected sections, and re-offers keep them (RFC 9429 §5.3.1)", async () => {
  const { a, end } = peers();
  await a.setRemoteDescription({
    type: "offer",
    sdp: sdp("a=group:BUNDLE a", ...audio("a", "aaaa")),
  });
  assert.equal(a.sctp, null);
  await a.setLocalDescription();
  assert.equal(a.signalingState, "stable");
  assert.match(a.localDescription!.sdp, /m=audio 0 /);
  assert.equal(a.iceGatheringState, "new");
  let needed = 0;
  a.onnegotiationneeded = () => needed++;
  a.createDataChannel("x");
  await turns();
  assert.equal(needed, 1);
  const { sdp: offer } = await a.createOffer();
  assert.match(offer, /m=audio 0 [\s\S]*m=application 9 /);
  end();
});

test("An answer that rejects data ends the transport and closes the channels (RFC 8841 §10.4)", async () => {
  const { a, end } = peers();
  const channel = a.createDataChannel("x");
  const log = record(channel, ["error", "close"]);
  await a.setLocalDescription();
  const mid = /a=mid:(\S+)/.exec(a.localDescription!.sdp)![1]!;
  await a.setRemoteDescription({
    type: "answer",
    sdp: sdp(
      "m=application 0 UDP/DTLS/SCTP webrtc-datachannel",
      "c=IN IP4 0.0.0.0",
      `a=mid:${mid}`,
    ),
  });
  await turns();
  assert.equal(a.sctp, null);
  assert.equal(channel.readyState, "closed");
  assert.deepEqual(log, ["close"]);
  assert.equal(a.connectionState, "new");
  end();
});

test("A wrong fingerprint fails the connection with an error event (webrtc-pc §5.5, RFC 8827 §6.5)", async () => {
  const { a, b, until, end } = peers();
  a.createDataChannel("x");
  await a.setLocalDescription();
  await b.setRemoteDescription(a.localDescription!);
  await b.setLocalDescription();
  const answer = b.localDescription!.sdp.replace(
    /(a=fingerprint:sha-256 )(..)/,
    (_, name, first) => `${name}${first === "00" ? "01" : "00"}`,
  );
  await a.setRemoteDescription({ type: "answer", sdp: answer });
  const log: string[] = [];
  const dtls = a.sctp!.transport;
  dtls.onerror = ({ error }) => log.push(`${error.errorDetail} ${dtls.state}`);
  dtls.onstatechange = () => log.push(dtls.state);
  await until(() => a.connectionState === "failed", "the failure");
  assert.deepEqual(log, ["connecting", "fingerprint-failure failed", "failed"]);
  end();
});

test("A given certificate is the one in the SDP, and the peer sees it (webrtc-pc §4.9, §5.5)", async () => {
  const certificate = await RTCPeerConnection.generateCertificate({
    name: "ECDSA",
    namedCurve: "P-256",
  });
  const { a, b, end } = await connected({ configuration: { certificates: [certificate] } });
  const { value } = certificate.getFingerprints()[0]!;
  assert.ok(a.localDescription!.sdp.toLowerCase().includes(value!));
  const [der] = b.sctp!.transport.getRemoteCertificates();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", der!));
  assert.equal([...digest].map((byte) => byte.toString(16).padStart(2, "0")).join(":"), value);
  end();
});

test('Under iceTransportPolicy "relay" no host candidate is gathered (RFC 9429 §4.1.1)', async () => {
  const { a, end } = peers({ trickle: false, configuration: { iceTransportPolicy: "relay" } });
  const seen: unknown[] = [];
  a.onicecandidate = ({ candidate }) => seen.push(candidate?.candidate);
  a.createDataChannel("x");
  await a.setLocalDescription();
  await turns();
  assert.deepEqual(seen, ["", undefined]);
  assert.equal(a.iceGatheringState, "complete");
  end();
});

test("getStats reports every kind of object, each with an id that lasts (webrtc-pc §8.6)", async () => {
  const { a, near, end } = await connected();
  near.send("four");
  const report = await a.getStats();
  const types = new Set([...report.values()].map(({ type }) => type));
  assert.deepEqual([...types].sort(), [
    "candidate-pair",
    "certificate",
    "data-channel",
    "local-candidate",
    "peer-connection",
    "remote-candidate",
    "transport",
  ]);
  const transport = [...report.values()].find(({ type }) => type === "transport") as unknown as
    & Record<string, string>
    & { bytesSent: number };
  const pair = report.get(transport["selectedCandidatePairId"]!) as unknown as Record<
    string,
    unknown
  >;
  assert.equal(pair["nominated"], true);
  assert.equal(report.get(pair["localCandidateId"] as string)?.type, "local-candidate");
  assert.equal(report.get(transport["remoteCertificateId"]!)?.type, "certificate");
  assert.equal(transport["dtlsState"], "connected");
  assert.ok(transport.bytesSent > 0);
  const channel = [...report.values()].find(({ type }) => type === "data-channel");
  const { messagesSent, bytesSent, label } = channel as unknown as Record<string, unknown>;
  assert.deepEqual([messagesSent, bytesSent, label], [1, 4, "channel"]);
  assert.deepEqual([...(await a.getStats()).keys()], [...report.keys()]);
  await assert.rejects(a.getStats({} as unknown as null), { name: "InvalidAccessError" });
  a.close();
  assert.ok((await a.getStats()).size > 0, "also when closed");
  end();
});

test("the transport's statistics tell where cryptography comes from, and why not from elsewhere", async () => {
  const network = new VirtualNetwork({ seed: 1 });
  for (const cryptoFallback of [undefined, "WebAssembly refused"]) {
    const host = network.createHost(cryptoFallback ? "10.0.0.1" : "10.0.0.2", {
      ...(cryptoFallback && { cryptoFallback }),
    });
    const connection = new RTCPeerConnection({}, { host });
    connection.createDataChannel("channel");
    await connection.setLocalDescription();
    const report = await connection.getStats();
    const transport = [...report.values()].find(({ type }) => type === "transport");
    const members = transport as unknown as Record<string, unknown>;
    assert.equal(members["sternaCrypto"], "ts");
    assert.equal(members["sternaSrtpCrypto"], "ts");
    assert.equal(members["sternaCryptoFallback"], cryptoFallback);
    connection.close();
  }
});

test("Messages survive loss, reordering and duplication (RFC 9260 §6)", async () => {
  const conditions = { loss: 0.1, reorder: 0.1, duplicate: 0.05, delayMs: 20 };
  const { near, far, until, end } = await connected({ seed: 42, conditions });
  const received: string[] = [];
  far.onmessage = ({ data }) => received.push(data);
  for (let i = 0; i < 200; i++) near.send(`message ${i}`);
  await until(() => received.length === 200, "all messages (seed 42)");
  assert.deepEqual(received, Array.from({ length: 200 }, (_, i) => `message ${i}`));
  end();
});

test("A hundred channels open and close, and their identifiers are used again (RFC 8831 §6.7)", async () => {
  const { a, b, until, end } = await connected();
  for (let round = 0; round < 2; round++) {
    const ours = Array.from({ length: 100 }, (_, i) => a.createDataChannel(`n${i}`));
    let opened = 0;
    b.ondatachannel = () => opened++;
    await until(() => opened === 100, "opening");
    await until(() => ours.every(({ readyState }) => readyState === "open"), "opening here");
    assert.equal(Math.max(...ours.map(({ id }) => id!)), 201);
    for (const channel of ours) channel.close();
    await until(() => ours.every(({ readyState }) => readyState === "closed"), "closing");
  }
  end();
});

test("An old browser's data section is answered in its own form (draft-ietf-mmusic-sctp-sdp-07)", async () => {
  const { a, b, until, end } = peers();
  const channel = a.createDataChannel("x");
  await a.setLocalDescription();
  const old = a.localDescription!.sdp
    .replace(
      /m=application (\d+) UDP\/DTLS\/SCTP webrtc-datachannel/,
      "m=application $1 DTLS/SCTP 5000",
    )
    .replace("a=sctp-port:5000", "a=sctpmap:5000 webrtc-datachannel 1024");
  await b.setRemoteDescription({ type: "offer", sdp: old });
  await b.setLocalDescription();
  const answer = b.localDescription!.sdp
    .replace(
      /m=application (\d+) DTLS\/SCTP 5000/,
      "m=application $1 UDP/DTLS/SCTP webrtc-datachannel",
    )
    .replace("a=sctpmap:5000 webrtc-datachannel 1024", "a=sctp-port:5000");
  await a.setRemoteDescription({ type: "answer", sdp: answer });
  await until(() => channel.readyState === "open", "opening");
  end();
});

test("An ice-lite peer is controlled, whoever offers (RFC 8445 §6.1.1)", async () => {
  for (const liteOffers of [false, true]) {
    const { a, hosts, b, until, end } = peers({ trickle: false });
    b.close();
    const lite = new RTCPeerConnection({}, { host: hosts[1], iceLite: true });
    a.onicecandidate = ({ candidate }) => void lite.addIceCandidate(candidate).catch(() => {});
    lite.onicecandidate = ({ candidate }) => void a.addIceCandidate(candidate).catch(() => {});
    const [from, to] = liteOffers ? [lite, a] : [a, lite];
    const channel = from.createDataChannel("x");
    await exchange(from, to);
    await until(() => channel.readyState === "open", "opening");
    assert.match(lite.localDescription!.sdp, /a=ice-lite/);
    assert.equal(lite.sctp!.transport.iceTransport.role, "controlled");
    assert.equal(a.sctp!.transport.iceTransport.role, "controlling");
    lite.close();
    end();
  }
});

test("getStats settles when the connection is closed meanwhile (webrtc-pc §8.2)", async () => {
  const { a, end } = await connected();
  const pending = a.getStats();
  end();
  const closed = [...(await pending).values()].map(({ type }) => type);
  assert.ok(closed.includes("transport") && closed.includes("certificate"));
  assert.ok((await a.getStats()).size > 0);
});

test("Every id in statistics leads to an object, also in an ICE restart (W3C webrtc-stats §8)", async () => {
  const { a, end } = await connected();
  a.restartIce();
  await a.setLocalDescription();
  const stats = await a.getStats();
  let links = 0;
  for (const object of stats.values()) {
    for (const [name, id] of Object.entries(object)) {
      if (!name.endsWith("Id")) continue;
      assert.ok(stats.has(id), `${object.type}.${name}`);
      links++;
    }
  }
  assert.ok(links > 5);
  end();
});

test("Statistics count a channel as closed once it leaves open (W3C webrtc-stats §8.9)", async () => {
  const { a, near, until, end } = await connected();
  const counts = async (): Promise<unknown[]> => {
    for (const stats of (await a.getStats()).values()) {
      if (stats.type !== "peer-connection") continue;
      const { dataChannelsOpened, dataChannelsClosed } = stats as unknown as Record<string, number>;
      return [dataChannelsOpened, dataChannelsClosed];
    }
    return [];
  };
  a.createDataChannel("never open").close();
  assert.deepEqual(await counts(), [1, 0]);
  near.close();
  assert.deepEqual(await counts(), [1, 1]);
  await until(() => near.readyState === "closed", "closing");
  assert.deepEqual(await counts(), [1, 1]);
  const other = a.createDataChannel("other");
  await until(() => other.readyState === "open", "opening");
  end();
  assert.deepEqual(await counts(), [2, 2]);
});

test("A taken port is an icecandidateerror, and gathering completes (webrtc-pc §4.8.3)", async () => {
  const network = new VirtualNetwork({ seed: 1 });
  const host = network.createHost("10.0.0.1");
  await host.openUdp({ ip: "10.0.0.1", port: 4000 }, () => {}, () => {});
  const connection = new RTCPeerConnection({}, { host, udp: { port: 4000 } });
  const errors: unknown[] = [];
  connection.onicecandidateerror = ({ address, port, url, errorCode, errorText }) =>
    errors.push({ address, port, url, errorCode, says: errorText.includes("4000") });
  connection.createDataChannel("x");
  await connection.setLocalDescription();
  await network.advance(10);
  await turns();
  assert.equal(connection.iceGatheringState, "complete");
  assert.deepEqual(errors, [
    { address: "10.0.0.1", port: 4000, url: "", errorCode: 701, says: true },
  ]);
  connection.close();
});

test("An ICE restart moves to an interface that appeared after the first gathering (RFC 8445 §9)", async () => {
  const { a, b, hosts, near, far, until, end } = await connected();
  hosts[0].addAddress("10.0.0.7");
  hosts[0].removeAddress("10.0.0.1");
  a.restartIce();
  await exchange(a, b);
  const local = (): string | null | undefined =>
    a.sctp?.transport.iceTransport.getSelectedCandidatePair()?.local.address;
  await until(() => local() === "10.0.0.7", "the new path");
  let heard: unknown;
  far.onmessage = ({ data }) => heard = data;
  near.send("still here");
  await until(() => heard === "still here", "the message");
  end();
});
