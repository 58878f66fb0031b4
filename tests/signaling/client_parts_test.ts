import assert from "node:assert/strict";
import fc from "fast-check";
import { Outbox, Pace } from "../../src/signaling/client_outbox.ts";
import { readServerMessage } from "../../src/signaling/client_reader.ts";
import {
  checkAttributes,
  checkId,
  checkMetadata,
  checkRoom,
} from "../../src/signaling/client_rules.ts";
import { EventParser } from "../../src/signaling/event_parser.ts";
import { CLIENT_MESSAGE, parseServerMessage } from "../../src/signaling/message_schemas.ts";
import { isRoomName } from "../../src/signaling/mod.ts";
import { test } from "../harness.ts";

const RUNS = { seed: 20261121, numRuns: 500 };

function passes(check: () => void): boolean {
  try {
    check();
    return true;
  } catch (error) {
    assert.ok(error instanceof TypeError);
    return false;
  }
}

/** Texts on both sides of the rules. */
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 8 }),
  fc.constantFrom(
    "a".repeat(64),
    "a".repeat(65),
    "browser",
    "x-1",
    "A",
    "a\u200db",
    "a\u202eb",
    "",
  ),
);

test("The client's rules are those of the server's schemas", () => {
  fc.assert(
    fc.property(text, text, text, (name, kind, room) => {
      const update = CLIENT_MESSAGE.read({ type: "update", seq: 1, name, kind });
      assert.equal(passes(() => checkMetadata({ name, kind })), update !== undefined);
      assert.equal(passes(() => checkRoom(room)), isRoomName(room));
    }),
    RUNS,
  );
  const attributes = fc.dictionary(
    fc.oneof(text, fc.constant("k".repeat(64))),
    fc.constantFrom("", "v".repeat(512), "v".repeat(513)),
    { maxKeys: 18 },
  );
  fc.assert(
    fc.property(attributes, (metadata) => {
      const message = CLIENT_MESSAGE.read({ type: "room", seq: 1, metadata });
      assert.equal(passes(() => checkAttributes(metadata)), message !== undefined);
    }),
    RUNS,
  );
  for (const id of ["0123456789abcdef", "0123456789ABCDEF", "0", "all", "", "0123456789abcdef0"]) {
    const message = CLIENT_MESSAGE.read({ type: "remove", seq: 1, id });
    assert.equal(passes(() => checkId(id)), message !== undefined);
  }
});

test("Everything that the schemas take the client reads; nothing makes it throw", () => {
  const peer = {
    id: "0".repeat(16),
    user: "",
    roles: ["publisher"],
    connected: true,
    name: "",
    kind: "",
  };
  const at = { position: 7 }, id = "0123456789abcdef";
  const messages = [
    { type: "welcome", version: 2, heartbeatMs: 20, messageBytes: 9, resumeMs: 1 },
    {
      ...{ type: "joined", room: "r", self: id, secret: id + id, epoch: id, ack: 0 },
      ...{ roles: [], metadata: {}, peers: [peer], ...at },
    },
    { type: "resumed", room: "r", self: id, epoch: id, ack: 0, ...at },
    { type: "left", room: "r" },
    { type: "peer-joined", peer, ...at },
    { type: "peer-updated", peer, ...at },
    { type: "peer-left", id, reason: "left", ...at },
    { type: "room-updated", metadata: {}, ...at },
    { type: "description", from: id, description: { type: "offer", sdp: "v=0" }, ...at },
    { type: "candidate", from: id, candidate: null, ...at },
    { type: "data", from: id, data: null, ...at },
    { type: "ack", seq: 1, ...at },
    { type: "ping", ack: 1, ...at },
    { type: "reconnect", withinMs: 5 },
    { type: "error", code: "rate-limited", message: "slow", seq: 1, ...at },
  ];
  for (const message of messages) {
    const json = JSON.stringify(message);
    assert.ok(parseServerMessage(json) !== undefined, json);
    assert.deepEqual(readServerMessage(json), message);
    // Without any one field that the client uses it is not taken for one.
    const { type, ...rest } = message;
    assert.equal(readServerMessage(JSON.stringify(rest)), undefined);
    assert.equal(readServerMessage(JSON.stringify({ ...message, type: `${type}x` })), undefined);
  }
  const wrong = [
    ...["null", "[]", "1", '"left"', "", "{", '{"type":"__proto__"}', '{"type":"toString"}'],
    ...['{"type":["left"]}x', '{"type":"data","position":"1","from":"a","data":1}'],
    ...['{"type":"joined"}', '{"type":"peer-joined","position":1,"peer":{"id":1}}'],
  ];
  for (const json of wrong) assert.equal(readServerMessage(json), undefined, json);
  fc.assert(fc.property(fc.json(), (json) => void readServerMessage(json)), RUNS);
});

