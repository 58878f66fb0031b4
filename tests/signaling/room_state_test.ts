import assert from "node:assert/strict";
import fc from "fast-check";
import { type Delivery, type RoomEntry, RoomState } from "../../src/signaling/mod.ts";
import { test } from "../harness.ts";

const CONFIG = { metadata: {}, members: 3, emptyMs: 0 };
const SESSIONS = ["a", "b", "c", "d"];

/** Any entry, sensible or not: ids and numbers collide often. */
const entry: fc.Arbitrary<RoomEntry> = fc.record({
  kind: fc.constantFrom(
    ...["join", "leave", "drop", "resume", "expire", "lost", "message", "update", "remove"],
    ...["room", "refuse", "configure", "message", "message"],
  ),
  session: fc.constantFrom(...SESSIONS),
  other: fc.constantFrom(...SESSIONS, undefined),
  instance: fc.constantFrom("one", "two"),
  connection: fc.nat(2),
  number: fc.integer({ min: 1, max: 6 }),
}).map(({ kind, session, other, instance, connection, number: seq }): RoomEntry => {
  const holder = { instance, connection }, metadata = { name: `n${seq}`, kind: "" };
  switch (kind) {
    case "join":
      return { kind, session, secret: "s", holder, metadata, user: "", roles: [], config: CONFIG };
    case "leave":
      return { kind, session };
    case "drop":
    case "resume":
      return { kind, session, holder };
    case "expire":
      return { kind, session, droppedAt: seq * 3 };
    case "lost":
      return { kind, instance };
    case "update":
      return { kind, session, seq, metadata };
    case "remove":
      return { kind, session, seq, target: other ?? session };
    case "room":
      return { kind, session, seq, metadata: { x: String(seq) } };
    case "refuse":
      return { kind, session, seq, code: "forbidden", message: "no" };
    case "configure":
      return { kind, config: CONFIG };
    default:
      return {
        kind: "message",
        session,
        seq,
        body: `"type":"data","data":${seq}`,
        ...(other !== undefined && { to: other }),
      };
  }
});

function applyAll(state: RoomState, entries: readonly RoomEntry[]): Delivery[] {
  const told: Delivery[] = [];
  for (const each of entries) {
    state.apply(each, ({ position, to, except, text, length }) => {
      told.push({ position, to, except, text, length });
    });
  }
  return told;
}

test("The same entries make the same room and the same deliveries, also from a snapshot in between", () => {
  const property = fc.property(fc.array(entry, { maxLength: 80 }), fc.nat(80), (entries, cut) => {
    const whole = new RoomState(), told = applyAll(whole, entries);
    const first = new RoomState();
    const before = applyAll(first, entries.slice(0, cut));
    const second = new RoomState(JSON.parse(JSON.stringify(first.snapshot())));
    const after = applyAll(second, entries.slice(cut));
    assert.deepEqual([...before, ...after], told);
    assert.deepEqual(second.snapshot(), whole.snapshot());
  });
  fc.assert(property, { numRuns: 300 });
});

test("Appending anything numbered twice or late changes nothing the second time", () => {
  const property = fc.property(fc.array(entry, { maxLength: 60 }), fc.nat(59), (entries, pick) => {
    const state = new RoomState();
    applyAll(state, entries);
    const again = entries[pick % Math.max(1, entries.length)];
    if (again === undefined || !("seq" in again)) return;
    const ack = state.session(again.session)?.ack ?? 0;
    if (again.seq > ack) return;
    const before = state.snapshot();
    assert.equal(state.apply(again, () => assert.fail("told twice")), "ignored");
    assert.deepEqual({ ...state.snapshot(), position: before.position }, before);
  });
  fc.assert(property, { numRuns: 300 });
});

test("A session's numbers are taken once each and in order, whatever is appended", () => {
  const property = fc.property(fc.array(entry, { maxLength: 80 }), (entries) => {
    const state = new RoomState();
    const last = new Map<string, number>();
    for (const each of entries) {
      const verdict = state.apply(each, () => {});
      if (each.kind === "join" && verdict === "applied") last.set(each.session, 0);
      if (!("seq" in each) || verdict === "ignored") continue;
      assert.equal(each.seq, last.get(each.session)! + 1);
      last.set(each.session, each.seq);
    }
  });
  fc.assert(property, { numRuns: 300 });
});

test("Presence as told equals presence as it is, for everybody who listens from the start", () => {
  const property = fc.property(fc.array(entry, { maxLength: 80 }), (entries) => {
    const state = new RoomState();
    const told = new Map<string, unknown>();
    for (const each of entries) {
      state.apply(each, ({ text, to }) => {
        const message = JSON.parse(text);
        assert.equal(message.position, state.position);
        if (to !== undefined) return;
        if (message.type === "peer-joined" || message.type === "peer-updated") {
          told.set(message.peer.id, message.peer);
        } else if (message.type === "peer-left") assert.ok(told.delete(message.id));
      });
      assert.deepEqual([...told.values()].length, state.peers().length);
      for (const each of state.peers()) assert.deepEqual(told.get(each.id), each);
    }
  });
  fc.assert(property, { numRuns: 200 });
});

test("A room without members ends only for the emptiness that was meant", () => {
  const state = new RoomState();
  const holder = { instance: "one", connection: 1 }, metadata = { name: "", kind: "" };
  const join = (session: string): RoomEntry => ({
    kind: "join",
    session,
    secret: "",
    holder,
    metadata,
    user: "",
    roles: [],
    config: CONFIG,
  });
  applyAll(state, [join("a"), { kind: "leave", session: "a" }]);
  const emptySince = state.emptySince;
  applyAll(state, [join("b")]);
  assert.equal(state.apply({ kind: "close", emptySince }, () => {}), "ignored");
  assert.equal(state.apply({ kind: "close", emptySince: 0 }, () => {}), "ignored");
  applyAll(state, [{ kind: "leave", session: "b" }]);
  assert.equal(state.apply({ kind: "close", emptySince }, () => {}), "ignored");
  const close: RoomEntry = { kind: "close", emptySince: state.emptySince };
  assert.equal(state.apply(close, () => {}), "applied");
  assert.equal(state.apply(join("c"), () => {}), "room-closed");
});
