import assert from "node:assert/strict";
import { test } from "../harness.ts";
import { Call } from "./call.ts";
import { isIncreasing, listenToNumbers } from "./payload.ts";

test("maxRetransmits 0 sends nothing twice, and an ordered channel does not wait for what is lost (RFC 8831 §6.6, RFC 7496)", async () => {
  const call = new Call({ seed: 1, conditions: { delayMs: 40, loss: 0.1 } });
  await call.connect();
  const ordered = await call.open("ordered", { maxRetransmits: 0 });
  const unordered = await call.open("unordered", { ordered: false, maxRetransmits: 0 });
  const got = [ordered[1], unordered[1]].map(listenToNumbers);
  for (let i = 0; i < 300; i++) {
    ordered[0].send(`${i}`);
    unordered[0].send(`${i}`);
    await call.network.advance(20);
  }
  await call.network.advance(10_000);
  for (const list of got) {
    assert.ok(list.length > 230 && list.length < 300, call.about(`${list.length} arrived`));
    assert.equal(new Set(list).size, list.length, call.about("doubled"));
  }
  assert.ok(isIncreasing(got[0]!), call.about("order"));
  await call.end();
});

test("Nothing arrives after its lifetime, also when the path was dead meanwhile (RFC 3758 §3.5, RFC 7496 §3.2)", async () => {
  for (const ordered of [true, false]) {
    const lifetime = 300, delayMs = 50;
    const call = new Call({ seed: 2, conditions: { delayMs, loss: 0.05 } });
    await call.connect();
    const [near, far] = await call.open("brief", { ordered, maxPacketLifeTime: lifetime });
    const ages: number[] = [];
    const seen = new Set<number>();
    far.onmessage = ({ data }) => {
      const sentAt = Number(data);
      seen.add(sentAt);
      ages.push(call.network.now() - sentAt);
    };
    for (let i = 0; i < 400; i++) {
      if (i === 100) call.network.partition(...call.hosts);
      if (i === 200) call.network.heal(...call.hosts);
      near.send(`${call.network.now()}`);
      await call.network.advance(15);
    }
    await call.network.advance(10_000);
    assert.equal(seen.size, ages.length, call.about("doubled"));
    assert.ok(ages.length > 250 && ages.length < 330, call.about(`${ages.length} arrived`));
    // What was sent just before its end is on the way for a while; order waits for what may yet come.
    const limit = lifetime + delayMs + (ordered ? 4 * delayMs + 400 : 0);
    assert.ok(Math.max(...ages) <= limit + 20, call.about(`${Math.max(...ages)} ms old`));
    await call.end();
  }
});

test("A channel of high priority gets ahead of one that is full (RFC 8831 §6.4)", async () => {
  const call = new Call({ seed: 3, conditions: { delayMs: 20, bytesPerMs: 100 } });
  await call.connect();
  const [bulk] = await call.open("bulk", { priority: "very-low" });
  const [urgent, heard] = await call.open("urgent", { priority: "high" });
  const got = listenToNumbers(heard);
  for (let i = 0; i < 20; i++) bulk.send(new Uint8Array(100_000));
  await call.network.advance(1000);
  urgent.send("1");
  await call.until(() => got.length === 1, "the urgent message", 4000);
  assert.ok(bulk.bufferedAmount > 1_000_000, call.about(`${bulk.bufferedAmount} left`));
  await call.end();
});

test("bufferedamountlow lets a sender fill a slow line without growing the buffer (webrtc-pc §6.2)", async () => {
  const call = new Call({ seed: 4, conditions: { delayMs: 30, bytesPerMs: 500 } });
  const [near, far] = await call.connect();
  let received = 0, sent = 0, most = 0;
  far.onmessage = ({ data }) => received += (data as ArrayBuffer).byteLength;
  near.bufferedAmountLowThreshold = 65_536;
  const fill = (): void => {
    while (near.bufferedAmount < 262_144 && sent < 4_000_000) {
      near.send(new Uint8Array(40_000));
      sent += 40_000;
    }
    most = Math.max(most, near.bufferedAmount);
  };
  near.onbufferedamountlow = fill;
  fill();
  await call.until(() => received === 4_000_000, "the transfer", 60_000);
  assert.ok(most < 320_000, call.about(`${most} buffered`));
  assert.equal(near.bufferedAmount, 0);
  await call.end();
});
