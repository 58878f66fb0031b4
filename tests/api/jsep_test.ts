import assert from "node:assert/strict";
import { createAnswer } from "../../src/api/jsep_answer.ts";
import { fillLocalCandidates } from "../../src/api/jsep_candidates.ts";
import type { LocalSide } from "../../src/api/jsep_local.ts";
import { negotiateData } from "../../src/api/jsep_negotiate.ts";
import { createOffer } from "../../src/api/jsep_offer.ts";
import { validateRemote, type ValidationContext } from "../../src/api/jsep_validate.ts";
import { parseCandidate, parseSdp, type SessionDescription, writeSdp } from "../../src/sdp/mod.ts";
import { test } from "../harness.ts";
import { audio, data, legacyData, sdp } from "./sdp_fixtures.ts";

const LOCAL: LocalSide = {
  sessionId: "4611731400430051336",
  sessionVersion: 2,
  ice: { usernameFragment: "ownF", password: "ownPassword0123456789abc" },
  lite: false,
  fingerprints: [{ algorithm: "sha-256", value: "AA" + ":BB".repeat(31) }],
  tlsId: "0123456789abcdef0123456789abcdef",
  sctpPort: 5000,
  maxMessageSize: 262144,
  candidates: [],
  gatheringComplete: false,
};

const CONTEXT: ValidationContext = {
  type: "offer",
  bundlePolicy: "balanced",
  rtcpMuxPolicy: "require",
  offer: undefined,
  currentLocal: undefined,
  currentRemote: undefined,
  dtls: undefined,
};

function offerOf(text: string): SessionDescription {
  return parseSdp(text);
}

function answerTo(text: string, more: Partial<Parameters<typeof createAnswer>[0]> = {}): string {
  const offer = offerOf(text);
  return writeSdp(
    createAnswer({ local: LOCAL, offer, bundlePolicy: "balanced", dtlsRole: undefined, ...more }),
  );
}

function invalid(text: string, more: Partial<ValidationContext> = {}): void {
  assert.throws(
    () => validateRemote(parseSdp(text), { ...CONTEXT, ...more }),
    { name: "InvalidAccessError" },
    text,
  );
}

test("An initial offer holds one data section with all transport attributes (RFC 9429 §5.2.1)", () => {
  const offer = writeSdp(createOffer({ local: LOCAL, wantsData: true, negotiated: undefined }));
  for (
    const line of [
      "v=0",
      "o=- 4611731400430051336 2 IN IP4 0.0.0.0",
      "s=-",
      "t=0 0",
      "a=group:BUNDLE 0",
      "a=ice-options:trickle ice2",
      "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
      "c=IN IP4 0.0.0.0",
      "a=mid:0",
      "a=ice-ufrag:ownF",
      "a=ice-pwd:ownPassword0123456789abc",
      "a=setup:actpass",
      "a=sctp-port:5000",
      "a=max-message-size:262144",
    ]
  ) assert.ok(offer.split("\r\n").includes(line), `${line} is missing in\n${offer}`);
  assert.deepEqual(parseSdp(offer).media.length, 1);
});

test("An offer without data channels has no section and no BUNDLE group (RFC 9429 §5.2.1)", () => {
  const offer = createOffer({ local: LOCAL, wantsData: false, negotiated: undefined });
  assert.equal(offer.media.length, 0);
  assert.ok(!writeSdp(offer).includes("BUNDLE"));
});

test("An answer takes data, rejects media with port zero, and bundles only what it takes (RFC 9143 §7.3)", () => {
  const answer = answerTo(
    sdp("a=group:BUNDLE a d v", ...audio("a", "aaaa"), ...data("d", "dddd"), ...audio("v", "vvvv")),
  );
  const lines = answer.split("\r\n");
  assert.deepEqual(lines.filter((line) => /^(m=|a=mid|a=group|a=setup)/.test(line)), [
    "a=group:BUNDLE d",
    "m=audio 0 UDP/TLS/RTP/SAVPF 111 0",
    "a=mid:a",
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    "a=mid:d",
    "a=setup:active",
    "m=audio 0 UDP/TLS/RTP/SAVPF 111 0",
    "a=mid:v",
  ]);
});

test("An answer to media alone rejects everything and bundles nothing (RFC 9429 §5.3.1)", () => {
  const answer = answerTo(sdp("a=group:BUNDLE 0", ...audio("0", "aaaa")));
  assert.ok(answer.includes("m=audio 0 "));
  assert.ok(!answer.includes("BUNDLE"));
});

