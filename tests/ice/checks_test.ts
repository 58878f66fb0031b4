import assert from "node:assert/strict";
import { TransmitQueue } from "../../src/ice/transmit_queue.ts";
import { StunAttribute, StunClass, StunReader } from "../../src/stun/mod.ts";
import { test } from "../harness.ts";
import { CONTROLLED, CONTROLLING, message, type Wanted } from "./messages.ts";
import { addressOf, type Endpoint, introduce, isDone, type Network, pairUp } from "./network.ts";

const STRANGER = addressOf("203.0.113.1", 1);

/** A check of the peer of `endpoint`, from wherever. */
function peerCheck(endpoint: Endpoint, fragment: string, more: Wanted = {}): Uint8Array {
  const { usernameFragment, password } = endpoint.agent.localParameters;
  const type = endpoint.agent.controlling ? CONTROLLED : CONTROLLING;
  return message({
    username: `${usernameFragment}:${fragment}`,
    password,
    priority: 1000,
    role: [type, 0, 0],
    ...more,
  });
}

/** Classes and destinations of what an endpoint sends from here on. */
function recording(network: Network, of: Endpoint): { kind: StunClass; to: number }[] {
  const sent: { kind: StunClass; to: number }[] = [];
  network.tap = (bytes, { to }, sender) => {
    const reader = new StunReader();
    assert.ok(reader.read(bytes));
    if (sender === of) sent.push({ kind: reader.messageClass, to: to.port });
    return false;
  };
  return sent;
}

test("A check from an unknown address is answered and triggers one back (RFC 8445 §7.3.1.4)", () => {
  const { network, a, b } = pairUp(1);
  network.tap = () => false;
  introduce(network, a, b);
  const sent = recording(network, a);
  const { usernameFragment } = b.agent.localParameters;
  a.agent.handleInput(0, peerCheck(a, usernameFragment), STRANGER, a.sockets[0]!);
  network.drain(a);
  assert.deepEqual(sent, [
    { kind: StunClass.SUCCESS, to: 1 },
    { kind: StunClass.REQUEST, to: 1 },
  ]);
  const { candidate } = a.agent.stats().remoteCandidates.at(-1)!;
  assert.equal(candidate.type, "prflx");
  assert.equal(candidate.priority, 1000);
});

test("A check that was started anew does not fail its pair by its old deadline (RFC 8445 §7.3.1.4)", () => {
  const { network, a, b } = pairUp(2);
  network.tap = () => false;
  introduce(network, a, b);
  network.run(10_000);
  const { usernameFragment } = b.agent.localParameters;
  a.agent.handleInput(
    10_000,
    peerCheck(a, usernameFragment),
    b.sockets[0]!.address,
    a.sockets[0]!,
  );
  network.run(49_000);
  assert.equal(a.agent.stats().pairs[0]!.state, "in-progress");
  assert.equal(a.agent.stats().kept.checks, 1);
  network.run(50_000);
  assert.equal(a.agent.stats().pairs[0]!.state, "failed");
});

test("A late response to a check that was started anew counts (RFC 8445 §7.3.1.4)", () => {
  const { network, a, b } = pairUp(3);
  let id: Uint8Array | undefined;
  network.tap = (bytes, _route, sender) => {
    if (sender === a) id ??= bytes.slice(8, 20);
    return false;
  };
  introduce(network, a, b);
  const from = b.sockets[0]!.address;
  a.agent.handleInput(
    0,
    peerCheck(a, b.agent.localParameters.usernameFragment),
    from,
    a.sockets[0]!,
  );
  network.drain(a);
  const answer = message({
    messageClass: StunClass.SUCCESS,
    id: id!,
    password: b.agent.localParameters.password,
    extra: (w) => w.xorAddress(StunAttribute.XOR_MAPPED_ADDRESS, a.sockets[0]!.address),
  });
  a.agent.handleInput(30_000, answer, from, a.sockets[0]!);
  assert.equal(a.agent.state, "connected");
});

