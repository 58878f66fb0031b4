import assert from "node:assert/strict";
import type { RTCDataChannel } from "../../src/api/mod.ts";
import { fuzzSeed } from "../fuzz.ts";
import { test } from "../harness.ts";
import { Call } from "./call.ts";
import { pairwiseConditions } from "./matrix.ts";
import { assortment, describeMessage, isIncreasing, listen, listenToNumbers } from "./payload.ts";

const COUNT = 60;

/** Sends numbers of some length each, as much as what is promised can be told by. */
function sendNumbers(channel: RTCDataChannel): void {
  for (let i = 0; i < COUNT; i++) channel.send(`${i}`.padEnd(i % 10 === 0 ? 3000 : 50, " "));
}

pairwiseConditions().forEach((conditions, row) => {
  test(`Every message arrives once, with what its channel promises: ${JSON.stringify(conditions)} (RFC 8831 §6)`, async () => {
    const call = new Call({ seed: fuzzSeed(1000 + row), conditions });
    const offerer = row % 2 === 0 ? call.a : call.b;
    const ordered = await call.connect(offerer);
    const unordered = await call.open("unordered", { ordered: false });
    const once = await call.open("once", { ordered: false, maxRetransmits: 0 }, call.b);
    const onceOrdered = await call.open("once, ordered", { maxRetransmits: 0 });
    const brief = await call.open("brief", { maxPacketLifeTime: 400 }, call.b);
    const got = [...ordered, ...unordered].map(listen);
    const numbers = [...once, ...onceOrdered, ...brief].map(listenToNumbers);
    const messages = [...assortment(row), ...assortment(row + 100)];
    const expected = messages.map(describeMessage);
    for (const channel of [...once, ...onceOrdered, ...brief]) sendNumbers(channel);
    for (const message of messages) {
      for (const channel of [...ordered, ...unordered]) channel.send(message as string);
    }
    await call.until(() => got.every(({ length }) => length >= expected.length), "delivery");
    // What is doubled, or comes late, would come now.
    await call.network.advance(20_000);
    const about = call.about("messages");
    assert.deepEqual(got[0], expected, about);
    assert.deepEqual(got[1], expected, about);
    assert.deepEqual(got[2]!.toSorted(), expected.toSorted(), about);
    assert.deepEqual(got[3]!.toSorted(), expected.toSorted(), about);
    for (const [i, list] of numbers.entries()) {
      assert.equal(new Set(list).size, list.length, call.about(`doubled on ${i}`));
      assert.ok(list.every((number) => number >= 0 && number < COUNT), about);
      if (i >= 2) assert.ok(isIncreasing(list), call.about(`order on ${i}: ${list}`));
      const perfect = conditions.loss === 0 && conditions.reorder === 0;
      if (perfect && i < 4) assert.equal(list.length, COUNT, call.about(`lost on ${i}`));
      if (i < 4) assert.ok(list.length > COUNT / 4, call.about(`${list.length} arrived on ${i}`));
    }
    await call.end();
  });
});
