import assert from "node:assert/strict";
import { findAnswerProblems, findProblems, parseSdp } from "../../src/sdp/mod.ts";
import { test } from "../harness.ts";
import { FIXTURES, HEAD, parsed, sdp } from "./fixtures.ts";

const DATA = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel";
const TRANSPORT = [
  "a=ice-ufrag:abcd",
  "a=ice-pwd:1234567890123456789012",
  `a=fingerprint:sha-256 ${Array(32).fill("AB").join(":")}`,
];

function codes(...lines: readonly string[]): string[] {
  return findProblems(parseSdp(sdp(...HEAD, ...lines))).map(({ code }) => code);
}

function answerCodes(offer: readonly string[], answer: readonly string[]): string[] {
  const read = (lines: readonly string[]) => parseSdp(sdp(...HEAD, ...lines));
  return findAnswerProblems(read(offer), read(answer)).map(({ code }) => code);
}

for (const name of FIXTURES) {
  test(`findProblems finds none in ${name}`, () => {
    assert.deepEqual(findProblems(parsed(name)), []);
  });
}

for (const name of FIXTURES.filter((name) => name.endsWith("_answer"))) {
  test(`findAnswerProblems finds none in ${name}`, () => {
    assert.deepEqual(findAnswerProblems(parsed(name.replace("answer", "offer")), parsed(name)), []);
  });
}

test("Two sections may not have one identification tag (RFC 5888 §4)", () => {
  const lines = [DATA, "a=mid:0", ...TRANSPORT, DATA, "a=mid:0", ...TRANSPORT];
  assert.deepEqual(codes(...lines), ["duplicate-mid"]);
});

test("A bundle may name only sections that are there, each once (RFC 9143 §7.1)", () => {
  const media = [DATA, "a=mid:0", ...TRANSPORT];
  assert.deepEqual(codes("a=group:BUNDLE 0 1", ...media), ["unknown-mid"]);
  assert.deepEqual(codes("a=group:BUNDLE 0 0", ...media), ["repeated-mid"]);
  assert.deepEqual(codes("a=group:BUNDLE 0", "a=group:BUNDLE 0", ...media), ["repeated-mid"]);
  assert.deepEqual(codes("a=group:LS 0 1", ...media), []);
});

test("A section with a transport of its own needs ICE and a fingerprint (RFC 9429 §5.8.3)", () => {
  assert.deepEqual(codes(DATA), ["missing-ice", "missing-fingerprint"]);
  assert.deepEqual(codes(DATA, ...TRANSPORT.slice(0, 2)), ["missing-fingerprint"]);
  assert.deepEqual(codes(DATA, ...TRANSPORT.slice(1)), ["missing-ice"]);
  assert.deepEqual(codes(...TRANSPORT, DATA), []);
  assert.deepEqual(codes("m=audio 9 UDP/TLS/RTP/SAVPF 0"), ["missing-ice", "missing-fingerprint"]);
});

test("Rejected sections and those after the first of a bundle need no transport (RFC 9143 §7)", () => {
  assert.deepEqual(codes(DATA.replace(" 9 ", " 0 ")), []);
  const bundled = [DATA, "a=mid:0", ...TRANSPORT, DATA, "a=mid:1"];
  assert.deepEqual(codes("a=group:BUNDLE 0 1", ...bundled), []);
  assert.deepEqual(codes("a=group:BUNDLE 0", ...bundled), ["missing-ice", "missing-fingerprint"]);
});

test("An answer has the sections of its offer (RFC 3264 §6)", () => {
  assert.deepEqual(answerCodes([DATA], []), ["section-count"]);
  assert.deepEqual(answerCodes([DATA], [DATA, DATA]), ["section-count"]);
  assert.deepEqual(answerCodes([DATA], ["m=audio 9 UDP/TLS/RTP/SAVPF 0"]), ["section-mismatch"]);
  assert.deepEqual(answerCodes([DATA, "a=mid:0"], [DATA, "a=mid:1"]), ["section-mismatch"]);
  assert.deepEqual(answerCodes([DATA, "a=mid:0"], [DATA]), []);
  assert.deepEqual(answerCodes([DATA.replace(" 9 ", " 0 ")], [DATA]), ["section-revived"]);
  assert.deepEqual(answerCodes([DATA], [DATA.replace(" 9 ", " 0 ")]), []);
});

test("An answer bundles no more than was offered (RFC 9143 §7.3)", () => {
  const media = [DATA, "a=mid:0", DATA, "a=mid:1"];
  const apart = ["a=group:BUNDLE 0", "a=group:BUNDLE 1", ...media];
  const together = ["a=group:BUNDLE 0 1", ...media];
  assert.deepEqual(answerCodes(apart, together), ["bundle-mismatch"]);
  assert.deepEqual(answerCodes(media, together), ["bundle-mismatch"]);
  assert.deepEqual(answerCodes(together, ["a=group:BUNDLE 1", ...media]), []);
  assert.deepEqual(answerCodes(media, ["a=group:BUNDLE", ...media]), []);
});

test("A hostile number of groups and sections is checked in linear work", () => {
  const mids = Array.from({ length: 2000 }, (_, index) => index.toString(36)).join(" ");
  const groups = Array(100).fill(`a=group:BUNDLE ${mids}`);
  const sections = Array.from({ length: 500 }, () => `${DATA}\r\na=mid:zz`);
  const found = codes(...groups, ...sections);
  assert.equal(found.filter((code) => code === "duplicate-mid").length, 499);
});