test("An answer repeats the form of an old data section (draft-ietf-mmusic-sctp-sdp-07)", () => {
  const answer = answerTo(sdp(...legacyData("data", "dddd")));
  assert.ok(answer.includes("m=application 9 DTLS/SCTP 5000\r\n"), answer);
  assert.ok(answer.includes("a=sctpmap:5000 webrtc-datachannel 1024\r\n"));
  assert.ok(!answer.includes("sctp-port"));
});

test("A second data section is rejected (RFC 8841 §9)", () => {
  const answer = answerTo(sdp(...data("0", "aaaa"), ...data("1", "bbbb")));
  assert.deepEqual(parseSdp(answer).media.map((section) => section.media.port), [9, 0]);
});

test("An offered data section with port zero is rejected, a bundle-only one is not (RFC 9143 §6)", () => {
  const [line, ...rest] = data("0", "aaaa");
  const zero = line!.replace(" 9 ", " 0 ");
  assert.ok(answerTo(sdp(zero, ...rest)).includes("m=application 0 "));
  const bundleOnly = sdp("a=group:BUNDLE 0", zero, ...rest, "a=bundle-only");
  const answer = answerTo(bundleOnly);
  assert.ok(answer.includes("m=application 9 "));
  assert.ok(!answer.includes("bundle-only"), "RFC 9429 §5.3.1 forbids it in answers");
});

test("Under max-bundle, data outside of the first section's group is rejected (RFC 9429 §5.3.1)", () => {
  const separate = sdp(...audio("0", "aaaa"), ...data("1", "bbbb"));
  assert.ok(answerTo(separate).includes("m=application 9 "));
  assert.ok(answerTo(separate, { bundlePolicy: "max-bundle" }).includes("m=application 0 "));
  const bundled = sdp("a=group:BUNDLE 0 1", ...audio("0", "aaaa"), ...data("1", "aaaa"));
  assert.ok(answerTo(bundled, { bundlePolicy: "max-bundle" }).includes("m=application 9 "));
});

test("The answer's setup role fits the offer's, and the association that exists (RFC 8842 §5.3)", () => {
  const role = (offered: string, dtlsRole?: "client" | "server"): string | undefined =>
    /a=setup:(\w+)/.exec(answerTo(sdp(...data("0", "aaaa", offered)), { dtlsRole }))?.[1];
  assert.equal(role("actpass"), "active");
  assert.equal(role("active"), "passive");
  assert.equal(role("passive"), "active");
  assert.equal(role("actpass", "server"), "passive");
  assert.equal(role("actpass", "client"), "active");
});

test("A subsequent offer keeps tags and places, and media rejected (RFC 9429 §5.2.2)", () => {
  const remote = offerOf(sdp("a=group:BUNDLE a d", ...audio("a", "aaaa"), ...data("d", "aaaa")));
  const local = createAnswer({
    local: LOCAL,
    offer: remote,
    bundlePolicy: "balanced",
    dtlsRole: undefined,
  });
  const offer = createOffer({ local: LOCAL, wantsData: false, negotiated: { local, remote } });
  assert.deepEqual(
    offer.media.map(({ media }) => `${media.media} ${media.port}`),
    ["audio 0", "application 9"],
  );
  assert.ok(writeSdp(offer).includes("a=group:BUNDLE d\r\n"));
  assert.ok(writeSdp(offer).includes("a=setup:actpass"));
});

test("A later offer keeps the role in the DTLS association that goes on (RFC 8842 §5.5)", () => {
  const local = createOffer({ local: LOCAL, wantsData: true, negotiated: undefined });
  const remote = offerOf(sdp(...data("0", "peer", "active")));
  const offered = (dtlsRole: "client" | "server") =>
    writeSdp(
      createOffer({ local: LOCAL, wantsData: true, negotiated: { local, remote }, dtlsRole }),
    );
  assert.ok(offered("server").includes("a=setup:passive\r\n"));
  assert.ok(offered("client").includes("a=setup:active\r\n"));
});

test("A first data channel after media gets a section of its own with an unused tag (RFC 9429 §5.2.2)", () => {
  const remote = offerOf(sdp(...audio("0", "aaaa")));
  const local = createAnswer({
    local: LOCAL,
    offer: remote,
    bundlePolicy: "balanced",
    dtlsRole: undefined,
  });
  const offer = createOffer({ local: LOCAL, wantsData: true, negotiated: { local, remote } });
  assert.deepEqual(offer.media.map(({ media }) => media.port), [0, 9]);
  assert.ok(writeSdp(offer).includes("a=mid:1\r\n"));
});

