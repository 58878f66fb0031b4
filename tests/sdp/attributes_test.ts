import assert from "node:assert/strict";
import { type SdpAttribute, writeLine } from "../../src/sdp/mod.ts";
import { test } from "../harness.ts";
import { parseOne } from "./fixtures.ts";

const HASH = Array.from({ length: 32 }, () => "AB").join(":");

/** Texts in the usual form with the values that they mean. */
const CASES: readonly (readonly [section: string, text: string, attribute: SdpAttribute])[] = [
  ["RFC 8839 §5.2", "remote-candidates:1 192.0.2.3 45664 2 2001:db8::1 45665", {
    name: "remote-candidates",
    candidates: [
      { component: 1, address: "192.0.2.3", port: 45664 },
      { component: 2, address: "2001:db8::1", port: 45665 },
    ],
  }],
  ["RFC 8839 §5.3", "ice-lite", { name: "ice-lite" }],
  ["RFC 8839 §5.4", "ice-ufrag:8hhY", { name: "ice-ufrag", usernameFragment: "8hhY" }],
  ["RFC 8839 §5.4", "ice-pwd:asd88fgpdd777uzjYhagZg", {
    name: "ice-pwd",
    password: "asd88fgpdd777uzjYhagZg",
  }],
  ["RFC 8839 §5.6", "ice-options:trickle ice2", {
    name: "ice-options",
    options: ["trickle", "ice2"],
  }],
  ["RFC 8839 §5.7", "ice-pacing:50", { name: "ice-pacing", pacingMs: 50 }],
  ["RFC 8840 §8.2", "end-of-candidates", { name: "end-of-candidates" }],
  ["RFC 8842 §5", "setup:actpass", { name: "setup", role: "actpass" }],
  ["RFC 8842 §4", "tls-id:abc3de65cddef001be82", {
    name: "tls-id",
    tlsId: "abc3de65cddef001be82",
  }],
  ["RFC 8122 §5", `fingerprint:sha-256 ${HASH}`, {
    name: "fingerprint",
    algorithm: "sha-256",
    value: HASH,
  }],
  ["RFC 8122 §5", "fingerprint:x-new 0A:0B", {
    name: "fingerprint",
    algorithm: "x-new",
    value: "0A:0B",
  }],
  ["RFC 8841 §5", "sctp-port:5000", { name: "sctp-port", port: 5000 }],
  ["RFC 8841 §6", "max-message-size:100000", { name: "max-message-size", sizeBytes: 100000 }],
  ["RFC 8841 §6", "max-message-size:0", { name: "max-message-size", sizeBytes: 0 }],
  ["drafts of RFC 8841", "sctpmap:5000 webrtc-datachannel 1024", {
    name: "sctpmap",
    port: 5000,
    application: "webrtc-datachannel",
    streams: 1024,
  }],
  ["RFC 5888 §5", "group:BUNDLE a b", { name: "group", semantics: "BUNDLE", mids: ["a", "b"] }],
  ["RFC 5888 §5", "group:BUNDLE", { name: "group", semantics: "BUNDLE", mids: [] }],
  ["RFC 5888 §4", "mid:audio-1", { name: "mid", mid: "audio-1" }],
  ["RFC 9143 §6", "bundle-only", { name: "bundle-only" }],
  ["RFC 8830 §2", "msid:47017fee-b6c1 f30bdb4a", {
    name: "msid",
    stream: "47017fee-b6c1",
    track: "f30bdb4a",
  }],
  ["RFC 8830 §2", "msid:-", { name: "msid", stream: "-" }],
  ["drafts of RFC 8830", "msid-semantic:WMS *", {
    name: "msid-semantic",
    semantic: "WMS",
    streams: ["*"],
  }],
  ["RFC 8866 §6.6", "rtpmap:96 VP8/90000", {
    name: "rtpmap",
    payloadType: 96,
    encoding: "VP8",
    clockRate: 90000,
  }],
  ["RFC 8866 §6.6", "rtpmap:111 opus/48000/2", {
    name: "rtpmap",
    payloadType: 111,
    encoding: "opus",
    clockRate: 48000,
    channels: 2,
  }],
  ["RFC 8866 §6.15", "fmtp:111 minptime=10;useinbandfec=1", {
    name: "fmtp",
    format: "111",
    parameters: [{ name: "minptime", value: "10" }, { name: "useinbandfec", value: "1" }],
  }],
  ["RFC 4733 §2.4.1", "fmtp:101 0-15", {
    name: "fmtp",
    format: "101",
    parameters: [{ name: "0-15" }],
  }],
  ["RFC 6184 §8.1", "fmtp:98 sprop-parameter-sets=Z0IACpZTBYmI,aMljiA==", {
    name: "fmtp",
    format: "98",
    parameters: [{ name: "sprop-parameter-sets", value: "Z0IACpZTBYmI,aMljiA==" }],
  }],
  ["RFC 4585 §4.2", "rtcp-fb:* nack", { name: "rtcp-fb", payloadType: "*", feedback: "nack" }],
  ["RFC 4585 §4.2", "rtcp-fb:96 trr-int 100", {
    name: "rtcp-fb",
    payloadType: 96,
    feedback: "trr-int",
    parameter: "100",
  }],
  ["RFC 5506 §5", "rtcp-rsize", { name: "rtcp-rsize" }],
  ["RFC 5761 §5.1.1", "rtcp-mux", { name: "rtcp-mux" }],
  ["RFC 8858 §3", "rtcp-mux-only", { name: "rtcp-mux-only" }],
  ["RFC 3605 §2.1", "rtcp:53020", { name: "rtcp", port: 53020 }],
  ["RFC 3605 §2.1", "rtcp:53020 IN IP6 2001:db8::1", {
    name: "rtcp",
    port: 53020,
    netType: "IN",
    addressType: "IP6",
    address: "2001:db8::1",
  }],
  ["RFC 8866 §6.4", "ptime:20", { name: "ptime", value: 20 }],
  ["RFC 8866 §6.5", "maxptime:120", { name: "maxptime", value: 120 }],
  ["RFC 8866 §6.13", "framerate:29.97", { name: "framerate", value: 29.97 }],
  ["RFC 6236 §3.1", "imageattr:97 send [x=[480:16:800],y=320,q=0.6] [x=176] recv *", {
    name: "imageattr",
    payloadType: 97,
    directions: [
      {
        direction: "send",
        sets: [
          [
            { name: "x", value: "[480:16:800]" },
            { name: "y", value: "320" },
            { name: "q", value: "0.6" },
          ],
          [{ name: "x", value: "176" }],
        ],
      },
      { direction: "recv", sets: "*" },
    ],
  }],
  ["RFC 6236 §3.1.1", "imageattr:* recv [x=[320,640],y=[240,480]]", {
    name: "imageattr",
    payloadType: "*",
    directions: [{
      direction: "recv",
      sets: [[{ name: "x", value: "[320,640]" }, { name: "y", value: "[240,480]" }]],
    }],
  }],
  ["RFC 8285 §8", "extmap:4/recvonly urn:example:082005/ext.htm#xmeta short", {
    name: "extmap",
    id: 4,
    direction: "recvonly",
    uri: "urn:example:082005/ext.htm#xmeta",
    attributes: "short",
  }],
  ["RFC 8285 §8", "extmap:4096 urn:ietf:params:rtp-hdrext:toffset", {
    name: "extmap",
    id: 4096,
    uri: "urn:ietf:params:rtp-hdrext:toffset",
  }],
  ["RFC 8285 §6", "extmap-allow-mixed", { name: "extmap-allow-mixed" }],
  ["RFC 5576 §4.1", "ssrc:4294967295 cname:user@example.com", {
    name: "ssrc",
    ssrc: 4294967295,
    attribute: "cname",
    value: "user@example.com",
  }],
  ["RFC 5576 §4.1", "ssrc:1 msid:a b", { name: "ssrc", ssrc: 1, attribute: "msid", value: "a b" }],
  ["RFC 5576 §4.2", "ssrc-group:FID 1 2", {
    name: "ssrc-group",
    semantics: "FID",
    ssrcs: [1, 2],
  }],
  ["RFC 8851 §10", "rid:hi send", {
    name: "rid",
    id: "hi",
    direction: "send",
    restrictions: [],
  }],
  ["RFC 8851 §10", "rid:1 recv pt=96,97;max-width=1280;depend=0", {
    name: "rid",
    id: "1",
    direction: "recv",
    formats: ["96", "97"],
    restrictions: [{ name: "max-width", value: "1280" }, { name: "depend", value: "0" }],
  }],
  ["RFC 8853 §5.1", "simulcast:send 1,~4;2;~3 recv c", {
    name: "simulcast",
    directions: [
      {
        direction: "send",
        streams: [
          [{ rid: "1", paused: false }, { rid: "4", paused: true }],
          [{ rid: "2", paused: false }],
          [{ rid: "3", paused: true }],
        ],
      },
      { direction: "recv", streams: [[{ rid: "c", paused: false }]] },
    ],
  }],
  ["RFC 8866 §6.7", "sendonly", { name: "sendonly" }],
];

