import assert from "node:assert/strict";
import {
  appendAttributes,
  attribute,
  createDataSection,
  createMediaSection,
  createSession,
  type DtlsParameters,
  dtlsParametersOf,
  findProblems,
  type IceParameters,
  iceParametersOf,
  parseCandidate,
  parseSdp,
  rejectSection,
  removeAttributes,
  replaceAttribute,
  sctpParametersOf,
  withDestination,
  withDirection,
  withNextVersion,
  writeSdp,
} from "../../src/sdp/mod.ts";
import { test } from "../harness.ts";
import { fixture, HEAD, parsed, sdp, section } from "./fixtures.ts";

const ICE: IceParameters = {
  usernameFragment: "EsAw",
  password: "P2uYro0UCOQ4zxjKXaWCBui1",
  options: ["trickle"],
  lite: false,
};
const HASH = Array(32).fill("7F").join(":");
const DTLS: DtlsParameters = {
  setup: "actpass",
  tlsId: "91bbf309c0990a6bec11e38ba2933cee",
  fingerprints: [{ algorithm: "sha-256", value: HASH }],
};
const DATA = { mid: "d1", ice: ICE, dtls: DTLS, sctpPort: 5000, maxMessageSize: 65536 };
const SESSION = { sessionId: "4962303333179871722", sessionVersion: "1" };

test("createSession and createDataSection write an initial offer (RFC 9429 §5.2.1)", () => {
  const session = createSession({
    ...SESSION,
    attributes: [{ name: "group", semantics: "BUNDLE", mids: ["d1"] }],
  });
  const offer = { ...session, media: [createDataSection(DATA)] };
  const text = sdp(
    "v=0",
    "o=- 4962303333179871722 1 IN IP4 127.0.0.1",
    "s=-",
    "t=0 0",
    "a=group:BUNDLE d1",
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    "c=IN IP4 0.0.0.0",
    "a=mid:d1",
    "a=ice-ufrag:EsAw",
    "a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1",
    "a=ice-options:trickle",
    `a=fingerprint:sha-256 ${HASH}`,
    "a=setup:actpass",
    "a=tls-id:91bbf309c0990a6bec11e38ba2933cee",
    "a=sctp-port:5000",
    "a=max-message-size:65536",
  );
  assert.equal(writeSdp(offer), text);
  assert.deepEqual(parseSdp(text), offer);
  assert.deepEqual(findProblems(offer), []);
  assert.deepEqual(iceParametersOf(offer, section(offer, 0)), ICE);
  assert.deepEqual(dtlsParametersOf(offer, section(offer, 0)), DTLS);
});

test("createDataSection answers an offer of the form before RFC 8841 in that form", () => {
  const made = createDataSection({ ...DATA, legacy: true });
  const session = { ...createSession(SESSION), media: [made] };
  const text = writeSdp(session);
  assert.match(text, /^m=application 9 DTLS\/SCTP 5000\r$/m);
  assert.match(text, /^a=sctpmap:5000 webrtc-datachannel 1024\r$/m);
  assert.deepEqual(sctpParametersOf(section(parseSdp(text), 0)), {
    port: 5000,
    maxMessageSize: 65536,
    legacy: true,
  });
});

test("A bundle-only section has port 0 and no transport of its own (RFC 9143 §6)", () => {
  const made = createDataSection({
    mid: "1",
    sctpPort: 5000,
    maxMessageSize: 0,
    bundleOnly: true,
  });
  assert.equal(made.media.port, 0);
  assert.deepEqual(made.attributes.map(({ name }) => name), [
    "mid",
    "bundle-only",
    "sctp-port",
    "max-message-size",
  ]);
});

test("rejectSection mirrors the offered section with port 0 (RFC 3264 §6)", () => {
  const offer = parsed("chromium_media_offer");
  const rejected = rejectSection(section(offer, 1));
  assert.deepEqual(rejected.media, { ...section(offer, 1).media, port: 0 });
  assert.deepEqual(rejected.attributes, [{ name: "mid", mid: "1" }]);
});

