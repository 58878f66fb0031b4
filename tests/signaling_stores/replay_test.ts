import assert from "node:assert/strict";
import fc from "fast-check";
import type { RoomEntry, RoomSnapshot } from "../../src/signaling/mod.ts";
import { type LogMessage, Replay } from "../../src/signaling/stores/nats/replay.ts";
import { fuzz } from "../fuzz.ts";
import { test } from "../harness.ts";

function entry(body: string): RoomEntry {
  return { kind: "message", session: "0123456789abcdef", seq: 1, body };
}

function snapshot(position: number): RoomSnapshot {
  const config = { metadata: {}, members: 8, emptyMs: 0 };
  return { position, config, sessions: [], emptySince: 0, isClosed: false };
}

/** A subject as JetStream keeps it, and everything that anybody ever read there. */
class Subject {
  readonly kept: { seq: number; message: LogMessage }[] = [];
  /** An instance that was there from the beginning. */
  readonly first = new Replay();
  seq = 0;

  publish(message: LogMessage): void {
    this.kept.push({ seq: ++this.seq, message });
    this.first.take(this.seq, message);
  }

  purge(seq: number): void {
    while (this.kept[0] !== undefined && this.kept[0].seq < seq) this.kept.shift();
  }
}

type Step =
  | { do: "open" }
  | { do: "end"; age: number }
  | { do: "entries"; age: number; count: number }
  | { do: "trim"; behind: number };

/** Which log is meant: the latest, or one of those before, which have ended. */
const AGE = fc.constantFrom(0, 0, 0, 1, 2);
const STEP: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant("open" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("end" as const), age: AGE }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("entries" as const),
      age: AGE,
      count: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("trim" as const), behind: fc.nat({ max: 6 }) }),
  },
);

test("Whoever reads a subject that was purged in any way knows what those know who read all of it", () => {
  fc.assert(
    fc.property(fc.array(STEP, { maxLength: 40 }), (steps) => {
      const subject = new Subject();
      const full: RoomEntry[] = [];
      /** Logs that lived: only their followers write, some of them too late. */
      const lived: number[] = [];
      let number = 0, opened = 0;
      for (const step of steps) {
        const { first } = subject;
        if (step.do === "open") {
          const epoch = `log ${opened++}`;
          if (first.epoch === undefined) {
            full.length = 0;
            lived.push(subject.seq + 1);
          }
          subject.publish({ t: "open", epoch });
        } else if (step.do === "trim") {
          if (first.epoch === undefined || first.position <= step.behind) continue;
          const position = first.position - step.behind, { epoch } = first;
          const cut = first.cutAt(position);
          if (cut === undefined) continue;
          subject.publish({ t: "snapshot", epoch, ...cut, snapshot: snapshot(position) });
          subject.purge(cut.seq);
        } else {
          const from = lived.at(-1 - step.age);
          if (from === undefined) continue;
          const isLive = first.epoch !== undefined && first.from === from;
          if (step.do === "end") {
            subject.publish({ t: "end", from });
            // The end stays.
            if (isLive) subject.purge(subject.seq);
          } else {
            const entries = Array.from({ length: step.count }, () => entry(String(number++)));
            if (isLive) full.push(...entries);
            subject.publish({ t: "entries", from, writer: "w", batch: 1, entries });
          }
        }
        const late = new Replay();
        for (const { seq, message } of subject.kept) late.take(seq, message);
        // Late entries of an old log may be all that a purge left of it: then they are nothing.
        if (!late.isTorn) assert.equal(late.epoch, first.epoch);
        else assert.equal(first.epoch, undefined);
        if (first.epoch === undefined) continue;
        assert.equal(late.position, first.position);
        assert.equal(late.position, full.length);
        assert.deepEqual(late.snapshot, first.snapshot);
        assert.deepEqual(late.entries, full.slice(late.snapshot?.position ?? 0));
      }
    }),
    fuzz(1000),
  );
});

test("Entries whose beginning is gone wait for the snapshot that stands for it", () => {
  const replay = new Replay();
  const entries = [entry("3"), entry("4")];
  replay.take(7, { t: "entries", from: 1, writer: "w", batch: 1, entries });
  assert.ok(replay.isTorn);
  // A log lives there, whatever its name: none is opened beside it.
  replay.take(8, { t: "open", epoch: "b" });
  assert.equal(replay.epoch, undefined);
  replay.take(9, { t: "snapshot", epoch: "a", from: 1, seq: 7, skip: 1, snapshot: snapshot(3) });
  assert.deepEqual([replay.epoch, replay.position, replay.isTorn], ["a", 4, false]);
  assert.deepEqual(replay.entries, [entry("4")]);
});
