import assert from "node:assert/strict";
import {
  attribute,
  attributes,
  candidatesOf,
  codecParameter,
  codecsOf,
  directionOf,
  dtlsParametersOf,
  effectiveAttribute,
  groups,
  hasAttribute,
  hasEndOfCandidates,
  headerExtensionsOf,
  iceParametersOf,
  isDataSection,
  isRejected,
  midOf,
  parseSdp,
  sctpParametersOf,
  sectionByMid,
} from "../../src/sdp/mod.ts";
import { test } from "../harness.ts";
import { HEAD, parsed, sdp, section } from "./fixtures.ts";

test("The transport of a Chromium data offer is read from its section", () => {
  const offer = parsed("chromium_data_offer");
  const data = section(offer, 0);
  const ice = iceParametersOf(offer, data);
  assert.equal(ice?.usernameFragment.length, 4);
  assert.equal(ice?.password.length, 24);
  assert.deepEqual(ice?.options, ["trickle"]);
  assert.equal(ice?.lite, false);
  const dtls = dtlsParametersOf(offer, data);
  assert.equal(dtls.setup, "actpass");
  assert.equal(dtls.fingerprints.length, 1);
  assert.equal(dtls.fingerprints[0]?.algorithm, "sha-256");
  assert.deepEqual(sctpParametersOf(data), { port: 5000, maxMessageSize: 262144, legacy: false });
  assert.deepEqual(groups(offer, "BUNDLE"), [["0"]]);
  assert.ok(candidatesOf(data).some(({ tcpType }) => tcpType === "active"));
});

test("The fingerprint of a Firefox offer is the session's (RFC 8122 §5)", () => {
  const offer = parsed("firefox_data_offer");
  const data = section(offer, 0);
  assert.equal(attribute(data, "fingerprint"), undefined);
  assert.equal(dtlsParametersOf(offer, data).fingerprints.length, 1);
  assert.deepEqual(iceParametersOf(offer, data)?.options, ["trickle"]);
  assert.ok(hasEndOfCandidates(offer, data));
  assert.ok(candidatesOf(data).every(({ address }) => address.endsWith(".local")));
  assert.equal(sctpParametersOf(data)?.maxMessageSize, 1073741823);
});

test("Fingerprints of a section replace those of the session, all of them (RFC 8122 §5)", () => {
  const hash = (pair: string, count: number) => Array(count).fill(pair).join(":");
  const description = parseSdp(sdp(
    ...HEAD,
    `a=fingerprint:sha-256 ${hash("AA", 32)}`,
    `a=fingerprint:sha-512 ${hash("BB", 64)}`,
    "a=setup:actpass",
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    `a=fingerprint:sha-1 ${hash("CC", 20)}`,
    `a=fingerprint:sha-384 ${hash("DD", 48)}`,
    "a=tls-id:abc3de65cddef001be82",
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    "a=setup:passive",
  ));
  const algorithms = (index: number) =>
    dtlsParametersOf(description, section(description, index)).fingerprints
      .map(({ algorithm }) => algorithm);
  assert.deepEqual(algorithms(0), ["sha-1", "sha-384"]);
  assert.deepEqual(algorithms(1), ["sha-256", "sha-512"]);
  const first = dtlsParametersOf(description, section(description, 0));
  assert.deepEqual([first.setup, first.tlsId], ["actpass", "abc3de65cddef001be82"]);
  const second = dtlsParametersOf(description, section(description, 1));
  assert.deepEqual([second.setup, second.tlsId], ["passive", undefined]);
});

test("ICE parameters may stand in the session part, and a lite agent says so there (RFC 8839 §5)", () => {
  const description = parseSdp(sdp(
    ...HEAD,
    "a=ice-lite",
    "a=ice-ufrag:sess",
    "a=ice-pwd:1234567890123456789012",
    "m=audio 9 UDP/TLS/RTP/SAVPF 0",
    "m=audio 9 UDP/TLS/RTP/SAVPF 0",
    "a=ice-ufrag:media",
    "a=ice-pwd:abcdefghijklmnopqrstuv",
  ));
  assert.deepEqual(iceParametersOf(description, section(description, 0)), {
    usernameFragment: "sess",
    password: "1234567890123456789012",
    options: [],
    lite: true,
  });
  assert.equal(iceParametersOf(description, section(description, 1))?.usernameFragment, "media");
});

test("There are no ICE parameters where the password is missing (RFC 8839 §5.4)", () => {
  const text = sdp(...HEAD, "m=audio 9 UDP/TLS/RTP/SAVPF 0", "a=ice-ufrag:abcd");
  const description = parseSdp(text);
  assert.equal(iceParametersOf(description, section(description, 0)), undefined);
});

test("A data section before RFC 8841 is told by its sctpmap", () => {
  const data = section(parsed("legacy_sctpmap_offer"), 0);
  assert.ok(isDataSection(data));
  assert.deepEqual(sctpParametersOf(data), { port: 5000, maxMessageSize: 65536, legacy: true });
});

