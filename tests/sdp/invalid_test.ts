import assert from "node:assert/strict";
import {
  MAX_SDP_LENGTH,
  MAX_SDP_LINE_LENGTH,
  MAX_SDP_LINES,
  MAX_SDP_MEDIA_SECTIONS,
  parseSdp,
  SdpError,
  type SdpErrorCode,
  tryParseSdp,
  writeSdp,
} from "../../src/sdp/mod.ts";
import { test } from "../harness.ts";
import { HEAD, sdp } from "./fixtures.ts";

type Case = readonly [why: string, code: SdpErrorCode, line: number, text: string];

function refuses(cases: readonly Case[], where: string): void {
  for (const [why, code, line, text] of cases) {
    test(`parseSdp refuses ${why} and names line ${line} (${where})`, () => {
      assert.throws(() => parseSdp(text), (error) => {
        assert.ok(error instanceof SdpError);
        assert.equal(error.name, "SdpError");
        assert.deepEqual([error.code, error.line], [code, line], error.message);
        assert.ok(error.expected.length > 0);
        return true;
      });
      const result = tryParseSdp(text);
      assert.ok(!result.ok && result.error.code === code);
    });
  }
}

const ORIGIN = "o=- 1 2 IN IP4 127.0.0.1";
const AUDIO = "m=audio 9 UDP/TLS/RTP/SAVPF 0";

refuses([
  ["an empty text", "missing-line", 1, ""],
  ["a text of blanks", "missing-line", 1, "\r\n \r\n"],
  ["v= alone", "missing-line", 2, sdp("v=0")],
  ["a description that begins with o=", "missing-line", 1, sdp(ORIGIN, "v=0")],
  ["a description without o=", "missing-line", 2, sdp("v=0", "s=-", "t=0 0")],
  ["m= before o=", "missing-line", 2, sdp("v=0", AUDIO)],
  ["m= first", "missing-line", 1, sdp(AUDIO)],
  ["t= before s=", "misplaced-line", 4, sdp("v=0", ORIGIN, "t=0 0", "s=-")],
  ["c= after t=", "misplaced-line", 5, sdp(...HEAD, "c=IN IP4 0.0.0.0")],
  ["b= after a=", "misplaced-line", 6, sdp(...HEAD, "a=ice-lite", "b=AS:1")],
  ["a second v=", "misplaced-line", 5, sdp(...HEAD, "v=0")],
  ["a second s=", "misplaced-line", 4, sdp("v=0", ORIGIN, "s=-", "s=-")],
  [
    "two c= in the session part",
    "misplaced-line",
    5,
    sdp("v=0", ORIGIN, "s=-", "c=IN IP4 0.0.0.0", "c=IN IP4 0.0.0.0"),
  ],
  ["t= in a media section", "misplaced-line", 6, sdp(...HEAD, AUDIO, "t=0 0")],
  ["o= in a media section", "misplaced-line", 6, sdp(...HEAD, AUDIO, ORIGIN)],
  ["two i= in a media section", "misplaced-line", 7, sdp(...HEAD, AUDIO, "i=a", "i=b")],
  ["an unknown type letter", "unknown-type", 5, sdp(...HEAD, "x=1")],
  ["an unknown type letter in a section", "unknown-type", 6, sdp(...HEAD, AUDIO, "q=1")],
  ["an upper-case type letter", "unknown-type", 5, sdp(...HEAD, "A=mid:0")],
  ["a line without =", "bad-line", 5, sdp(...HEAD, "ice-lite")],
  ["a blank before the type", "bad-line", 5, sdp(...HEAD, " a=ice-lite")],
  ["a blank before =", "bad-line", 5, sdp(...HEAD, "a =ice-lite")],
  ["a blank line inside", "bad-line", 5, sdp(...HEAD, "", "a=ice-lite")],
  ["a line that is = alone", "bad-line", 5, sdp(...HEAD, "==")],
  ["a NUL", "bad-character", 5, sdp(...HEAD, "a=x:\0")],
  ["a CR inside a line", "bad-character", 5, sdp(...HEAD, "a=x:\ry")],
  ["CR alone as the line break", "bad-character", 1, sdp(...HEAD).replaceAll("\r\n", "\r")],
], "RFC 8866 §5");

