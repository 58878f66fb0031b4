import assert from "node:assert/strict";
import fc from "fast-check";
import { add32 } from "../../src/base/mod.ts";
import { DATA_BEGIN, DATA_END, DATA_UNORDERED, DataFields } from "../../src/sctp/data_chunk.ts";
import { EventQueue } from "../../src/sctp/events.ts";
import { Reassembly } from "../../src/sctp/reassembly.ts";
import { test } from "../harness.ts";
import { markOf, payload } from "./pair.ts";

interface Fragment {
  readonly fields: DataFields;
  readonly packet: Uint8Array;
}

/** Cuts messages into fragments with consecutive TSNs, or interleaves their pieces. */
function cut(sizes: readonly number[], piece: number, interleaving: boolean): Fragment[] {
  const rows: Fragment[][] = [];
  const next = new Map<string, number>();
  sizes.forEach((size, mark) => {
    const data = payload(4 + size, mark);
    const streamId = mark % 3;
    const unordered = mark % 4 === 0;
    const key = `${streamId} ${interleaving ? unordered : ""}`;
    const number = interleaving || !unordered ? next.get(key) ?? 0 : 0;
    if (interleaving || !unordered) next.set(key, number + 1);
    const row: Fragment[] = [];
    for (let at = 0; at < data.length; at += piece) {
      const fields = new DataFields();
      fields.streamId = streamId;
      fields.messageNumber = number;
      fields.fragmentNumber = row.length;
      fields.ppid = at === 0 || !interleaving ? 53 : 0;
      fields.flags = (at === 0 ? DATA_BEGIN : 0) | (unordered ? DATA_UNORDERED : 0) |
        (at + piece >= data.length ? DATA_END : 0);
      fields.dataAt = at;
      fields.dataEnd = Math.min(at + piece, data.length);
      row.push({ fields, packet: data });
    }
    rows.push(row);
  });
  const out: Fragment[] = [];
  if (!interleaving) { for (const row of rows) out.push(...row); }
  else {while (rows.some((row) => row.length > 0)) {
      for (const row of rows) out.push(...row.splice(0, 1));
    }}
  out.forEach(({ fields }, i) => fields.tsn = add32(0xffff_fff0, i));
  return out;
}

test("Messages come out whole and in order, whatever the order of their pieces (RFC 9260 §6.5, §6.9)", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(60), { minLength: 1, maxLength: 14 }),
      fc.integer({ min: 1, max: 20 }),
      fc.boolean(),
      fc.infiniteStream(fc.nat()),
      (sizes, piece, interleaving, random) => {
        const account = { bytes: 0, limit: 1_000_000 };
        const events = new EventQueue();
        const options = { interleaving, account, maxMessageSize: 1000, firstNumber: 0 };
        const reassembly = new Reassembly(options, events);
        const fragments = cut(sizes, piece, interleaving);
        while (fragments.length > 0) {
          const [{ fields, packet }] = fragments.splice(
            random.next().value! % fragments.length,
            1,
          ) as [
            Fragment,
          ];
          assert.ok(reassembly.add(fields, packet));
        }
        const last = new Map<number, number>();
        let count = 0;
        for (let event = events.shift(); event; event = events.shift()) {
          assert.equal(event.type, "message");
          if (event.type !== "message") continue;
          count++;
          const mark = markOf(event.data);
          assert.equal(event.ppid, 53);
          assert.deepEqual(event.data, payload(4 + sizes[mark]!, mark));
          assert.equal(event.data.buffer.byteLength, event.data.length);
          if (event.unordered) continue;
          assert.ok((last.get(event.streamId) ?? -1) < mark);
          last.set(event.streamId, mark);
        }
        assert.equal(count, sizes.length);
        assert.equal(account.bytes, 0);
        assert.equal(events.messageBytes, 0);
      },
    ),
    { seed: 33, numRuns: 300 },
  );
});

test("A reset, and a FORWARD TSN, free what waited (RFC 6525 §5.2.2, RFC 3758 §3.6)", () => {
  for (const interleaving of [false, true]) {
    const account = { bytes: 0, limit: 1_000_000 };
    const events = new EventQueue();
    const options = { interleaving, account, maxMessageSize: 1000, firstNumber: 0 };
    const fill = () => {
      const reassembly = new Reassembly(options, events);
      // The first message of each stream, and the first piece of each other one, is missing.
      const fragments = cut([9, 9, 9, 9, 9, 9, 9, 9, 9], 4, interleaving);
      fragments.slice(3).forEach(({ fields, packet }, i) => {
        if (i % 3 !== 0) reassembly.add(fields, packet);
      });
      assert.ok(account.bytes > 0);
      return reassembly;
    };
    fill().resetStreams([0, 1, 2]);
    assert.equal(account.bytes, 0);
    const skipped = [0, 1, 2].flatMap((streamId) =>
      [false, true].map((unordered) => ({ streamId, unordered, messageNumber: 9 }))
    );
    fill().forward(add32(0xffff_fff0, 1000), skipped);
    assert.equal(account.bytes, 0);
  }
});

test("The stream sequence number of unordered fragments says nothing (RFC 9260 §3.3.1)", () => {
  const account = { bytes: 0, limit: 1_000_000 };
  const events = new EventQueue();
  const options = { interleaving: false, account, maxMessageSize: 1000, firstNumber: 0 };
  const reassembly = new Reassembly(options, events);
  const fragments = cut([20], 8, false);
  assert.ok(fragments.length > 2 && (fragments[0]!.fields.flags & DATA_UNORDERED) !== 0);
  fragments.forEach(({ fields, packet }, i) => {
    fields.messageNumber = 7 * i;
    reassembly.add(fields, packet);
  });
  assert.equal(events.shift()?.type, "message");
  assert.equal(account.bytes, 0);
});
