import assert from "node:assert/strict";
import fc from "fast-check";
import { ReplayWindow } from "../../src/dtls/replay_window.ts";
import { test } from "../harness.ts";

test("ReplayWindow takes each sequence number once, whatever the order (RFC 6347 §4.1.2.6)", () => {
  const sequence = fc.oneof(
    fc.integer({ min: 0, max: 3000 }),
    fc.integer({ min: 2 ** 40, max: 2 ** 40 + 3000 }),
  );
  fc.assert(
    fc.property(fc.array(sequence, { maxLength: 400 }), (sequences) => {
      const window = new ReplayWindow();
      const seen = new Set<number>();
      let top = -1;
      for (const next of sequences) {
        const expected = !seen.has(next) && next > top - 1024;
        assert.equal(window.fresh(next), expected);
        assert.equal(window.accept(next), expected);
        seen.add(next);
        top = Math.max(top, next);
      }
    }),
    { seed: 7, numRuns: 300 },
  );
});

test("ReplayWindow does not move for a number that is only asked about (RFC 6347 §4.1.2.6)", () => {
  const window = new ReplayWindow();
  assert.ok(window.accept(5));
  assert.ok(window.fresh(2 ** 47));
  assert.ok(window.accept(4));
  assert.ok(window.accept(2 ** 48 - 1));
  assert.ok(!window.fresh(5));
});
