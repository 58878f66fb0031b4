import assert from "node:assert/strict";
import fc from "fast-check";
import { parseClientMessage, parseServerMessage } from "../../src/signaling/validate.ts";
import { test } from "../harness.ts";

const PEER = "0123456789abcdef";

function isFault(message: unknown): boolean {
  return parseClientMessage(JSON.stringify(message)).type === "fault";
}

test("Anything that is no JSON object of a known type is a fault, never an exception", () => {
  for (const text of ["", "{", "null", "[]", "1", '"join"', "{}", '{"type":1}', '{"type":"x"}']) {
    assert.equal(parseClientMessage(text).type, "fault");
    assert.equal(parseServerMessage(text), undefined);
  }
  assert.equal(parseClientMessage("[".repeat(100_000)).type, "fault");
  fc.assert(fc.property(fc.json(), (text) => {
    parseClientMessage(text);
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
    parseClientMessage(JSON.stringify(message));
    parseServerMessage(JSON.stringify(message));
  }));
});

test("Rooms are named in the unreserved characters of RFC 3986 §2.3", () => {
  const join = (room: unknown): unknown => ({ type: "join", version: 1, room });
  for (const room of ["a", "A-b_c.d~9", "x".repeat(64)]) assert.equal(isFault(join(room)), false);
  for (const room of ["", "x".repeat(65), "a b", "a/b", "ä", "a\n", 1, null, undefined]) {
    assert.equal(isFault(join(room)), true, String(room));
  }
});

test("Names hold nothing that moves the cursor or turns the text; joined emoji are fine", () => {
  const join = (name: unknown): unknown => ({ type: "join", version: 1, room: "r", name });
  for (const name of ["", "Zoë", "👩‍👩‍👧", "名前"]) assert.equal(isFault(join(name)), false, name);
  for (const name of ["a\nb", "a\u202eb", "\u0007", "\u2028", "x".repeat(65), 7, {}]) {
    assert.equal(isFault(join(name)), true, String(name));
  }
});

test("Candidates keep the types of RTCIceCandidateInit (W3C webrtc-pc §4.8.1)", () => {
  const message = (candidate: unknown): unknown => ({ type: "candidate", to: PEER, candidate });
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
  assert.equal(isFault({ type: "candidate", to: "*", candidate: null }), true);
});

test("Descriptions have a type of RTCSdpType and text (W3C webrtc-pc §4.6.1)", () => {
  const message = (description: unknown): unknown => ({
    type: "description",
    to: PEER,
    description,
  });
  assert.equal(isFault(message({ type: "rollback" })), false);
  for (const bad of [null, {}, { type: "hello", sdp: "" }, { type: "offer", sdp: 1 }, []]) {
    assert.equal(isFault(message(bad)), true);
  }
});