test("A success unfreezes its foundation (RFC 8445 §7.2.5.3.3)", () => {
  const { network, a, b } = pairUp(4, { delayMs: 10 });
  a.trickle = b.trickle = false;
  introduce(network, a, b);
  b.agent.addRemoteCandidate(0, { ...a.candidates[0]!, foundation: "same" });
  for (const port of [71, 72]) {
    b.agent.addRemoteCandidate(0, { ...a.candidates[0]!, foundation: "same", port, priority: 99 });
  }
  network.drainAll();
  const states = (): string[] => b.agent.stats().pairs.map((pair) => pair.state);
  assert.deepEqual(states(), ["in-progress", "frozen", "frozen"]);
  // The nomination of the peer would end the checks; here none comes.
  network.tap = (bytes, _route, sender) => {
    const reader = new StunReader();
    assert.ok(reader.read(bytes));
    return sender === b || reader.messageClass === StunClass.SUCCESS;
  };
  network.run(25);
  assert.deepEqual(states(), ["succeeded", "in-progress", "in-progress"]);
});

test("Once a pair is nominated, further checks are answered only (RFC 8445 §8.1.2)", () => {
  const { network, a, b } = pairUp(5);
  introduce(network, a, b);
  network.run(500);
  assert.ok(isDone(a) && isDone(b));
  for (const endpoint of [a, b]) {
    const sent = recording(network, endpoint);
    const fragment = (endpoint === a ? b : a).agent.localParameters.usernameFragment;
    endpoint.agent.handleInput(500, peerCheck(endpoint, fragment), STRANGER, endpoint.sockets[0]!);
    network.drain(endpoint);
    assert.deepEqual(sent.map((one) => one.kind), [StunClass.SUCCESS]);
    assert.equal(endpoint.agent.isKnownRemote(STRANGER, endpoint.sockets[0]!), true);
    assert.ok(isDone(endpoint));
  }
  // A controlling peer that nominates another path is followed there by a check of our own.
  const sent = recording(network, b);
  const nomination = peerCheck(b, a.agent.localParameters.usernameFragment, { useCandidate: true });
  b.agent.handleInput(500, nomination, STRANGER, b.sockets[0]!);
  network.drain(b);
  assert.deepEqual(sent.map((one) => one.kind), [StunClass.SUCCESS, StunClass.REQUEST]);
});

test("A lite agent stays controlled whatever the tie-breaker (RFC 8445 §6.1.1)", () => {
  const { network, a, b } = pairUp(6, {}, { lite: true, controlling: false });
  introduce(network, a, b);
  network.run(100);
  const sent = recording(network, a);
  const { usernameFragment } = b.agent.localParameters;
  const conflict = peerCheck(a, usernameFragment, { role: [CONTROLLED, 0, 0] });
  a.agent.handleInput(100, conflict, STRANGER, a.sockets[0]!);
  network.drain(a);
  assert.equal(a.agent.controlling, false);
  assert.deepEqual(sent.map((one) => one.kind), [StunClass.ERROR]);
});

test("A candidate that is signaled twice changes nothing (RFC 8838 §11.4)", () => {
  const { network, a, b } = pairUp(7);
  introduce(network, a, b);
  const before = a.agent.remoteCandidates;
  a.agent.addRemoteCandidate(0, { ...b.candidates[0]!, priority: 5, foundation: "x" });
  assert.deepEqual(a.agent.remoteCandidates, before);
});

test("Addresses are kept interned while an agent needs them, and no longer", () => {
  const { network, a, b } = pairUp(8);
  const [ours, theirs] = [a.sockets[0]!.address, b.sockets[0]!.address];
  const before = [ours.pins, theirs.pins, STRANGER.pins];
  b.agent.setRemoteParameters(0, a.agent.localParameters);
  a.gather(0);
  a.agent.handleInput(0, peerCheck(a, "abcd"), STRANGER, a.sockets[0]!);
  assert.ok(STRANGER.pins > before[2]!);
  introduce(network, a, b);
  network.run(2000);
  assert.ok(theirs.pins > before[1]!);
  for (const endpoint of [a, b]) {
    endpoint.agent.restart(2000);
    network.drain(endpoint);
    endpoint.gather(2000);
    endpoint.agent.close(2000);
  }
  assert.deepEqual([ours.pins, theirs.pins, STRANGER.pins], before);
});

test("TransmitQueue uses its buffers again once it was drained", () => {
  const queue = new TransmitQueue();
  const buffers = new Set<Uint8Array>();
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 4; i++) {
      const buffer = queue.claim(STRANGER, queue);
      buffer[0] = i;
      buffers.add(buffer);
      queue.commit(1 + i);
    }
    for (let i = 0; i < 4; i++) {
      const out = queue.poll()!;
      assert.equal(out.bytes.length, 1 + i);
      assert.equal(out.bytes[0], i);
    }
    assert.equal(queue.poll(), undefined);
  }
  assert.equal(buffers.size, 4);
});
