import assert from "node:assert/strict";
import { StunClass, StunReader } from "../../src/stun/mod.ts";
import { test } from "../harness.ts";
import { introduce, isDone, pairUp } from "./network.ts";

test("Consent is checked every 5 s, randomized by 0.8 … 1.2 (RFC 7675 §5.1)", () => {
  const { network, a, b } = pairUp(1, { delayMs: 10 });
  introduce(network, a, b);
  network.run(1000);
  const at: number[] = [];
  network.tap = (bytes, _route, sender) => {
    if (sender === a && bytes[0] === 0) at.push(network.now);
    return true;
  };
  network.run(600_000);
  const gaps = at.slice(1).map((time, i) => time - at[i]!);
  assert.ok(gaps.length > 95 && gaps.length < 151);
  // A round trip lies between the answer, from which the next is counted, and its request.
  assert.ok(gaps.every((gap) => gap >= 4000 && gap <= 6020), String(gaps));
  assert.ok(new Set(gaps).size > 50);
  assert.ok(isDone(a) && isDone(b));
  const pair = a.agent.stats().pairs[0]!;
  assert.equal(pair.consentRequestsSent, at.length);
  assert.equal(pair.currentRoundTripTimeMs, 20);
  assert.ok(pair.responsesReceived >= at.length);
});

test("A dead path is disconnected after 5 s and failed when consent is lost after 30 s (RFC 7675)", () => {
  const { network, a, b } = pairUp(2, { delayMs: 10 });
  introduce(network, a, b);
  network.run(60_000);
  network.tap = () => false;
  const died = network.now;
  network.run(died + 12_000, () => a.agent.state === "disconnected");
  assert.ok(network.now - died >= 5000 && network.now - died < 11_100);
  assert.notEqual(a.agent.selectedPair, undefined);
  network.run(died + 40_000, () => a.agent.state === "failed");
  assert.ok(network.now - died > 23_000 && network.now - died <= 30_000);
  assert.equal(a.agent.selectedPair, undefined);
  assert.equal(a.eventsOf("consent-lost").length, 1);
  assert.deepEqual(a.states.slice(-2), ["disconnected", "failed"]);
  const { sent } = a;
  network.tap = undefined;
  network.run(network.now + 100_000);
  assert.equal(a.sent, sent, "nothing is sent without consent");
  assert.equal(a.agent.state, "failed");
});

test("A path that comes back within 30 s is connected again", () => {
  const { network, a, b } = pairUp(3, { delayMs: 10 });
  introduce(network, a, b);
  network.run(60_000);
  network.tap = () => false;
  network.run(80_000);
  assert.equal(a.agent.state, "disconnected");
  network.tap = undefined;
  network.run(84_000);
  assert.deepEqual(a.states.slice(-2), ["disconnected", "completed"]);
  assert.deepEqual(b.states.slice(-2), ["disconnected", "completed"]);
});

test("10 % loss each way does not end two hours of call (RFC 7675 §5.1)", () => {
  const { network, a, b } = pairUp(4, { delayMs: 40, jitterMs: 40, loss: 0.1 });
  introduce(network, a, b);
  network.run(7_200_000);
  assert.equal(a.agent.state, "completed");
  assert.deepEqual(a.states.filter((state) => state === "failed"), []);
  assert.equal(a.eventsOf("consent-lost").length, 0);
  assert.equal(a.agent.stats().kept.checks, 0);
});

test("Requests of the peer, errors and answers from elsewhere are no consent (RFC 7675 §5.1)", () => {
  const { network, a, b } = pairUp(5, { delayMs: 10 });
  introduce(network, a, b);
  network.run(60_000);
  // Responses to a vanish, its own answers go on: the peer's requests keep coming.
  const reader = new StunReader();
  network.tap = (bytes, _route, sender) =>
    sender !== b || (reader.read(bytes) && reader.messageClass === StunClass.REQUEST);
  network.run(95_000);
  assert.equal(a.eventsOf("consent-lost").length, 1);
  assert.equal(a.agent.state, "failed");
});
