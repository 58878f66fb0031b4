import assert from "node:assert/strict";
import fc from "fast-check";
import {
  add16,
  add32,
  before16,
  before32,
  concatBytes,
  constantTimeEqual,
  distance16,
  distance32,
  equalBytes,
  hexDecode,
  hexEncode,
  NEVER,
  readU16,
  readU24,
  readU32,
  readU48,
  Ring,
  seededEntropy,
  TimerTable,
  utf8DecodeStrict,
  writeU16,
  writeU24,
  writeU32,
  writeU48,
} from "../../src/base/mod.ts";
import { test } from "../harness.ts";
import { fuzz } from "../fuzz.ts";

test("reads and writes of 16, 24, 32 and 48 bits are network byte order", () => {
  const out = new Uint8Array(15);
  let at = writeU16(out, 0, 0x0102);
  at = writeU24(out, at, 0x030405);
  at = writeU32(out, at, 0xfffefdfc);
  at = writeU48(out, at, 0xa1a2a3a4a5a6);
  assert.equal(at, 15);
  assert.equal(hexEncode(out), "0102030405fffefdfca1a2a3a4a5a6");
  assert.equal(readU16(out, 0), 0x0102);
  assert.equal(readU24(out, 2), 0x030405);
  assert.equal(readU32(out, 5), 0xfffefdfc);
  assert.equal(readU48(out, 9), 0xa1a2a3a4a5a6);
});

test("serial numbers compare across their wrap (RFC 1982 §3.2)", () => {
  assert.ok(before16(0xffff, 0));
  assert.ok(!before16(0, 0xffff));
  assert.ok(before32(0xffffffff, 5));
  assert.ok(!before32(7, 7));
  assert.equal(distance16(0xfffe, 3), 5);
  assert.equal(distance16(3, 0xfffe), -5);
  assert.equal(distance32(0xfffffff0, 0x10), 32);
  assert.equal(add16(0xffff, 2), 1);
  assert.equal(add32(0xffffffff, 1), 0);
});

test("distance undoes addition on both circles (RFC 1982 §3.1)", () => {
  const u32 = fc.integer({ min: 0, max: 0xffffffff });
  fc.assert(
    fc.property(u32, fc.integer({ min: -0x7fff, max: 0x7fff }), (a, n) => {
      assert.equal(distance32(a, add32(a, n)), n);
      assert.equal(distance16(a & 0xffff, add16(a, n)), n);
    }),
    fuzz(500),
  );
});

test("equalBytes and constantTimeEqual agree with each other", () => {
  const bytes = fc.uint8Array({ maxLength: 6, max: 2 });
  fc.assert(
    fc.property(bytes, bytes, (a, b) => {
      assert.equal(constantTimeEqual(a, b), equalBytes(a, b));
      assert.equal(equalBytes(a, b), hexEncode(a) === hexEncode(b));
    }),
    fuzz(500),
  );
});

test("hexDecode takes colons and spaces and refuses the rest", () => {
  assert.deepEqual(hexDecode("0A:ff 10"), new Uint8Array([10, 255, 16]));
  assert.equal(hexDecode("abc"), undefined);
  assert.equal(hexDecode("zz"), undefined);
  assert.equal(hexEncode(new Uint8Array([1, 254]), ":"), "01:fe");
});

test("concatBytes joins, utf8DecodeStrict refuses malformed text", () => {
  assert.deepEqual(
    concatBytes(new Uint8Array([1]), new Uint8Array(0), new Uint8Array([2, 3])),
    new Uint8Array([1, 2, 3]),
  );
  assert.equal(utf8DecodeStrict(new Uint8Array([0xe2, 0x82, 0xac])), "€");
  assert.equal(utf8DecodeStrict(new Uint8Array([0xe2, 0x82])), undefined);
});

test("Ring keeps the order of an array through growth and wrap", () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(), { nil: undefined }), { maxLength: 200 }), (ops) => {
      const ring = new Ring<number>(2);
      const model: number[] = [];
      for (const op of ops) {
        if (op === undefined) assert.equal(ring.shift(), model.shift());
        else {
          ring.push(op);
          model.push(op);
        }
        assert.equal(ring.length, model.length);
        assert.equal(ring.peek(), model[0]);
        assert.equal(ring.peek(model.length - 1), model.at(-1));
      }
      ring.clear();
      assert.equal(ring.shift(), undefined);
    }),
    fuzz(200),
  );
});

test("TimerTable tells the earliest deadline and fires each slot once", () => {
  const timers = new TimerTable(["a", "b"]);
  assert.equal(timers.next(), NEVER);
  timers.set("a", 20);
  timers.set("b", 10);
  assert.equal(timers.next(), 10);
  assert.equal(timers.expire("b", 9), false);
  assert.equal(timers.expire("b", 10), true);
  assert.equal(timers.expire("b", 11), false);
  assert.ok(timers.armed("a"));
  assert.equal(timers.deadline("a"), 20);
  timers.clear("a");
  assert.equal(timers.next(), NEVER);
  timers.set("a", 1);
  timers.clearAll();
  assert.ok(!timers.armed("a"));
});

test("seededEntropy repeats itself for the same seed and for no other", () => {
  const draw = (seed: number) => {
    const out = new Uint8Array(33);
    seededEntropy(seed)(out);
    return hexEncode(out);
  };
  assert.equal(draw(7), draw(7));
  assert.notEqual(draw(7), draw(8));
});
