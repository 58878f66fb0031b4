import assert from "node:assert/strict";
import { generateIceParameters } from "../../src/ice/mod.ts";
import { seededEntropy } from "../../src/base/mod.ts";
import { StunAttribute, StunClass, StunReader } from "../../src/stun/mod.ts";
import { test } from "../harness.ts";
import { CONTROLLED, message } from "./messages.ts";
import {
  addressOf,
  type Endpoint,
  introduce,
  isDone,
  isUp,
  type Network,
  pairUp,
} from "./network.ts";

/** Offer with new credentials by `a`, answer by `b`; candidates trickle. */
function restart(network: Network, a: Endpoint, b: Endpoint): void {
  a.agent.restart(network.now);
  network.drain(a);
  a.gather(network.now);
  b.agent.restart(network.now);
  b.agent.setRemoteParameters(network.now, a.agent.localParameters);
  network.drainAll();
  b.gather(network.now);
  network.drainAll();
  network.run(network.now + 50);
  a.agent.setRemoteParameters(network.now, b.agent.localParameters);
  network.drainAll();
}

test("The old pair carries data until the new one is selected (RFC 8445 §9)", () => {
  for (const loss of [0, 0.2]) {
    const { network, a, b } = pairUp(1, { delayMs: 40, loss });
    introduce(network, a, b);
    network.run(30_000, () => isDone(a) && isDone(b));
    const old = { a: a.agent.selectedPair, b: b.agent.selectedPair };
    const { usernameFragment } = a.agent.localParameters;
    restart(network, a, b);
    assert.notEqual(a.agent.localParameters.usernameFragment, usernameFragment);
    assert.equal(a.agent.selectedPair, old.a);
    assert.equal(a.agent.state, "connected");
    assert.equal(b.agent.state, "connected");
    assert.equal(a.agent.isKnownRemote(b.sockets[0]!.address, a.sockets[0]!), true);
    let gap = false;
    network.run(network.now + 30_000, () => {
      gap ||= a.agent.selectedPair === undefined || b.agent.selectedPair === undefined;
      return isDone(a) && isDone(b) && a.agent.selectedPair !== old.a;
    });
    assert.equal(gap, false, "there is a pair at every moment");
    assert.ok(isDone(a) && isDone(b));
    assert.notEqual(a.agent.selectedPair, old.a);
    assert.notEqual(b.agent.selectedPair, old.b);
    network.run(network.now + 120_000);
    assert.ok(isUp(a) && isUp(b));
    assert.ok(a.states.every((state) => state !== "disconnected" || loss > 0));
  }
});

test("Consent on the old pair goes on during a restart that nobody answers (RFC 8445 §9)", () => {
  const { network, a, b } = pairUp(2, { delayMs: 10 });
  introduce(network, a, b);
  network.run(10_000);
  a.agent.restart(network.now);
  network.drain(a);
  a.gather(network.now);
  network.run(network.now + 120_000);
  assert.equal(a.agent.state, "connected");
  assert.equal(b.agent.state, "completed");
  a.agent.cancelRestart(network.now);
  network.drainAll();
  assert.equal(a.agent.state, "completed");
  network.run(network.now + 60_000);
  assert.ok(isDone(a) && isDone(b));
});

test("A restart takes a failed transport back to checking and to connected (W3C webrtc-pc §5.6.4)", () => {
  const { network, a, b } = pairUp(3, { delayMs: 10 });
  introduce(network, a, b);
  network.run(10_000);
  network.tap = () => false;
  network.run(60_000);
  assert.equal(a.agent.state, "failed");
  network.tap = undefined;
  restart(network, a, b);
  network.run(network.now + 5000);
  assert.deepEqual(a.states.slice(-4), ["failed", "checking", "connected", "completed"]);
  assert.ok(isDone(a) && isDone(b));
});

