import assert from "node:assert/strict";
import {
  checkCertificates,
  checkModification,
  copyConfiguration,
  readConfiguration,
  type RTCConfiguration,
} from "../../src/api/configuration.ts";
import { generateCertificate } from "../../src/api/certificate.ts";
import { parseIceServerUrl } from "../../src/api/ice_server.ts";
import { seededEntropy } from "../../src/base/mod.ts";
import { tsCrypto } from "../../src/crypto/mod.ts";
import { test } from "../harness.ts";

const HOST = { crypto: tsCrypto, entropy: seededEntropy(7) };
const ECDSA = { name: "ECDSA", namedCurve: "P-256" };
const NOW = 1_800_000_000_000;

function throwsName(body: () => unknown, name: string): void {
  assert.throws(body, { name });
}

test("An absent configuration has the defaults of the dictionary (webrtc-pc §4.2.1)", () => {
  for (const nothing of [undefined, null, {}]) {
    assert.deepEqual(copyConfiguration(readConfiguration(nothing)), {
      iceServers: [],
      iceTransportPolicy: "all",
      bundlePolicy: "balanced",
      rtcpMuxPolicy: "require",
      certificates: [],
      iceCandidatePoolSize: 0,
    });
  }
});

test("Values that no enumeration has are TypeErrors (WebIDL §3.2.18)", () => {
  const bad: unknown[] = [
    { iceTransportPolicy: "invalid" },
    { iceTransportPolicy: null },
    { bundlePolicy: "must-bundle" },
    { rtcpMuxPolicy: "negotiate" },
    { iceServers: 1 },
    { iceServers: [{}] },
    { certificates: [{}] },
    { certificates: null },
    "text",
  ];
  for (const value of bad) {
    assert.throws(
      () => readConfiguration(value as RTCConfiguration),
      TypeError,
      JSON.stringify(value),
    );
  }
});

test("iceCandidatePoolSize is an octet with [EnforceRange] (webrtc-pc §4.2.1)", () => {
  for (const size of [-1, 256, NaN, Infinity]) {
    assert.throws(() => readConfiguration({ iceCandidatePoolSize: size }), TypeError);
  }
  assert.equal(readConfiguration({ iceCandidatePoolSize: 255 }).iceCandidatePoolSize, 255);
  assert.equal(readConfiguration({ iceCandidatePoolSize: 1.9 }).iceCandidatePoolSize, 1);
});

test("Malformed server URLs are SyntaxErrors (webrtc-pc §4.4.1.6, RFC 7064 §3.1, RFC 7065 §3.1)", () => {
  for (
    const url of [
      "",
      "relative-url",
      "http://example.com",
      "stun:",
      "stun://example.com",
      "stun:example.com/path",
      "stun:user@example.com",
      "stun:example.com#fragment",
      "stun:example.com?transport=udp",
      "turn:example.com?transport=sctp",
      "turn:example.com?x",
      "stun:example.com:99999",
      "stun:exa mple.com",
      "stun:[::1",
    ]
  ) {
    const server = { urls: url, username: "u", credential: "c" };
    throwsName(() => readConfiguration({ iceServers: [server] }), "SyntaxError");
  }
  throwsName(() => readConfiguration({ iceServers: [{ urls: [] }] }), "SyntaxError");
});

test("Server URLs name host, port and transport (RFC 7064 §3.2, RFC 7065 §3.2)", () => {
  const parsed = (url: string): string => {
    const { scheme, host, port, transport } = parseIceServerUrl(url);
    return `${scheme} ${host} ${port} ${transport}`;
  };
  assert.equal(parsed("stun:stun.example.net"), "stun stun.example.net 3478 udp");
  assert.equal(parsed("stuns:stun.example.net:443"), "stuns stun.example.net 443 udp");
  assert.equal(parsed("turn:192.0.2.1?transport=tcp"), "turn 192.0.2.1 3478 tcp");
  assert.equal(parsed("turns:turn.example.net"), "turns turn.example.net 5349 tcp");
  assert.equal(parsed("turns:turn.example.net?transport=udp"), "turns turn.example.net 5349 udp");
  assert.equal(parsed("stun:[2001:db8::1]:1"), "stun [2001:db8::1] 1 udp");
});

test("A TURN server without proper credentials is an InvalidAccessError (webrtc-pc §4.4.1.6)", () => {
  for (
    const server of [
      { urls: "turn:example.net" },
      { urls: "turns:example.net", username: "u" },
      { urls: "turn:example.net", credential: "c" },
      { urls: "turn:example.net", username: "u".repeat(509), credential: "c" },
    ]
  ) throwsName(() => readConfiguration({ iceServers: [server] }), "InvalidAccessError");
  readConfiguration({ iceServers: [{ urls: ["turn:a.example"], username: "u", credential: "c" }] });
});

test("Certificates, bundle policy and pool size cannot be changed later (webrtc-pc §4.4.1.6)", () => {
  const certificate = generateCertificate(HOST, ECDSA, NOW);
  const other = generateCertificate(HOST, ECDSA, NOW);
  const before = readConfiguration({ certificates: [certificate] });
  const change = (value: RTCConfiguration, mayChangePool = true): void =>
    checkModification(before, readConfiguration(value), mayChangePool);
  change({ certificates: [certificate], iceServers: [{ urls: "stun:a.example" }] });
  change({ certificates: [certificate], iceTransportPolicy: "relay" });
  change({ certificates: [certificate], iceCandidatePoolSize: 4 });
  for (
    const body of [
      () => change({}),
      () => change({ certificates: [other] }),
      () => change({ certificates: [certificate], bundlePolicy: "max-bundle" }),
      () => change({ certificates: [certificate], iceCandidatePoolSize: 4 }, false),
    ]
  ) throwsName(body, "InvalidModificationError");
});

test("An expired certificate is an InvalidAccessError (webrtc-pc §4.4.1.1)", () => {
  const certificate = generateCertificate(HOST, { ...ECDSA, expires: 1000 }, NOW);
  const configuration = readConfiguration({ certificates: [certificate] });
  checkCertificates(configuration, NOW + 1000);
  throwsName(() => checkCertificates(configuration, NOW + 1001), "InvalidAccessError");
});
