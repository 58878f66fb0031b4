import assert from "node:assert/strict";
import {
  type Candidate,
  candidateExtension,
  formatCandidate,
  parseCandidate,
  SdpError,
} from "../../src/sdp/mod.ts";
import { test } from "../harness.ts";

const HOST = "candidate:1467250027 1 udp 2122260223 192.0.2.1 46154 typ host";

test("parseCandidate reads the example shape of RFC 8839 §5.1", () => {
  const text =
    "candidate:2 1 UDP 1694498815 192.0.2.3 45664 typ srflx raddr 203.0.113.141 rport 8998";
  assert.deepEqual(parseCandidate(text), {
    foundation: "2",
    component: 1,
    transport: "udp",
    priority: 1694498815,
    address: "192.0.2.3",
    port: 45664,
    type: "srflx",
    relatedAddress: "203.0.113.141",
    relatedPort: 8998,
    extensions: [],
  });
  assert.equal(formatCandidate(parseCandidate(text)), text);
});

test("parseCandidate takes the value with and without candidate:, a= and a line break", () => {
  const value = HOST.slice("candidate:".length);
  const expected = parseCandidate(HOST);
  assert.deepEqual(parseCandidate(value), expected);
  assert.deepEqual(parseCandidate(`a=${HOST}`), expected);
  assert.equal(formatCandidate(parseCandidate(`a=${HOST} \r\n`)), HOST);
  assert.equal(formatCandidate(parseCandidate(value)), HOST);
});

test("parseCandidate keeps extensions in order, tcptype apart (RFC 6544 §4.5)", () => {
  const text = "candidate:7 1 tcp 1518149375 2001:db8::5 9 typ host tcptype active " +
    "generation 0 ufrag EsAw network-id 2 network-cost 50";
  const candidate = parseCandidate(text);
  assert.equal(candidate.tcpType, "active");
  assert.deepEqual(candidate.extensions.map(({ name }) => name), [
    "generation",
    "ufrag",
    "network-id",
    "network-cost",
  ]);
  assert.equal(candidateExtension(candidate, "ufrag"), "EsAw");
  assert.equal(candidateExtension(candidate, "tcptype"), undefined);
  assert.equal(formatCandidate(candidate), text);
});

test("parseCandidate keeps tcptype in its place when others stand before it", () => {
  const text = "candidate:7 1 tcp 1 192.0.2.1 9 typ host generation 0 tcptype passive";
  assert.equal(formatCandidate(parseCandidate(text)), text);
  const copy = { ...parseCandidate(text) };
  assert.equal(
    formatCandidate(copy),
    "candidate:7 1 tcp 1 192.0.2.1 9 typ host tcptype passive generation 0",
  );
});

test("parseCandidate takes mDNS names, IPv6 and zones", () => {
  const addresses = [
    "c01b8355-5495-4bf6-9893-a3677ac4aca0.local",
    "2001:db8::1",
    "::ffff:192.0.2.1",
    "fe80::1%eth0",
    "turn.example.com",
  ];
  for (const address of addresses) {
    const text = `candidate:0 1 UDP 2122187007 ${address} 47919 typ host`;
    assert.equal(parseCandidate(text).address, address);
    assert.equal(formatCandidate(parseCandidate(text)), text);
  }
});

test("parseCandidate keeps transports and types that an agent has to ignore (RFC 8839 §5.1)", () => {
  const candidate = parseCandidate("candidate:1 1 quic 1 192.0.2.1 1 typ x-new");
  assert.equal(candidate.transport, "quic");
  assert.equal(candidate.type, "x-new");
});

test("formatCandidate writes related address and port before tcptype", () => {
  const candidate: Candidate = {
    foundation: "4",
    component: 2,
    transport: "tcp",
    priority: 5,
    address: "198.51.100.9",
    port: 443,
    type: "relay",
    relatedAddress: "0.0.0.0",
    relatedPort: 0,
    tcpType: "so",
    extensions: [{ name: "generation", value: "1" }],
  };
  assert.equal(
    formatCandidate(candidate),
    "candidate:4 2 tcp 5 198.51.100.9 443 typ relay raddr 0.0.0.0 rport 0 tcptype so generation 1",
  );
  assert.deepEqual(parseCandidate(formatCandidate(candidate)), candidate);
});

const MALFORMED: readonly (readonly [why: string, text: string])[] = [
  ["empty", ""],
  ["prefix alone", "candidate:"],
  ["no foundation", "candidate: 1 udp 1 192.0.2.1 1 typ host"],
  ["long foundation", `candidate:${"f".repeat(33)} 1 udp 1 192.0.2.1 1 typ host`],
  ["foundation with a colon", "candidate:a:b 1 udp 1 192.0.2.1 1 typ host"],
  ["component 0", "candidate:1 0 udp 1 192.0.2.1 1 typ host"],
  ["component 257", "candidate:1 257 udp 1 192.0.2.1 1 typ host"],
  ["signed priority", "candidate:1 1 udp -1 192.0.2.1 1 typ host"],
  ["priority over 32 bits", "candidate:1 1 udp 4294967296 192.0.2.1 1 typ host"],
  ["hexadecimal priority", "candidate:1 1 udp 0x10 192.0.2.1 1 typ host"],
  ["port 65536", "candidate:1 1 udp 1 192.0.2.1 65536 typ host"],
  ["fractional port", "candidate:1 1 udp 1 192.0.2.1 1.5 typ host"],
  ["address in brackets", "candidate:1 1 udp 1 [::1] 1 typ host"],
  ["address with markup", "candidate:1 1 udp 1 <b>.local 1 typ host"],
  ["long address", `candidate:1 1 udp 1 ${"a".repeat(256)} 1 typ host`],
  ["no typ", "candidate:1 1 udp 1 192.0.2.1 1 host"],
  ["no type", "candidate:1 1 udp 1 192.0.2.1 1 typ"],
  ["extension without a value", "candidate:1 1 udp 1 192.0.2.1 1 typ host generation"],
  ["unknown tcptype", "candidate:1 1 tcp 1 192.0.2.1 9 typ host tcptype sideways"],
  ["bad related port", "candidate:1 1 udp 1 192.0.2.1 9 typ srflx raddr 192.0.2.2 rport x"],
  ["two lines", `${HOST}\r\na=ice-pwd:stolen`],
  ["NUL", `${HOST} x \0`],
];

for (const [why, text] of MALFORMED) {
  test(`parseCandidate refuses a malformed candidate: ${why} (RFC 8839 §5.1)`, () => {
    assert.throws(
      () => parseCandidate(text),
      (error) => error instanceof SdpError && error.code === "bad-attribute",
    );
  });
}