test("An answer's outcome names roles, ports and sizes for both sides (RFC 8842 §5.4, RFC 8841 §6)", () => {
  const offer = offerOf(sdp(...data("0", "peer")));
  const answer = createAnswer({
    local: LOCAL,
    offer,
    bundlePolicy: "balanced",
    dtlsRole: undefined,
  });
  const answerer = negotiateData(answer, offer, false)!;
  assert.equal(answerer.dtlsRole, "client");
  assert.deepEqual(answerer.sctp, { port: 5000, maxMessageSize: 262144 });
  assert.equal(answerer.remote.ice?.usernameFragment, "peer");
  assert.equal(negotiateData(offer, answer, true)!.dtlsRole, "server");
});

test("An absent max-message-size means 65536, an absent setup in an answer means passive (RFC 8841 §6, RFC 4145 §4)", () => {
  const lines = data("0", "peer").filter((line) => !/max-message|setup/.test(line));
  const outcome = negotiateData(
    createOffer({ local: LOCAL, wantsData: true, negotiated: undefined }),
    parseSdp(sdp(...lines)),
    true,
  )!;
  assert.equal(outcome.sctp.maxMessageSize, 65536);
  assert.equal(outcome.dtlsRole, "client");
});

test("A peer that does not trickle has told all its candidates (RFC 8838 §3)", () => {
  const candidate = "a=candidate:1 1 udp 2122260223 192.0.2.1 54321 typ host";
  const lines = data("0", "peer").filter((line) => !line.includes("trickle"));
  const local = createOffer({ local: LOCAL, wantsData: true, negotiated: undefined });
  const plain = negotiateData(local, parseSdp(sdp(...lines, candidate)), true)!;
  assert.equal(plain.candidates.length, 1);
  assert.equal(plain.candidatesComplete, true);
  const trickling = sdp("a=ice-options:trickle", ...lines, candidate);
  assert.equal(negotiateData(local, parseSdp(trickling), true)!.candidatesComplete, false);
});

test("Candidates under another tag count when the section shares its credentials (RFC 9143 §7.1.3)", () => {
  const candidate = "a=candidate:1 1 udp 2122260223 192.0.2.1 54321 typ host";
  const remote = parseSdp(
    sdp("a=group:BUNDLE a d", ...audio("a", "same"), candidate, ...data("d", "same")),
  );
  const local = createAnswer({
    local: LOCAL,
    offer: remote,
    bundlePolicy: "balanced",
    dtlsRole: undefined,
  });
  assert.equal(negotiateData(local, remote, false)!.candidates.length, 1);
});

test("A bundle-only section without credentials uses those of its group (RFC 9143 §7.1.3)", () => {
  const bare = [
    "m=application 0 UDP/DTLS/SCTP webrtc-datachannel",
    "c=IN IP4 0.0.0.0",
    "a=bundle-only",
    "a=mid:d",
    "a=sctp-port:5000",
  ];
  const text = sdp("a=group:BUNDLE a d", ...audio("a", "same"), ...bare);
  validateRemote(parseSdp(text), CONTEXT);
  const remote = parseSdp(text);
  const local = createAnswer({
    local: LOCAL,
    offer: remote,
    bundlePolicy: "balanced",
    dtlsRole: undefined,
  });
  assert.equal(negotiateData(local, remote, false)!.remote.ice?.usernameFragment, "same");
});

test("Gathered candidates enter the description once, and the default one its m= and c= lines (RFC 8839 §4.2.1.2)", () => {
  const host = parseCandidate("candidate:1 1 udp 2122260223 192.0.2.1 54321 typ host");
  const six = parseCandidate("candidate:2 1 udp 2122262783 2001:db8::1 54322 typ host");
  let offer = createOffer({ local: LOCAL, wantsData: true, negotiated: undefined });
  offer = fillLocalCandidates(offer, "ownF", [six], false);
  assert.ok(writeSdp(offer).includes("c=IN IP6 2001:db8::1\r\n"));
  offer = fillLocalCandidates(offer, "ownF", [six, host], true);
  offer = fillLocalCandidates(offer, "ownF", [six, host], true);
  const text = writeSdp(offer);
  assert.equal(text.match(/a=candidate/g)!.length, 2);
  assert.equal(text.match(/a=end-of-candidates/g)!.length, 1);
  assert.ok(text.includes("m=application 54321 "));
  assert.ok(text.includes("c=IN IP4 192.0.2.1\r\n"));
  assert.equal(fillLocalCandidates(offer, "else", [host], true), offer, "another generation");
});

