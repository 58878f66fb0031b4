import assert from "node:assert/strict";
import { parseSdp, writeLine, writeSdp } from "../../src/sdp/mod.ts";
import { test } from "../harness.ts";
import { fixture, FIXTURES, HEAD, parsed, sdp, section } from "./fixtures.ts";

for (const name of FIXTURES) {
  test(`writeSdp gives back ${name} byte for byte`, () => {
    assert.equal(writeSdp(parsed(name)), fixture(name));
  });
}

test("parseSdp takes LF alone as a line break (RFC 8866 §5)", () => {
  const text = fixture("chromium_media_offer");
  assert.deepEqual(parseSdp(text.replaceAll("\r\n", "\n")), parseSdp(text));
  assert.equal(writeSdp(parseSdp(text.replaceAll("\r\n", "\n"))), text);
});

test("parseSdp takes blank lines at the end and a last line without a break", () => {
  const text = fixture("firefox_data_offer");
  for (const odd of [text + "\r\n", text + "\n \n\t\r\n", text.trimEnd()]) {
    assert.equal(writeSdp(parseSdp(odd)), text);
  }
});

test("parseSdp takes a description without s= and t=, and invents neither", () => {
  const text = sdp("v=0", "o=- 1 2 IN IP4 127.0.0.1", "a=group:BUNDLE 0");
  assert.equal(writeSdp(parseSdp(text)), text);
});

test("parseSdp takes a session with several times and repeats (RFC 8866 §5.9, §5.10)", () => {
  const text = sdp(...HEAD, "r=7d 1h 0 25h", "t=10 20", "r=1 2 3", "r=4 5 6", "z=1 -1h", "a=x");
  assert.equal(writeSdp(parseSdp(text)), text);
});

test("Lines of a media section are written in order, whatever order they came in (§5)", () => {
  const text = sdp(...HEAD, "m=audio 9 RTP/AVP 0", "a=mid:0", "b=AS:30", "c=IN IP4 0.0.0.0");
  const ordered = sdp(...HEAD, "m=audio 9 RTP/AVP 0", "b=AS:30", "c=IN IP4 0.0.0.0", "a=mid:0");
  assert.equal(writeSdp(parseSdp(text)), ordered);
});

test("An attribute that is not modelled keeps its place and text (RFC 8866 §5.13)", () => {
  const lines = ["a=mid:0", "a=x-odd:  a: b  ", "a=__proto__:1", "a=constructor", "a=sendrecv"];
  const text = sdp(...HEAD, "m=audio 9 RTP/AVP 0", ...lines);
  const { attributes } = section(parseSdp(text), 0);
  assert.deepEqual(attributes[1], { name: "other", key: "x-odd", value: "  a: b  " });
  assert.deepEqual(attributes[2], { name: "other", key: "__proto__", value: "1" });
  assert.deepEqual(attributes[3], { name: "other", key: "constructor" });
  assert.equal(writeSdp(parseSdp(text)), text);
});

test("A changed copy of an unusual line is written from its values, not from its text", () => {
  const [odd] = section(
    parseSdp(sdp(...HEAD, "m=audio 9 RTP/AVP  0", "a=ptime:020")),
    0,
  ).attributes;
  assert.ok(odd?.name === "ptime");
  assert.equal(writeLine(odd), "a=ptime:020");
  assert.equal(writeLine({ ...odd, value: 30 }), "a=ptime:30");
  assert.equal(writeLine({ ...odd }), "a=ptime:20");
});

test("A line that keeps its text cannot be changed in place", () => {
  const description = parseSdp(sdp(...HEAD, "m=audio 9 RTP/AVP  0", "a=group:LS  a b"));
  const { media, attributes } = section(description, 0);
  assert.ok(Object.isFrozen(media) && Object.isFrozen(media.formats));
  const [group] = attributes;
  assert.ok(group?.name === "group");
  assert.throws(() => (group.mids as string[]).push("c"), TypeError);
});

test("A description that went through JSON is written in the usual form", () => {
  const text = fixture("unusual_forms");
  const copy = writeSdp(JSON.parse(JSON.stringify(parseSdp(text))));
  assert.notEqual(copy, text);
  assert.deepEqual(parseSdp(copy), parseSdp(text));
});
