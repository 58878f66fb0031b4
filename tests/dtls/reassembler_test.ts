import assert from "node:assert/strict";
import fc from "fast-check";
import { writeHandshakeHeader } from "../../src/dtls/handshake_header.ts";
import { MAX_HANDSHAKE_MESSAGE_BYTES, Reassembler } from "../../src/dtls/reassembler.ts";
import { test } from "../harness.ts";

function fragment(
  type: number,
  sequence: number,
  body: Uint8Array,
  from: number,
  to: number,
): Uint8Array {
  const out = new Uint8Array(12 + to - from);
  writeHandshakeHeader(out, 0, type, body.length, sequence, from, to - from);
  out.set(body.subarray(from, to), 12);
  return out;
}

test("Reassembler puts messages together from overlapping fragments in any order (RFC 6347 §4.2.3)", () => {
  const run = fc.record({
    bodies: fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 6 }),
    chunk: fc.integer({ min: 1, max: 120 }),
    overlap: fc.integer({ min: 0, max: 40 }),
    order: fc.infiniteStream(fc.nat()),
  });
  fc.assert(
    fc.property(run, ({ bodies, chunk, overlap, order }) => {
      const fragments: Uint8Array[] = [];
      bodies.forEach((body, sequence) => {
        let at = 0;
        do {
          const to = Math.min(body.length, at + chunk + overlap);
          fragments.push(fragment(11, sequence, body, at, to));
          if (sequence % 2 === 0) fragments.push(fragment(11, sequence, body, at, to));
          at += chunk;
        } while (at < body.length);
      });
      const reassembler = new Reassembler();
      const out: number[][] = [];
      while (fragments.length > 0) {
        const pick = order.next().value! % fragments.length;
        const [next] = fragments.splice(pick, 1);
        assert.equal(reassembler.push(next!, 0, 0), next!.length);
        for (let m = reassembler.peek(); m !== undefined; m = reassembler.peek()) {
          assert.equal(m.sequence, out.length);
          out.push([...m.body]);
          reassembler.advance();
        }
      }
      assert.deepEqual(out, bodies.map((body) => [...body]));
    }),
    { seed: 11, numRuns: 200 },
  );
});

test("Reassembler reads several messages from one record (RFC 6347 §4.2.3)", () => {
  const body = Uint8Array.of(1, 2, 3);
  const record = new Uint8Array(27);
  record.set(fragment(2, 0, body, 0, 3), 0);
  record.set(fragment(14, 1, new Uint8Array(0), 0, 0), 15);
  const reassembler = new Reassembler();
  const at = reassembler.push(record, 0, 0);
  assert.equal(reassembler.push(record, at, 0), 27);
  assert.equal(reassembler.peek()?.type, 2);
  reassembler.advance();
  assert.equal(reassembler.peek()?.type, 14);
});

test("Reassembler refuses fragments that leave their message or their record (RFC 6347 §4.2.2)", () => {
  const body = new Uint8Array(20);
  const beyond = fragment(1, 0, body, 10, 20);
  beyond[8] = 15;
  const cut = fragment(1, 0, body, 0, 20).slice(0, 30);
  for (const bad of [beyond, cut, cut.slice(0, 11)]) {
    assert.equal(new Reassembler().push(bad, 0, 0), -1);
  }
});

test("Reassembler holds a bounded amount for messages that claim to be large or far ahead", () => {
  const reassembler = new Reassembler();
  const huge = fragment(11, 0, new Uint8Array(MAX_HANDSHAKE_MESSAGE_BYTES + 1), 0, 1);
  reassembler.push(huge, 0, 0);
  assert.equal(reassembler.fate, "dropped");
  reassembler.push(fragment(11, 8, new Uint8Array(4), 0, 4), 0, 0);
  assert.equal(reassembler.fate, "dropped");
  const large = new Uint8Array(20_000);
  reassembler.push(fragment(11, 1, large, 0, 1), 0, 0);
  assert.equal(reassembler.fate, "taken");
  reassembler.push(fragment(11, 2, large, 0, 1), 0, 0);
  assert.equal(reassembler.fate, "dropped");
  // The next message always has its room.
  reassembler.push(fragment(11, 0, large, 0, large.length), 0, 0);
  assert.equal(reassembler.peek()?.body.length, large.length);
});

test("Reassembler lets a retransmission replace a forged fragment of the same number", () => {
  const reassembler = new Reassembler();
  const body = Uint8Array.of(1, 2, 3, 4);
  reassembler.push(fragment(11, 0, new Uint8Array(9), 0, 4), 0, 0);
  reassembler.push(fragment(2, 0, body, 0, 4), 0, 0);
  assert.deepEqual([...reassembler.peek()!.body], [...body]);
  // What came protected is not replaced by what did not.
  reassembler.push(fragment(20, 1, body, 0, 4), 0, 1);
  reassembler.push(fragment(11, 1, new Uint8Array(9), 0, 9), 0, 0);
  reassembler.advance();
  assert.equal(reassembler.peek()?.type, 20);
});

test("Reassembler tells a repeated flight by the end of its last message (RFC 6347 §4.2.4)", () => {
  const reassembler = new Reassembler();
  const body = new Uint8Array(10);
  reassembler.push(fragment(1, 0, body, 0, 10), 0, 0);
  reassembler.advance();
  reassembler.push(fragment(1, 0, body, 0, 5), 0, 0);
  assert.equal(reassembler.fate, "duplicate");
  reassembler.push(fragment(1, 0, body, 5, 10), 0, 0);
  assert.equal(reassembler.fate, "repeated-flight");
});

test("Reassembler never throws and never reads past a record (RFC 6347 §4.2.2)", () => {
  const reassembler = new Reassembler();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (record) => {
      const end = reassembler.push(record, 0, 0);
      assert.ok(end === -1 || (end >= 12 && end <= record.length));
    }),
    { seed: 3, numRuns: 1000 },
  );
});
