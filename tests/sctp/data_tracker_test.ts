import assert from "node:assert/strict";
import fc from "fast-check";
import { add32, distance32, readU16 } from "../../src/base/mod.ts";
import { DataTracker, TSN_BEYOND, TSN_DUPLICATE, TSN_NEW } from "../../src/sctp/data_tracker.ts";
import { readSackChunk, SackFields } from "../../src/sctp/sack_chunk.ts";
import { test } from "../harness.ts";

/** The SACK of a tracker: cumulative TSN, blocks, number of duplicates. */
function sackOf(
  tracker: DataTracker,
  room = 4000,
): { at: number; blocks: number[][]; dups: number } {
  const out = new Uint8Array(room);
  const end = tracker.writeSack(out, 0, room, 1000);
  const fields = new SackFields();
  assert.ok(readSackChunk(out, 0, end, fields));
  const blocks: number[][] = [];
  for (let i = 0; i < fields.gapBlocks; i++) {
    const at = fields.blocksAt + 4 * i;
    blocks.push([readU16(out, at), readU16(out, at + 2)]);
  }
  return { at: fields.cumulativeTsn, blocks, dups: fields.duplicates };
}

/** Blocks by brute force. */
function expected(initial: number, seen: ReadonlySet<number>): { at: number; blocks: number[][] } {
  let at = add32(initial, -1);
  while (seen.has(add32(at, 1))) at = add32(at, 1);
  const ahead = [...seen].map((tsn) => distance32(at, tsn)).filter((d) => d > 0);
  ahead.sort((x, y) => x - y);
  const blocks: number[][] = [];
  for (const offset of ahead) {
    const last = blocks.at(-1);
    if (last !== undefined && last[1] === offset - 1) last[1] = offset;
    else blocks.push([offset, offset]);
  }
  return { at, blocks };
}

test("SACKs tell what arrived, in any order and over the wrap (RFC 9260 §3.3.4, §6.2)", () => {
  const initial = fc.constantFrom(0, 1, 0xffff_fff0, 0xffff_ffc0, 0x7fff_fff8, 0xfff0, 0xffd0);
  const offsets = fc.array(fc.nat(150), { maxLength: 120 });
  fc.assert(
    fc.property(initial, offsets, (first, list) => {
      const tracker = new DataTracker(first);
      const seen = new Set<number>();
      let duplicates = 0;
      for (const offset of list) {
        const tsn = add32(first, offset);
        const known = seen.has(tsn);
        assert.equal(tracker.judge(tsn), known ? TSN_DUPLICATE : TSN_NEW);
        if (known) {
          tracker.addDuplicate(tsn);
          duplicates++;
        } else tracker.add(tsn);
        seen.add(tsn);
      }
      const { at, blocks, dups } = sackOf(tracker);
      assert.deepEqual({ at, blocks }, expected(first, seen));
      assert.equal(dups, Math.min(duplicates, 20));
    }),
    { seed: 31, numRuns: 300 },
  );
});

test("FORWARD TSN moves the point over what had arrived (RFC 3758 §3.6)", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(200), { maxLength: 60 }), fc.nat(260), (list, skip) => {
      const first = 0xffff_ffb0;
      const tracker = new DataTracker(first);
      const seen = new Set<number>();
      for (const offset of list) {
        const tsn = add32(first, offset);
        if (tracker.judge(tsn) === TSN_NEW) tracker.add(tsn);
        seen.add(tsn);
      }
      tracker.forward(add32(first, skip));
      for (let i = 0; i <= skip; i++) seen.add(add32(first, i));
      const { at, blocks } = sackOf(tracker);
      assert.deepEqual({ at, blocks }, expected(first, seen));
    }),
    { seed: 32, numRuns: 300 },
  );
});

test("The window ends where a SACK does, and a full SACK leaves blocks out (RFC 9260 §3.3.4)", () => {
  const tracker = new DataTracker(1);
  assert.equal(tracker.judge(0xffff), TSN_NEW);
  assert.equal(tracker.judge(0x10000), TSN_BEYOND);
  assert.equal(tracker.judge(0x8000_0000), TSN_DUPLICATE);
  for (let tsn = 2; tsn <= 0xffff; tsn += 2) tracker.add(tsn);
  const { at, blocks } = sackOf(tracker, 16 + 4 * 100);
  assert.equal(at, 0);
  assert.equal(blocks.length, 100);
  assert.deepEqual(blocks[99], [200, 200]);
  tracker.add(1);
  assert.equal(tracker.cumulativeTsn, 2);
});
