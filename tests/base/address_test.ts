import assert from "node:assert/strict";
import fc from "fast-check";
import {
  formatAddress,
  formatIp,
  internAddress,
  parseIp,
  releaseAddress,
  retainAddress,
} from "../../src/base/mod.ts";
import { test } from "../harness.ts";
import { fuzz } from "../fuzz.ts";

const CANONICAL: readonly (readonly [string, string])[] = [
  ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
  ["2001:db8::0:1", "2001:db8::1"],
  ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
  ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
  ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  ["::", "::"],
  ["::1", "::1"],
  ["1::", "1::"],
  ["::ffff:192.0.2.128", "::ffff:192.0.2.128"],
  ["fe80::1%eth0", "fe80::1"],
  ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
  ["0:0:0:0:0:ffff:c000:0280", "::ffff:192.0.2.128"],
];

const INVALID: readonly string[] = [
  "",
  "1.2.3",
  "1.2.3.4.5",
  "256.1.1.1",
  "01.2.3.4",
  "1.2.3.4 ",
  "::1::",
  ":::",
  ":1:2:3:4:5:6:7",
  "1:2:3:4:5:6:7",
  "1:2:3:4:5:6:7:8:9",
  "12345::",
  "g::",
  "1:2:3:4:5:6:7::8:9",
  "::1.2.3",
  "1.2.3.4::",
  "example.org",
];

test("parseIp and formatIp give the canonical text (RFC 5952 §4)", () => {
  for (const [text, canonical] of CANONICAL) {
    const bytes = parseIp(text);
    assert.ok(bytes, text);
    assert.equal(formatIp(bytes), canonical);
  }
});

test("parseIp refuses what is not an address (RFC 4291 §2.2)", () => {
  for (const text of INVALID) assert.equal(parseIp(text), undefined, text);
});

test("formatIp and parseIp are each other's inverse", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.array(fc.constantFrom(0, 0, 0, 1, 255), { minLength: 16, maxLength: 16 })
      .map((values) => Uint8Array.from(values)),
  );
  fc.assert(
    fc.property(bytes, (value) => assert.deepEqual([...parseIp(formatIp(value))!], [...value])),
    fuzz(300),
  );
});

test("internAddress gives one object per address and port, whatever the spelling", () => {
  const a = internAddress("2001:db8::1", 3478);
  assert.equal(internAddress("2001:DB8:0::1", 3478), a);
  assert.notEqual(internAddress("2001:db8::1", 3479), a);
  assert.equal(formatAddress(a!), "[2001:db8::1]:3478");
  assert.equal(formatAddress(internAddress("192.0.2.1", 9)!), "192.0.2.1:9");
  assert.equal(internAddress("nonsense", 1), undefined);
});

test("a retained address keeps its identity while strangers come and go", () => {
  const kept = internAddress("192.0.2.77", 5000)!;
  const forgotten = internAddress("192.0.2.78", 5000)!;
  retainAddress(kept);
  for (let i = 0; i < 40_000; i++) {
    internAddress(`198.51.${i >> 8 & 255}.${i & 255}`, 1000 + (i >> 16));
  }
  for (let port = 1; port < 40_000; port++) internAddress("203.0.113.9", port);
  assert.equal(internAddress("192.0.2.77", 5000), kept);
  assert.notEqual(internAddress("192.0.2.78", 5000), forgotten);
  releaseAddress(kept);
});