test("withDestination sets the port and c=, and hides names (RFC 8839 §4.2.1.2)", () => {
  const made = createMediaSection({ media: "audio", protocol: "X", formats: ["0"] });
  const line = (address: string) => {
    const text = writeSdp({
      ...createSession(SESSION),
      media: [withDestination(made, address, 7)],
    });
    return text.split("\r\n").slice(4, 6);
  };
  assert.deepEqual(line("192.0.2.1"), ["m=audio 7 X 0", "c=IN IP4 192.0.2.1"]);
  assert.deepEqual(line("2001:db8::1"), ["m=audio 7 X 0", "c=IN IP6 2001:db8::1"]);
  assert.deepEqual(line("c01b8355.local"), ["m=audio 9 X 0", "c=IN IP4 0.0.0.0"]);
  assert.deepEqual(line("host.example.n1"), ["m=audio 9 X 0", "c=IN IP4 0.0.0.0"]);
});

test("withDestination adds a missing c= after i= and before b= (RFC 8866 §5)", () => {
  const text = sdp(...HEAD, "m=audio 9 X 0", "i=title", "b=AS:1");
  const made = withDestination(section(parseSdp(text), 0), "192.0.2.1", 7);
  assert.deepEqual(made.fields.map(({ type }) => type), ["i", "c", "b"]);
});

test("withNextVersion adds one, beyond 2^53 too (RFC 9429 §5.2.2)", () => {
  const session = createSession({ ...SESSION, sessionVersion: "9007199254740993" });
  assert.match(writeSdp(withNextVersion(session)), /^o=- 4962303333179871722 9007199254740994 /m);
});

test("Appending a candidate changes one line of a parsed offer and no other", () => {
  const text = fixture("firefox_maxbundle_offer");
  const offer = parseSdp(text);
  const candidate = parseCandidate("candidate:9 1 udp 1 192.0.2.9 9 typ host");
  const last = section(offer, 2);
  const media = [
    ...offer.media.slice(0, 2),
    appendAttributes(last, { name: "candidate", candidate }),
  ];
  assert.equal(
    writeSdp({ ...offer, media }),
    text + "a=candidate:9 1 udp 1 192.0.2.9 9 typ host\r\n",
  );
});

test("replaceAttribute puts one in the place of all of its name, or last", () => {
  const text = sdp(
    ...HEAD,
    "m=audio 9 X 0",
    "a=ptime:1",
    "a=mid:0",
    "a=ptime:2",
    "a=x-a:1",
    "a=x-b:1",
  );
  const before = section(parseSdp(text), 0);
  const lines = (made: typeof before) =>
    writeSdp({ ...createSession(SESSION), media: [made] }).split("\r\n").slice(5, -1);
  assert.deepEqual(lines(replaceAttribute(before, { name: "ptime", value: 3 })), [
    "a=ptime:3",
    "a=mid:0",
    "a=x-a:1",
    "a=x-b:1",
  ]);
  assert.deepEqual(lines(replaceAttribute(before, { name: "other", key: "x-b", value: "2" })), [
    "a=ptime:1",
    "a=mid:0",
    "a=ptime:2",
    "a=x-a:1",
    "a=x-b:2",
  ]);
  assert.equal(lines(replaceAttribute(before, { name: "rtcp-mux" })).at(-1), "a=rtcp-mux");
  assert.deepEqual(lines(removeAttributes(before, "ptime", "other")), ["a=mid:0"]);
});

test("withDirection puts the direction in the place of the one before it", () => {
  const text = sdp(...HEAD, "m=audio 9 X 0", "a=mid:0", "a=sendrecv", "a=rtcp-mux");
  const names = (made: { attributes: readonly { name: string }[] }) =>
    made.attributes.map(({ name }) => name);
  const before = section(parseSdp(text), 0);
  assert.deepEqual(names(withDirection(before, "inactive")), ["mid", "inactive", "rtcp-mux"]);
  const without = removeAttributes(before, "sendrecv");
  assert.deepEqual(names(withDirection(without, "recvonly")), ["mid", "rtcp-mux", "recvonly"]);
  assert.equal(attribute(withDirection(before, "sendonly"), "sendrecv"), undefined);
});
