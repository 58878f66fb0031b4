import assert from "node:assert/strict";
import type { RoomEntry } from "../../src/signaling/mod.ts";
import { AppendQueue } from "../../src/signaling/stores/append_queue.ts";
import { test } from "../harness.ts";

function entry(body: string): RoomEntry {
  return { kind: "message", session: "0123456789abcdef", seq: 1, body };
}

/** A store that answers when it is told to. */
class SlowStore {
  readonly sent: string[][] = [];
  position = 0;
  readonly queue = new AppendQueue((texts) => {
    this.sent.push(texts.map((text) => JSON.parse(text).body));
    return new Promise((resolve, reject) => {
      this.answer = () => resolve(this.position += texts.length);
      this.fail = () => reject(new Error("the connection broke"));
    });
  });
  answer: () => void = () => {};
  fail: () => void = () => {};
}

test("Appends wait for the one before them, go together, and learn their own positions", async () => {
  const store = new SlowStore();
  const first = store.queue.push([entry("1")]);
  const second = store.queue.push([entry("2"), entry("3")]);
  const third = store.queue.push([entry("4")]);
  assert.deepEqual(store.sent, [["1"]]);
  store.answer();
  assert.equal(await first, 1);
  assert.deepEqual(store.sent, [["1"], ["2", "3", "4"]]);
  store.answer();
  assert.deepEqual(await Promise.all([second, third]), [3, 4]);
});

test("After a failed append nothing is sent any more: it would stand behind a gap", async () => {
  const store = new SlowStore();
  const appends = ["1", "2", "3"].map((body) => store.queue.push([entry(body)]));
  store.fail();
  for (const append of appends) await assert.rejects(append, /the connection broke/);
  await assert.rejects(store.queue.push([entry("4")]), /the connection broke/);
  assert.deepEqual(store.sent, [["1"]]);
});

test("A store that does not answer is given up when too much waits for it", async () => {
  const store = new SlowStore(), body = "x".repeat(1_000_000);
  const appends = Array.from({ length: 10 }, () => store.queue.push([entry(body)]));
  for (const append of appends) await assert.rejects(append, { code: "try-again" });
});