for (const [where, text, attribute] of CASES) {
  test(`a=${text} is read into values and written from them (${where})`, () => {
    assert.deepEqual(parseOne(text), attribute);
    assert.equal(writeLine(attribute), `a=${text}`);
  });
}

/** Texts that peers send in a form of their own, with the usual form of the same meaning. */
const VARIANTS: readonly (readonly [why: string, text: string, usual: string])[] = [
  ["Chromium puts a blank after the colon", "msid-semantic: WMS", "msid-semantic:WMS"],
  [
    "libdatachannel joins options by commas",
    "ice-options:ice2,trickle",
    "ice-options:ice2 trickle",
  ],
  [
    "hexadecimal in lower case",
    "fingerprint:SHA-1 " + Array(20).fill("0a").join(":"),
    "fingerprint:sha-1 " + Array(20).fill("0A").join(":"),
  ],
  ["blanks after semicolons", "fmtp:96 a=1; b=2;", "fmtp:96 a=1;b=2"],
  ["a blank at the end of a flag", "sendrecv ", "sendrecv"],
  ["a blank at the end of a value", "mid:0 ", "mid:0"],
  ["two blanks between values", "group:BUNDLE  0  1", "group:BUNDLE 0 1"],
  ["leading zeros", "sctp-port:05000", "sctp-port:5000"],
];

for (const [why, text, usual] of VARIANTS) {
  test(`An attribute in a peer's own form keeps its text and has the usual values: ${why}`, () => {
    const attribute = parseOne(text);
    assert.deepEqual(attribute, parseOne(usual));
    assert.equal(writeLine(attribute), `a=${text}`);
    assert.equal(writeLine({ ...attribute }), `a=${usual}`);
  });
}