refuses([
  ["version 1", "bad-field", 1, sdp("v=1", ...HEAD.slice(1))],
  ["o= of five values", "bad-field", 2, sdp("v=0", "o=- 1 2 IN IP4")],
  ["o= of seven values", "bad-field", 2, sdp("v=0", `${ORIGIN} x`)],
  ["a session ID in words", "bad-field", 2, sdp("v=0", "o=- abc 2 IN IP4 127.0.0.1")],
  ["a signed session version", "bad-field", 2, sdp("v=0", "o=- 1 -2 IN IP4 127.0.0.1")],
  ["a session ID of 21 digits", "bad-field", 2, sdp("v=0", `o=- ${"1".repeat(21)} 2 IN IP4 x`)],
  ["t= of one value", "bad-field", 4, sdp("v=0", ORIGIN, "s=-", "t=0")],
  ["t= in words", "bad-field", 4, sdp("v=0", ORIGIN, "s=-", "t=now later")],
  ["c= without an address", "bad-field", 4, sdp("v=0", ORIGIN, "s=-", "c=IN IP4")],
  [
    "c= with three suffixes",
    "bad-field",
    4,
    sdp("v=0", ORIGIN, "s=-", "c=IN IP4 233.252.0.1/1/2/3"),
  ],
  ["b= without a colon", "bad-field", 4, sdp("v=0", ORIGIN, "s=-", "b=AS")],
  ["b= with a negative number", "bad-field", 4, sdp("v=0", ORIGIN, "s=-", "b=AS:-1")],
  ["m= without formats", "bad-field", 5, sdp(...HEAD, "m=audio 9 RTP/AVP")],
  ["m= with port 65536", "bad-field", 5, sdp(...HEAD, "m=audio 65536 RTP/AVP 0")],
  ["m= with a port in words", "bad-field", 5, sdp(...HEAD, "m=audio nine RTP/AVP 0")],
  ["m= with 0 ports", "bad-field", 5, sdp(...HEAD, "m=audio 9/0 RTP/AVP 0")],
  ["m= with an empty protocol part", "bad-field", 5, sdp(...HEAD, "m=audio 9 RTP//AVP 0")],
  ["m= alone", "bad-field", 5, sdp(...HEAD, "m=")],
], "RFC 8866 §5");

/** Bodies of attributes that break their grammar. */
const BAD_ATTRIBUTES: readonly (readonly [where: string, body: string])[] = [
  ["RFC 8866 §5.13", ""],
  ["RFC 8866 §5.13", ":value"],
  ["RFC 8866 §5.13", "two words:1"],
  ["RFC 8866 §6.7", "sendrecv:1"],
  ["RFC 5761 §5.1.1", "rtcp-mux:"],
  ["RFC 8839 §5.1", "candidate"],
  ["RFC 8839 §5.1", "candidate:1 1 udp 1 192.0.2.1 1"],
  ["RFC 8839 §5.2", "remote-candidates:"],
  ["RFC 8839 §5.2", "remote-candidates:1 192.0.2.1"],
  ["RFC 8839 §5.4", "ice-ufrag:abc"],
  ["RFC 8839 §5.4", `ice-ufrag:${"a".repeat(257)}`],
  ["RFC 8839 §5.4", "ice-ufrag:ab:cd"],
  ["RFC 8839 §5.4", "ice-pwd:123456789012345678901"],
  ["RFC 8839 §5.4", "ice-pwd:1234567890 123456789012345"],
  ["RFC 8839 §5.6", "ice-options:"],
  ["RFC 8839 §5.7", "ice-pacing:fast"],
  ["RFC 8842 §5", "setup:ACTIVE"],
  ["RFC 8842 §5", "setup:"],
  ["RFC 8842 §4", "tls-id:short"],
  ["RFC 8122 §5", "fingerprint:sha-256"],
  ["RFC 8122 §5", "fingerprint:sha-256 AB:CD"],
  ["RFC 8122 §5", `fingerprint:sha-1 ${Array(32).fill("AB").join(":")}`],
  ["RFC 8122 §5", `fingerprint:sha-256 ${Array(32).fill("G0").join(":")}`],
  ["RFC 8122 §5", `fingerprint:sha-256 ${"AB".repeat(32)}`],
  ["RFC 8122 §5", `fingerprint:sha-256 ${Array(32).fill("AB").join(":")} x`],
  ["RFC 8841 §5", "sctp-port:65536"],
  ["RFC 8841 §5", "sctp-port:5000 1"],
  ["RFC 8841 §6", "max-message-size:-1"],
  ["RFC 8841 §6", "max-message-size:64k"],
  ["drafts of RFC 8841", "sctpmap:5000"],
  ["RFC 5888 §4", "mid:"],
  ["RFC 5888 §4", "mid:a b"],
  ["RFC 5888 §5", "group:"],
  ["RFC 5888 §5", "group:BUNDLE a,b"],
  ["RFC 8830 §2", "msid:a b c"],
  ["RFC 8866 §6.6", "rtpmap:128 VP8/90000"],
  ["RFC 8866 §6.6", "rtpmap:96 VP8"],
  ["RFC 8866 §6.6", "rtpmap:96 VP8/90000/1/1"],
  ["RFC 8866 §6.6", "rtpmap:96 VP8/0"],
  ["RFC 8866 §6.15", "fmtp:96"],
  ["RFC 8866 §6.15", "fmtp:96 =1"],
  ["RFC 4585 §4.2", "rtcp-fb:96"],
  ["RFC 4585 §4.2", "rtcp-fb:x nack"],
  ["RFC 3605 §2.1", "rtcp:9 IN"],
  ["RFC 8866 §6.4", "ptime:0"],
  ["RFC 8866 §6.4", "ptime:20ms"],
  ["RFC 8866 §6.13", "framerate:30."],
  ["RFC 6236 §3.1", "imageattr:97"],
  ["RFC 6236 §3.1", "imageattr:97 send"],
  ["RFC 6236 §3.1", "imageattr:97 send [x=[1,2]"],
  ["RFC 6236 §3.1", "imageattr:97 send [x=]1[]"],
  ["RFC 6236 §3.1", "imageattr:97 send * send *"],
  ["RFC 8285 §8", "extmap:0 urn:a"],
  ["RFC 8285 §8", "extmap:256 urn:a"],
  ["RFC 8285 §8", "extmap:1/both urn:a"],
  ["RFC 8285 §8", "extmap:1"],
  ["RFC 5576 §4.1", "ssrc:4294967296 cname:a"],
  ["RFC 5576 §4.1", "ssrc:1"],
  ["RFC 5576 §4.2", "ssrc-group:FID 1 x"],
  ["RFC 8851 §10", "rid:1"],
  ["RFC 8851 §10", "rid:a.b send"],
  ["RFC 8851 §10", "rid:1 both"],
  ["RFC 8851 §10", "rid:1 send pt="],
  ["RFC 8853 §5.1", "simulcast:"],
  ["RFC 8853 §5.1", "simulcast:send"],
  ["RFC 8853 §5.1", "simulcast:send 1;;2"],
  ["RFC 8853 §5.1", "simulcast:send 1 send 2"],
  ["RFC 8853 §5.1", "simulcast:send ~~1"],
];