test("Events are read from whatever pieces the stream comes in (WHATWG HTML §9.2.6)", () => {
  const stream = ': comment\r\nid: 4\r\ndata: {"a":1}\r\n\r\nevent: close\ndata: b\ndata:c\n\n' +
    "data\n\nid: 5\n\ndata: ü€😀\n\ndata: unfinished\n";
  const expected = [
    { type: "message", data: '{"a":1}' },
    { type: "close", data: "b\nc" },
    { type: "message", data: "" },
    { type: "message", data: "ü€😀" },
  ];
  fc.assert(
    fc.property(fc.array(fc.nat(stream.length), { maxLength: 12 }), (cuts) => {
      const parser = new EventParser(), at = [0, ...cuts.sort((a, b) => a - b), stream.length];
      const events = at.slice(1).flatMap((end, i) => parser.push(stream.slice(at[i], end)));
      assert.deepEqual(events, expected);
    }),
    RUNS,
  );
});

function entry(data: number): Parameters<Outbox["add"]>[0] {
  const body = JSON.stringify({ type: "data", data });
  return { body, bytes: body.length, type: "data", to: undefined, wasSent: false };
}

test("The outbox sends each number in order, again after a rewind, and counts its bytes", () => {
  const step = fc.oneof(
    fc.constant("add" as const),
    fc.constant("take" as const),
    fc.constant("rewind" as const),
    fc.nat(400),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 600 }), (steps) => {
      const outbox = new Outbox();
      let added = 0, acknowledged = 0, sent = 0;
      for (const step of steps) {
        if (step === "add") assert.equal(outbox.add(entry(added)), ++added);
        else if (step === "rewind") {
          outbox.rewind();
          sent = acknowledged;
        } else if (step === "take") {
          if (!outbox.isReady) continue;
          const { seq, data } = JSON.parse(outbox.take());
          assert.deepEqual([seq, data], [++sent, sent - 1]);
        } else if (step <= sent) {
          outbox.acknowledge(step);
          acknowledged = Math.max(acknowledged, step);
        }
        assert.deepEqual([outbox.length, outbox.queued], [added - acknowledged, added - sent]);
        assert.equal(outbox.bytes === 0, added === acknowledged);
      }
    }),
    { ...RUNS, numRuns: 200 },
  );
});

test("What is on its way at once is bounded", () => {
  const outbox = new Outbox();
  for (let i = 0; i < 300; i++) outbox.add(entry(i));
  let sent = 0;
  for (; outbox.isReady; sent++) outbox.take();
  assert.equal(sent, 256);
  outbox.acknowledge(10);
  for (; outbox.isReady; sent++) outbox.take();
  assert.equal(sent, 266);
});

test("The pace halves at each refusal and recovers", () => {
  const pace = new Pace();
  assert.equal(pace.readyAt, 0);
  pace.slow(0);
  assert.equal(pace.readyAt, 1000);
  pace.spend(1000);
  const first = pace.readyAt - 1000;
  pace.slow(5000);
  pace.spend(6000);
  assert.ok(pace.readyAt - 6000 > 1.5 * first);
  for (let now = 6000; now < 120_000; now = Math.max(now + 10, pace.readyAt)) pace.spend(now);
  pace.spend(200_000);
  pace.reset();
  assert.equal(pace.readyAt, 0);
});
