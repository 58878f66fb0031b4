import assert from "node:assert/strict";
import { NEVER } from "../../src/base/mod.ts";
import { test } from "../harness.ts";
import { introduce, isUp, pairUp } from "./network.ts";

test("Without an answer an agent fails after its patience, 39.5 s, and not before (RFC 8863 §4)", () => {
  const { network, a, b } = pairUp(1);
  network.tap = () => false;
  introduce(network, a, b);
  network.run(39_400);
  assert.deepEqual(a.states, ["checking"]);
  network.run(60_000);
  assert.deepEqual(a.states, ["checking", "failed"]);
  // First send, then 0.5, 1.5, 3.5, 7.5, 15.5 and 31.5 s (RFC 8489 §6.2.1).
  assert.equal(a.sent, 7);
  assert.equal(a.agent.pollTimeout(), NEVER);
});

test("A peer-reflexive candidate is waited for when every pair has failed (RFC 8863 §3)", () => {
  const { network, a, b } = pairUp(2, {}, { timing: { checkRequests: 2, checkFinalWait: 1 } });
  network.tap = () => false;
  introduce(network, a, b);
  network.run(10_000);
  assert.equal(a.agent.stats().pairs[0]!.state, "failed");
  assert.equal(a.agent.state, "checking");
  network.tap = undefined;
  network.run(38_000, () => isUp(a));
  assert.ok(isUp(a) && isUp(b), "the peer's next check revives the pair");
});

test("The state is disconnected while everything failed but more may come (W3C §5.6.4)", () => {
  const { network, a, b } = pairUp(3, {}, { timing: { checkRequests: 2, checkFinalWait: 1 } });
  a.trickle = b.trickle = false;
  network.tap = () => false;
  introduce(network, a, b);
  const [candidate] = b.candidates;
  a.agent.addRemoteCandidate(0, { ...candidate!, address: "192.0.2.9" });
  network.run(10_000);
  assert.deepEqual(a.states, ["checking", "disconnected"]);
  network.tap = undefined;
  a.agent.addRemoteCandidate(10_000, candidate!);
  network.run(11_000);
  assert.deepEqual(a.states, ["checking", "disconnected", "checking", "connected"]);
});

test("Patience starts anew with every candidate, and when gathering starts late", () => {
  const { network, a, b } = pairUp(4);
  a.trickle = b.trickle = false;
  network.tap = () => false;
  a.agent.setRemoteParameters(0, b.agent.localParameters);
  b.gather(0);
  network.drainAll();
  network.run(100_000);
  assert.equal(a.agent.state, "new");
  a.gather(100_000);
  network.run(130_000);
  assert.equal(a.agent.state, "new");
  a.agent.addRemoteCandidate(130_000, b.candidates[0]!);
  network.run(169_000);
  assert.equal(a.agent.state, "checking");
  network.run(170_000);
  assert.equal(a.agent.state, "failed");
});

test("Without any local candidate there is nothing to be patient for (W3C §5.6.4)", () => {
  const { network, a, b } = pairUp(5);
  a.agent.setRemoteParameters(0, b.agent.localParameters);
  a.agent.setGatheringComplete(0);
  assert.equal(a.agent.state, "new");
  a.agent.setRemoteEndOfCandidates(0);
  network.drainAll();
  assert.deepEqual(a.states, ["failed"]);
});

test("A failed agent answers nobody and takes no candidates until a restart (W3C §5.6.4)", () => {
  const { network, a, b } = pairUp(6, {}, { timing: { patienceMs: 1000, checkRequests: 1 } });
  network.tap = () => false;
  introduce(network, a, b);
  network.run(9000);
  assert.equal(a.agent.state, "failed");
  network.tap = undefined;
  const { sent } = a;
  a.agent.addRemoteCandidate(9000, { ...b.candidates[0]!, port: 77 });
  network.run(60_000);
  assert.equal(a.sent, sent);
  assert.equal(a.agent.state, "failed");
  assert.equal(isUp(b), false);
});

test("close ends everything silently", () => {
  const { network, a, b } = pairUp(7, { delayMs: 5 });
  introduce(network, a, b);
  network.run(5000);
  const { length } = a.events;
  a.agent.close(5000);
  a.agent.close(5000);
  assert.equal(a.agent.state, "closed");
  assert.equal(a.agent.selectedPair, undefined);
  assert.equal(a.agent.pollTimeout(), NEVER);
  const { sent } = a;
  a.gather(5000);
  a.agent.restart(5000);
  a.agent.setRemoteParameters(5000, b.agent.localParameters);
  a.agent.addRemoteCandidate(5000, b.candidates[0]!);
  a.agent.setRemoteEndOfCandidates(5000);
  a.agent.handleTimeout(5000);
  network.run(60_000);
  assert.equal(a.sent, sent);
  assert.equal(a.events.length, length);
  assert.equal(b.agent.state, "failed");
});
