import assert from "node:assert/strict";
import { VirtualLink } from "../../src/host/testing.ts";
import { test } from "../harness.ts";
import { soakHours, soakSeed } from "./settings.ts";

const PACKETS_PER_SECOND = 50;

test(`a bad link keeps its shares of loss and duplicates over ${soakHours} hours (seed ${soakSeed})`, () => {
  const link = new VirtualLink<number>(soakSeed, {
    loss: 0.1,
    duplicate: 0.05,
    reorder: 0.05,
    delayMs: 80,
    jitterMs: 20,
  });
  const packet = new Uint8Array(100);
  const sends = Math.ceil(soakHours * 3600 * PACKETS_PER_SECOND);
  let received = 0, flying = 0, mostFlying = 0, clock = 0;
  const drain = (now: number): void => {
    for (let due = link.receive(now); due !== undefined; due = link.receive(now)) {
      assert.ok(due.at >= clock, "time never runs backwards");
      clock = due.at;
      received++;
      flying--;
    }
  };
  for (let i = 0; i < sends; i++) {
    const now = i * 1000 / PACKETS_PER_SECOND;
    drain(now);
    const before = link.dropped;
    link.send(now, packet, i);
    if (link.dropped === before) flying++;
    mostFlying = Math.max(mostFlying, flying);
  }
  drain(Infinity);
  // Six standard deviations: a seed that fails has found something.
  const near = (share: number, count: number): number => 6 * Math.sqrt(share * (1 - share) / count);
  const survived = sends - link.dropped;
  assert.ok(Math.abs(link.dropped / sends - 0.1) < near(0.1, sends));
  assert.ok(Math.abs(received / survived - 1.05) < near(0.05, survived));
  assert.ok(mostFlying < PACKETS_PER_SECOND, "what has arrived is not kept");
});