test("Credentials, a fingerprint and unique tags are required (RFC 9429 §5.8.3)", () => {
  const without = (name: string): string =>
    sdp(...data("0", "peer").filter((line) => !line.startsWith(`a=${name}`)));
  invalid(without("ice-ufrag"));
  invalid(without("ice-pwd"));
  invalid(without("fingerprint"));
  invalid(sdp(...data("0", "peer", "holdconn")));
  invalid(sdp(...data("0", "peer"), ...data("0", "peer")));
  invalid(sdp("a=group:BUNDLE 0 1", ...data("0", "peer")));
  invalid(sdp("a=group:BUNDLE 0", "a=group:BUNDLE 0", ...data("0", "peer")));
  validateRemote(parseSdp(sdp("a=group:BUNDLE 0", ...data("0", "peer"))), CONTEXT);
});

test("RTP without rtcp-mux is refused under rtcpMuxPolicy require (webrtc-pc §4.2.5)", () => {
  invalid(sdp(...audio("0", "peer").filter((line) => line !== "a=rtcp-mux")));
  validateRemote(parseSdp(sdp(...audio("0", "peer"))), CONTEXT);
});

test("An answer mirrors the offer's sections, kinds, profiles and tags (RFC 3264 §6)", () => {
  const offer = parseSdp(sdp(...data("0", "ownF")));
  const context = { type: "answer" as const, offer };
  invalid(sdp(), context);
  invalid(sdp(...data("0", "peer", "active"), ...data("1", "peer", "active")), context);
  invalid(sdp(...audio("0", "peer")), context);
  invalid(sdp(...legacyData("0", "peer")), context);
  invalid(sdp(...data("9", "peer", "active")), context);
  invalid(sdp(...data("0", "peer", "actpass")), context);
  validateRemote(parseSdp(sdp(...data("0", "peer", "active"))), { ...CONTEXT, ...context });
});

test("An answer restarts ICE if and only if the offer does (RFC 9429 §5.10)", () => {
  const before = {
    type: "answer" as const,
    currentLocal: parseSdp(sdp(...data("0", "own1"))),
    currentRemote: parseSdp(sdp(...data("0", "her1", "active"))),
  };
  const offer = (ufrag: string): Partial<ValidationContext> => ({
    ...before,
    offer: parseSdp(sdp(...data("0", ufrag))),
  });
  const answer = (ufrag: string): string => sdp(...data("0", ufrag, "active"));
  invalid(answer("her1"), offer("own2"));
  invalid(answer("her2"), offer("own1"));
  validateRemote(parseSdp(answer("her2")), { ...CONTEXT, ...offer("own2") });
  validateRemote(parseSdp(answer("her1")), { ...CONTEXT, ...offer("own1") });
});

test("Sections of a re-offer neither vanish nor change tag or kind (RFC 3264 §8)", () => {
  const current = {
    currentLocal: parseSdp(sdp(...data("0", "own1"))),
    currentRemote: parseSdp(sdp(...data("0", "her1"))),
  };
  invalid(sdp(), current);
  invalid(sdp(...data("1", "her1")), current);
  invalid(sdp(...audio("0", "her1")), current);
  validateRemote(parseSdp(sdp(...data("0", "her1"), ...audio("1", "her1"))), {
    ...CONTEXT,
    ...current,
  });
});

test("A re-offer with another certificate is refused, turned-round roles are invalid (RFC 8842 §5.5)", () => {
  const first = parseSdp(sdp(...data("0", "her1")));
  const { remote: { fingerprints } } = negotiateData(first, first, true)!;
  const dtls = { role: "client" as const, fingerprints };
  invalid(sdp(...data("0", "her1", "active")), { dtls });
  const offer = parseSdp(sdp(...data("0", "ownF")));
  invalid(sdp(...data("0", "her1", "active")), { type: "answer", offer, dtls });
  assert.throws(
    () =>
      validateRemote(parseSdp(sdp(...data("0", "her1", "actpass", true))), { ...CONTEXT, dtls }),
    { name: "OperationError" },
  );
});

test("Under max-bundle, a description of several sections must bundle them (RFC 9429 §4.1.1)", () => {
  const separate = sdp(...audio("0", "aaaa"), ...data("1", "bbbb"));
  invalid(separate, { bundlePolicy: "max-bundle" });
  const bundled = sdp("a=group:BUNDLE 0 1", ...audio("0", "aaaa"), ...data("1", "aaaa"));
  validateRemote(parseSdp(bundled), { ...CONTEXT, bundlePolicy: "max-bundle" });
});