for (const [where, body] of BAD_ATTRIBUTES) {
  const shown = body.length > 60 ? `${body.slice(0, 60)}…` : body;
  test(`parseSdp refuses a=${shown} and names its line (${where})`, () => {
    const result = tryParseSdp(sdp(...HEAD, AUDIO, "a=rtcp-rsize", `a=${body}`, "a=mid:0"));
    assert.ok(!result.ok);
    assert.deepEqual([result.error.code, result.error.line], ["bad-attribute", 7]);
  });
}

test("parseSdp refuses what is longer than its limits allow", () => {
  const head = sdp(...HEAD);
  const cases: readonly (readonly [number, string])[] = [
    [1, head + "a=x\r\n".repeat(MAX_SDP_LENGTH / 5)],
    [MAX_SDP_LINES + 1, head + "a=x\n".repeat(MAX_SDP_LINES - 3)],
    [5, head + `a=x:${"y".repeat(MAX_SDP_LINE_LENGTH)}`],
    [5 + MAX_SDP_MEDIA_SECTIONS, head + `${AUDIO}\n`.repeat(MAX_SDP_MEDIA_SECTIONS + 1)],
  ];
  for (const [line, text] of cases) {
    const result = tryParseSdp(text);
    assert.ok(!result.ok);
    assert.deepEqual([result.error.code, result.error.line], ["limit", line]);
  }
});

test("parseSdp takes what is as long as its limits allow", () => {
  const head = sdp(...HEAD);
  assert.ok(tryParseSdp(head + "a=x\n".repeat(MAX_SDP_LINES - 4)).ok);
  assert.ok(tryParseSdp(head + `a=x:${"y".repeat(MAX_SDP_LINE_LENGTH - 4)}`).ok);
  assert.ok(tryParseSdp(head + `${AUDIO}\n`.repeat(MAX_SDP_MEDIA_SECTIONS)).ok);
});

test("An SdpError says where, what was expected, and quotes no more than the beginning", () => {
  const result = tryParseSdp(sdp(...HEAD, `a=setup:${"x".repeat(500)}`));
  assert.ok(!result.ok);
  assert.match(result.error.message, /^SDP line 5: expected a setup role.*found "a=setup:x+…"$/);
  assert.ok(result.error.message.length < 250);
});

test("writeSdp refuses values that would add lines or could not be read back", () => {
  const session = parseSdp(sdp(...HEAD));
  const attributes = [
    { name: "mid", mid: "0\r\na=setup:active" },
    { name: "mid", mid: "a b" },
    { name: "ice-ufrag", usernameFragment: "" },
    { name: "other", key: "x", value: "1\n2" },
    { name: "other", key: "x\0" },
    { name: "sctp-port", port: 70000 },
    { name: "fingerprint", algorithm: "sha-256", value: "AB" },
  ] as const;
  for (const attribute of attributes) {
    assert.throws(
      () => writeSdp({ ...session, attributes: [attribute] }),
      (error) => error instanceof SdpError && error.code === "unwritable" && error.line === 0,
      JSON.stringify(attribute),
    );
  }
  const fields = [...session.fields, { type: "i", text: "a\r\na=x" } as const];
  assert.throws(() => writeSdp({ ...session, fields }), SdpError);
});