test("Requests with the old credentials are answered for a while, then not (RFC 8445 §9)", () => {
  const { network, a, b } = pairUp(4, { delayMs: 10 });
  introduce(network, a, b);
  network.run(10_000);
  const stale = network;
  let captured: Uint8Array | undefined;
  network.tap = (bytes, _route, sender) => {
    if (sender === b && bytes[0] === 0) captured = bytes.slice();
    return true;
  };
  network.run(20_000);
  network.tap = undefined;
  restart(network, a, b);
  network.run(network.now + 2000, () => isDone(a) && isDone(b));
  const replay = (): number => {
    const before = a.sent;
    a.agent.handleInput(stale.now, captured!, b.sockets[0]!.address, a.sockets[0]!);
    network.drain(a);
    return a.sent - before;
  };
  assert.equal(replay(), 1);
  network.run(network.now + 35_000);
  assert.equal(replay(), 0);
});

test("The old session sends no more once the new one has a pair, and learns nothing (RFC 8445 §9)", () => {
  const { network, a, b } = pairUp(7, { delayMs: 10 });
  introduce(network, a, b);
  network.run(10_000);
  const old = { a: a.agent.localParameters, b: b.agent.localParameters };
  restart(network, a, b);
  // A stranger address with the old credentials: answered, and nothing else.
  const before = a.agent.stats();
  const stale = message({
    username: `${old.a.usernameFragment}:${old.b.usernameFragment}`,
    password: old.a.password,
    priority: 1,
    role: [CONTROLLED, 0, 0],
  });
  a.agent.handleInput(network.now, stale, addressOf("203.0.113.1", 1), a.sockets[0]!);
  assert.notEqual(a.agent.pollTransmit(), undefined);
  assert.deepEqual(a.agent.stats(), before);
  assert.equal(a.agent.isKnownRemote(addressOf("203.0.113.1", 1), a.sockets[0]!), false);
  network.run(network.now + 3000);
  assert.ok(isDone(a) && isDone(b));
  const fragments = new Set<string>();
  network.tap = (bytes) => {
    const reader = new StunReader();
    assert.ok(reader.read(bytes));
    if (reader.messageClass === StunClass.REQUEST) {
      fragments.add(reader.text(StunAttribute.USERNAME)!);
    }
    return true;
  };
  network.run(network.now + 60_000);
  const [x, y] = [
    a.agent.localParameters.usernameFragment,
    b.agent.localParameters.usernameFragment,
  ];
  assert.deepEqual([...fragments].sort(), [`${x}:${y}`, `${y}:${x}`].sort());
});

test("Restart after restart keeps one old session at most, and parameters can be given", () => {
  const { network, a, b } = pairUp(5, { delayMs: 5 });
  introduce(network, a, b);
  network.run(10_000);
  const selected = a.agent.selectedPair;
  for (let i = 0; i < 5; i++) {
    const parameters = generateIceParameters(seededEntropy(i));
    a.agent.restart(network.now, parameters);
    assert.deepEqual(a.agent.localParameters, parameters);
    network.drain(a);
    a.gather(network.now);
    network.run(network.now + 1000);
    assert.equal(a.agent.selectedPair, selected);
  }
  for (let i = 0; i < 3; i++) {
    restart(network, a, b);
    network.run(network.now + 3000);
    assert.ok(isDone(a) && isDone(b), `${a.states} | ${b.states}`);
  }
});

test("Other remote parameters without a restart replace the peer: a fork or a rollback", () => {
  const { network, a, b } = pairUp(6, { delayMs: 5 });
  introduce(network, a, b);
  network.run(10_000);
  a.agent.setRemoteParameters(network.now, {
    usernameFragment: "fork",
    password: "f".repeat(22),
    lite: false,
  });
  network.drain(a);
  assert.equal(a.agent.selectedPair, undefined);
  assert.equal(a.agent.state, "new");
  assert.equal(a.agent.stats().remoteCandidates.length, 0);
  assert.equal(a.agent.isKnownRemote(b.sockets[0]!.address, a.sockets[0]!), false);
});
