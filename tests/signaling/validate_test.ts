import assert from "node:assert/strict";
import fc from "fast-check";
import {
  CLIENT_MESSAGE,
  parseJson,
  parseServerMessage,
} from "../../src/signaling/message_schemas.ts";
import { parseCandidate } from "../../src/sdp/mod.ts";
import { checkCandidate, USUAL_CANDIDATE } from "../../src/signaling/sanity.ts";
import { test } from "../harness.ts";

const PEER = "0123456789abcdef";

function isFault(message: unknown): boolean {
  return isFaultText(JSON.stringify(message));
}

/** A refusal always explains itself. */
function isFaultText(json: string): boolean {
  const value = parseJson(json);
  if (CLIENT_MESSAGE.read(value) !== undefined) return false;
  assert.ok(CLIENT_MESSAGE.explain?.(value));
  return true;
}

test("Anything that is no JSON object of a known type is a fault, never an exception", () => {
  for (const text of ["", "{", "null", "[]", "1", '"join"', "{}", '{"type":1}', '{"type":"x"}']) {
    assert.ok(isFaultText(text));
    assert.equal(parseServerMessage(text), undefined);
  }
  assert.ok(isFaultText("[".repeat(100_000)));
  fc.assert(fc.property(fc.json(), (text) => {
    isFaultText(text);
    parseServerMessage(text);
  }));
  const types = fc.constantFrom("join", "update", "description", "candidate", "welcome", "joined");
  const shape = fc.record({
    type: types,
    room: fc.jsonValue(),
    name: fc.jsonValue(),
    to: fc.jsonValue(),
    description: fc.jsonValue(),
    candidate: fc.jsonValue(),
    peers: fc.jsonValue(),
  }, { requiredKeys: ["type"] });
  fc.assert(fc.property(shape, (message) => {
    isFault(message);
    parseServerMessage(JSON.stringify(message));
  }));
});

test("Fields that the protocol does not name are left behind, and __proto__ is a key like any other", () => {
  const text = '{"type":"update","seq":1,"x":1,"attributes":{"__proto__":"y"}}';
  const update = '{"type":"update","seq":1,"name":"","kind":"","attributes":{"__proto__":"y"}}';
  assert.equal(JSON.stringify(CLIENT_MESSAGE.read(parseJson(text))), update);
  const read = CLIENT_MESSAGE.read(
    parseJson('{"type":"data","seq":1,"data":{"__proto__":1},"x":1}'),
  );
  assert.equal(JSON.stringify(read), '{"type":"data","seq":1,"data":{"__proto__":1}}');
});

test("Sequence numbers and positions are whole numbers that a double holds exactly", () => {
  for (const seq of [0, -1, 1.5, 2 ** 53, "1", null, undefined]) {
    assert.ok(isFault({ type: "data", seq, data: 1 }), String(seq));
  }
  assert.equal(isFault({ type: "data", seq: 2 ** 53 - 1, data: null }), false);
});

test("Rooms are named in the unreserved characters of RFC 3986 §2.3", () => {
  const join = (room: unknown): unknown => ({ type: "join", version: 2, room });
  for (const room of ["a", "A-b_c.d~9", "x".repeat(64)]) assert.equal(isFault(join(room)), false);
  for (const room of ["", "x".repeat(65), "a b", "a/b", "ä", "a\n", 1, null, undefined]) {
    assert.equal(isFault(join(room)), true, String(room));
  }
});

test("Names hold nothing that moves the cursor or turns the text; joined emoji are fine", () => {
  const join = (name: unknown): unknown => ({ type: "join", version: 2, room: "r", name });
  for (const name of ["", "Zoë", "👩‍👩‍👧", "名前"]) assert.equal(isFault(join(name)), false, name);
  for (const name of ["a\nb", "a\u202eb", "\u0007", "\u2028", "x".repeat(65), 7, {}]) {
    assert.equal(isFault(join(name)), true, String(name));
  }
});

test("Candidates keep the types of RTCIceCandidateInit (W3C webrtc-pc §4.8.1)", () => {
  const message = (candidate: unknown): unknown => ({
    type: "candidate",
    seq: 1,
    to: PEER,
    candidate,
  });
  for (const good of [null, {}, { candidate: "" }, { candidate: "x", sdpMLineIndex: 65535 }]) {
    assert.equal(isFault(message(good)), false);
  }
  const bad = [
    undefined,
    "x",
    { candidate: 1 },
    { candidate: "x".repeat(2049) },
    { sdpMLineIndex: 65536 },
    { sdpMLineIndex: 0.5 },
    { sdpMid: 0 },
    { usernameFragment: "x".repeat(257) },
  ];
  for (const candidate of bad) assert.equal(isFault(message(candidate)), true);
  assert.equal(isFault({ type: "candidate", seq: 1, to: "*", candidate: null }), true);
});

test("Descriptions have a type of RTCSdpType and text (W3C webrtc-pc §4.6.1)", () => {
  const message = (description: unknown): unknown => ({
    type: "description",
    seq: 1,
    to: PEER,
    description,
  });
  assert.equal(isFault(message({ type: "rollback" })), false);
  for (const bad of [null, {}, { type: "hello", sdp: "" }, { type: "offer", sdp: 1 }, []]) {
    assert.equal(isFault(message(bad)), true);
  }
});

test("What counts as a usual candidate without being parsed keeps the grammar (RFC 8839 §5.1)", () => {
  fc.assert(fc.property(fc.stringMatching(USUAL_CANDIDATE), (text) => void parseCandidate(text)));
  const chrome =
    "candidate:842163049 1 udp 1677729535 203.0.113.7 54321 typ srflx raddr 192.0.2.1 " +
    "rport 9 generation 0 ufrag EsAw network-cost 999";
  assert.ok(USUAL_CANDIDATE.test(chrome));
  assert.equal(
    checkCandidate({ candidate: "candidate:1 1 udp 1 192.0.2.1 70000 typ host" })?.code,
    "bad-candidate",
  );
});