test("A peer that names no limit takes 64 KiB (RFC 8841 §6.1)", () => {
  const text = sdp(...HEAD, "m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "a=sctp-port:7");
  assert.deepEqual(sctpParametersOf(section(parseSdp(text), 0)), {
    port: 7,
    maxMessageSize: 65536,
    legacy: false,
  });
});

test("Other application sections are not data sections", () => {
  for (const line of ["application 9 UDP/BFCP *", "application 9 DTLS/SCTP 5000", "audio 9 X 0"]) {
    const media = section(parseSdp(sdp(...HEAD, `m=${line}`)), 0);
    assert.ok(!isDataSection(media));
    assert.equal(sctpParametersOf(media), undefined);
  }
});

test("Port 0 rejects a section unless it is bundle-only (RFC 9143 §6)", () => {
  for (const name of ["chromium_stopped_answer", "firefox_stopped_answer"]) {
    const rejected = parsed(name).media.map(isRejected);
    assert.deepEqual(rejected, [false, true, false], name);
  }
  const offer = parsed("firefox_maxbundle_offer");
  assert.deepEqual(offer.media.map(({ media }) => media.port), [9, 0, 0]);
  assert.deepEqual(offer.media.map(isRejected), [false, false, false]);
});

test("Sections are found by their identification tag (RFC 5888 §4)", () => {
  const offer = parsed("chromium_media_offer");
  assert.deepEqual(offer.media.map(midOf), ["0", "1", "2"]);
  assert.equal(sectionByMid(offer, "1"), offer.media[1]);
  assert.equal(sectionByMid(offer, "9"), undefined);
});

test("The direction is the section's, else the session's, else sendrecv (RFC 8866 §6.7)", () => {
  const text = sdp(...HEAD, "a=recvonly", "m=audio 9 X 0", "a=sendonly", "m=audio 9 X 0");
  const description = parseSdp(text);
  assert.equal(directionOf(description, section(description, 0)), "sendonly");
  assert.equal(directionOf(description, section(description, 1)), "recvonly");
  const bare = parseSdp(sdp(...HEAD, "m=audio 9 X 0"));
  assert.equal(directionOf(bare, section(bare, 0)), "sendrecv");
});

test("Codecs come in the order of the m= line with all that is said about them", () => {
  const offer = parsed("chromium_media_offer");
  const [opus] = codecsOf(section(offer, 0));
  assert.equal(opus?.encoding, "opus");
  assert.equal(opus?.channels, 2);
  assert.deepEqual(opus?.feedback, [{ type: "transport-cc" }]);
  const video = codecsOf(section(offer, 1));
  assert.deepEqual(
    video.map(({ payloadType }) => String(payloadType)),
    section(offer, 1).media.formats,
  );
  const rtx = video.find(({ encoding }) => encoding === "rtx");
  assert.equal(rtx && codecParameter(rtx, "apt"), String(video[0]?.payloadType));
  assert.ok(video[0]?.feedback.some((fb) => fb.type === "nack" && fb.parameter === "pli"));
});

test("Payload types of RFC 3551 §6 need no rtpmap; others do", () => {
  const text = sdp(
    ...HEAD,
    "m=audio 9 RTP/AVP 0 10 96 97 0 1e1",
    "a=rtpmap:97 L16/8000",
    "a=rtcp-fb:* nack",
  );
  const codecs = codecsOf(section(parseSdp(text), 0));
  assert.deepEqual(codecs.map(({ encoding, clockRate }) => `${encoding}/${clockRate}`), [
    "PCMU/8000",
    "L16/44100",
    "L16/8000",
  ]);
  assert.equal(codecs[1]?.channels, 2);
  assert.ok(codecs.every(({ feedback }) => feedback[0]?.type === "nack"));
});

test("A simulcast offer names its streams and their rids (RFC 8853 §5.1)", () => {
  const chromium = section(parsed("chromium_simulcast_offer"), 0);
  assert.deepEqual(attributes(chromium, "rid").map(({ id }) => id), ["hi", "mid", "lo"]);
  const [send] = attribute(chromium, "simulcast")?.directions ?? [];
  assert.equal(send?.direction, "send");
  assert.deepEqual(send?.streams.map(([first]) => first?.paused), [false, false, true]);
  const firefox = section(parsed("firefox_simulcast_offer"), 0);
  assert.equal(attribute(firefox, "simulcast")?.directions[0]?.streams.length, 3);
});

test("Header extensions of the session hold for every section (RFC 8285 §8)", () => {
  const text = sdp(...HEAD, "a=extmap:1 urn:a", "m=audio 9 X 0", "a=extmap:2/recvonly urn:b");
  const description = parseSdp(text);
  assert.deepEqual(
    headerExtensionsOf(description, section(description, 0)).map(({ uri }) => uri),
    ["urn:a", "urn:b"],
  );
});

test("An effective attribute is the section's or the session's", () => {
  const offer = parsed("firefox_media_offer");
  assert.ok(hasAttribute(section(offer, 0), "rtcp-mux"));
  assert.equal(effectiveAttribute(offer, section(offer, 0), "msid-semantic")?.semantic, "WMS");
  assert.equal(effectiveAttribute(offer, section(offer, 0), "ice-pacing"), undefined);
});

test("The multicast example of RFC 8866 §5 is read line by line", () => {
  const description = parsed("rfc8866_section5");
  const [version, origin, name] = description.fields;
  assert.deepEqual(version, { type: "v", version: 0 });
  assert.deepEqual(origin, {
    type: "o",
    username: "jdoe",
    sessionId: "3724394400",
    sessionVersion: "3724394405",
    netType: "IN",
    addressType: "IP4",
    address: "198.51.100.1",
  });
  assert.deepEqual(name, { type: "s", text: "Call to John Smith" });
  const video = section(description, 2);
  assert.deepEqual(video.media, {
    type: "m",
    media: "video",
    port: 51372,
    protocol: "RTP/AVP",
    formats: ["99"],
  });
  assert.deepEqual(video.fields, [
    { type: "c", netType: "IN", addressType: "IP6", address: "2001:db8::2" },
  ]);
});
