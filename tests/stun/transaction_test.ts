import assert from "node:assert/strict";
import { NEVER } from "../../src/base/mod.ts";
import {
  STUN_RELIABLE_TIMERS,
  StunClass,
  StunMethod,
  StunReader,
  StunTransaction,
  StunWriter,
} from "../../src/stun/mod.ts";
import { test } from "../harness.ts";

function message(messageClass: StunClass, id: number): Uint8Array {
  const out = new Uint8Array(20);
  const transactionId = new Uint8Array(12).fill(id);
  new StunWriter().begin(out, 0, StunMethod.BINDING, messageClass, transactionId).finish();
  return out;
}

function runOut(transaction: StunTransaction): { sentAt: number[]; endedAt: number } {
  const sentAt: number[] = [];
  let now = transaction.startedAt;
  for (;;) {
    if (transaction.pollTransmit()) sentAt.push(now);
    const next = transaction.pollTimeout();
    if (next === NEVER) return { sentAt, endedAt: now };
    now = next;
    transaction.handleTimeout(now - 1);
    transaction.handleTimeout(now);
  }
}

test("StunTransaction sends at 0, 0.5, 1.5 … 31.5 s and ends at 39.5 s (RFC 8489 §6.2.1)", () => {
  const transaction = new StunTransaction(1000, message(StunClass.REQUEST, 1));
  const { sentAt, endedAt } = runOut(transaction);
  assert.deepEqual(sentAt.map((at) => at - 1000), [0, 500, 1500, 3500, 7500, 15500, 31500]);
  assert.equal(endedAt - 1000, 39500);
  assert.equal(transaction.state, "timed-out");
});

test("StunTransaction over TCP sends once and waits Ti, 39.5 s (RFC 8489 §6.2.2)", () => {
  const transaction = new StunTransaction(0, message(StunClass.REQUEST, 1), STUN_RELIABLE_TIMERS);
  assert.deepEqual(runOut(transaction), { sentAt: [0], endedAt: 39500 });
});

test("StunTransaction takes only the response with its ID, once (RFC 8489 §6.3.3)", () => {
  const transaction = new StunTransaction(0, message(StunClass.REQUEST, 1));
  const reader = new StunReader();
  reader.read(message(StunClass.SUCCESS, 2));
  assert.equal(transaction.handleResponse(reader), false);
  assert.equal(transaction.state, "waiting");
  reader.read(message(StunClass.SUCCESS, 1));
  assert.equal(transaction.handleResponse(reader), true);
  assert.equal(transaction.state, "answered");
  assert.equal(transaction.pollTimeout(), NEVER);
  assert.equal(transaction.handleResponse(reader), false);
});

test("A cancelled StunTransaction is silent but takes a late response (RFC 8445 §7.3.1.4)", () => {
  for (const waitFor of [0, 2]) {
    const transaction = new StunTransaction(0, message(StunClass.REQUEST, 1));
    for (let i = 0; i < waitFor; i++) transaction.handleTimeout(transaction.pollTimeout());
    transaction.pollTransmit();
    transaction.cancel();
    assert.deepEqual(runOut(transaction), { sentAt: [], endedAt: 39500 });
    const late = new StunTransaction(0, message(StunClass.REQUEST, 1));
    late.cancel();
    const reader = new StunReader();
    reader.read(message(StunClass.SUCCESS, 1));
    assert.equal(late.handleResponse(reader), true);
  }
});
