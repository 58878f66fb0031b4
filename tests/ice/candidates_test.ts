import assert from "node:assert/strict";
import fc from "fast-check";
import { type IceCandidate, IceError } from "../../src/ice/mod.ts";
import {
  candidatePriority,
  comparePriority,
  pairPriority,
  peerReflexivePriority,
} from "../../src/ice/priority.ts";
import { test } from "../harness.ts";
import { CONTROLLED, message } from "./messages.ts";
import { addressOf, Endpoint, introduce, isDone, isUp, Network, pairUp } from "./network.ts";

test("Candidate priorities follow the formula (RFC 8445 §5.1.2.1)", () => {
  assert.equal(candidatePriority("host", 65535), 2130706431);
  assert.equal(candidatePriority("srflx", 65535), 1694498815);
  assert.equal(candidatePriority("relay", 0), 255);
  assert.equal(peerReflexivePriority(2130706431), 1862270975);
  assert.ok(candidatePriority("host", 65535, "active") < candidatePriority("srflx", 0));
  assert.ok(
    candidatePriority("host", 9, "active") > candidatePriority("host", 65535, "passive"),
  );
});

test("Pair priorities compare like the 64-bit numbers they are (RFC 8445 §6.1.2.3)", () => {
  const exact = (g: number, d: number): bigint => {
    const [G, D] = [BigInt(g), BigInt(d)];
    return (1n << 32n) * (G < D ? G : D) + 2n * (G > D ? G : D) + (G > D ? 1n : 0n);
  };
  const u32 = fc.oneof(fc.nat(0xffffffff), fc.constantFrom(0, 1, 0x7fffffff, 0xffffffff));
  fc.assert(
    fc.property(u32, u32, u32, u32, (a, b, c, d) => {
      const [x, y] = [exact(a, b), exact(c, d)];
      const { high, low } = pairPriority(a, b);
      assert.equal(BigInt(high) * 0x1_0000_0000n + BigInt(low), x);
      const order = comparePriority(pairPriority(a, b), pairPriority(c, d));
      assert.equal(Math.sign(order), x > y ? -1 : x < y ? 1 : 0);
    }),
    { seed: 8445, numRuns: 500 },
  );
});

test("Foundations tell type, base and protocol apart, and name no address (RFC 8445 §5.1.1.3)", () => {
  const { network, a } = pairUp(1);
  const base = {};
  const [host, other] = [addressOf("10.0.0.1", 1), addressOf("10.0.0.2", 1)];
  const add = (init: object): string => {
    a.agent.addLocalBase(0, { base, type: "host", address: host, ...init });
    network.drain(a);
    return a.candidates.at(-1)!.foundation;
  };
  const first = add({});
  assert.equal(add({ base: {}, address: addressOf("10.0.0.1", 2) }), first);
  assert.notEqual(add({ address: other }), first);
  assert.notEqual(add({ protocol: "tcp", tcpType: "passive" }), first);
  const mapped = { type: "srflx", relatedAddress: host, url: "stun:x" };
  const srflx = add({ ...mapped, address: addressOf("198.51.100.1", 1) });
  assert.notEqual(srflx, first);
  assert.equal(add({ ...mapped, address: addressOf("198.51.100.1", 2) }), srflx);
  assert.notEqual(add({ ...mapped, address: addressOf("198.51.100.1", 3), url: "stun:y" }), srflx);
  const count = a.candidates.length;
  assert.equal(add({}), a.candidates.at(-1)!.foundation);
  assert.equal(a.candidates.length, count, "a redundant candidate is not signaled again");
  assert.ok(a.candidates.every((one) => /^\d+$/.test(one.foundation)));
});

test("A local candidate carries what signaling needs, an mDNS name instead of its address", () => {
  const { network, a } = pairUp(2);
  a.agent.addLocalBase(0, {
    base: {},
    type: "host",
    address: addressOf("10.0.0.1", 7000),
    name: "0b0d.local",
  });
  network.drain(a);
  assert.deepEqual(a.candidates, [{
    foundation: "1",
    component: 1,
    protocol: "udp",
    priority: 2130706175,
    address: "0b0d.local",
    port: 7000,
    type: "host",
    usernameFragment: a.agent.localParameters.usernameFragment,
  }]);
  assert.deepEqual(a.agent.localCandidates, a.candidates);
  assert.deepEqual(a.events.map((event) => event.type), ["gathering", "candidate"]);
});

const remote = (address: string, more: Partial<IceCandidate> = {}): IceCandidate => ({
  foundation: "9",
  component: 1,
  protocol: "udp",
  priority: 2130706431,
  address,
  port: 1002,
  type: "host",
  ...more,
});

test("Candidates that come before the remote parameters wait for them (RFC 8838 §9)", () => {
  const { network, a, b } = pairUp(3);
  a.gather(0);
  b.gather(0);
  network.drainAll();
  const { usernameFragment } = b.agent.localParameters;
  a.agent.addRemoteCandidate(0, remote("192.0.2.2", { usernameFragment }));
  a.agent.addRemoteCandidate(0, remote("192.0.2.99", { usernameFragment: "stale" }));
  a.agent.addRemoteCandidate(0, remote("192.0.2.98"));
  assert.equal(a.agent.state, "new");
  assert.equal(a.agent.stats().kept.pendingCandidates, 3);
  a.agent.setRemoteParameters(0, b.agent.localParameters);
  assert.deepEqual(a.agent.remoteCandidates.map((one) => one.address), ["192.0.2.2", "192.0.2.98"]);
  assert.equal(a.agent.state, "checking");
  // One of another session waits for that session's parameters.
  a.agent.addRemoteCandidate(0, remote("192.0.2.97", { usernameFragment: "next" }));
  assert.equal(a.agent.remoteCandidates.length, 2);
  a.agent.restart(0);
  a.agent.setRemoteParameters(0, {
    usernameFragment: "next",
    password: "n".repeat(22),
    lite: false,
  });
  assert.deepEqual(a.agent.remoteCandidates.map((one) => one.address), ["192.0.2.97"]);
});

test("Checks that come before the remote parameters are answered and taken up (RFC 8445 §7.3)", () => {
  const { network, a, b } = pairUp(4);
  a.gather(0);
  b.agent.setRemoteParameters(0, a.agent.localParameters);
  b.gather(0);
  network.drainAll();
  for (const candidate of a.candidates) b.agent.addRemoteCandidate(0, candidate);
  network.run(20);
  assert.ok(isUp(b), "the answer of an agent without remote parameters validates the pair");
  assert.equal(a.agent.state, "new");
  assert.equal(a.agent.stats().kept.earlyChecks, 1);
  assert.equal(a.agent.isKnownRemote(b.sockets[0]!.address, a.sockets[0]!), true);
  a.agent.setRemoteParameters(20, b.agent.localParameters);
  network.run(20, () => isUp(a));
  assert.ok(isUp(a), "without waiting for any candidate");
  assert.equal(a.agent.selectedPair?.remote.type, "prflx");
  // The candidate that is signaled at last takes the place of the peer-reflexive one.
  for (const candidate of b.candidates) a.agent.addRemoteCandidate(20, candidate);
  assert.equal(a.agent.selectedPair?.remote.type, "host");
  assert.equal(a.agent.stats().remoteCandidates.length, 1);
});

test("An early check of another fragment is not taken up (RFC 8445 §7.3)", () => {
  const { network, a, b } = pairUp(5);
  a.gather(0);
  network.drainAll();
  const { usernameFragment, password } = a.agent.localParameters;
  const username = `${usernameFragment}:other`;
  const bytes = message({ username, password, priority: 1, role: [CONTROLLED, 1, 1] });
  a.agent.handleInput(0, bytes, addressOf("203.0.113.1", 1), a.sockets[0]!);
  assert.notEqual(a.agent.pollTransmit(), undefined);
  a.agent.setRemoteParameters(0, b.agent.localParameters);
  assert.equal(a.agent.stats().pairs.length, 0);
  assert.equal(a.agent.pollTransmit(), undefined);
});

test("An mDNS name is handed out, delays nothing, and joins when resolved", () => {
  const { network, a, b } = pairUp(6);
  a.trickle = b.trickle = false;
  introduce(network, a, b);
  const named = remote("6d05.local");
  a.agent.addRemoteCandidate(0, named);
  network.drainAll();
  assert.equal(a.agent.state, "checking");
  assert.equal(a.eventsOf("resolve")[0]!.candidate, named);
  a.agent.addResolvedCandidate(0, { ...named }, "192.0.2.2");
  assert.equal(a.agent.remoteCandidates.length, 0, "only the object of the event counts");
  a.agent.addResolvedCandidate(0, named, "192.0.2.2");
  network.run(10, () => isUp(a));
  assert.ok(isUp(a));
  assert.equal(a.agent.selectedPair?.remote.address, "6d05.local");
  assert.equal(a.agent.selectedPair?.address, b.sockets[0]!.address);
  a.agent.addResolvedCandidate(0, named, "192.0.2.3");
  assert.equal(a.agent.remoteCandidates.length, 1, "once");
  // An unresolved name beside a good candidate changes nothing.
  const c = pairUp(7);
  c.a.trickle = c.b.trickle = false;
  introduce(c.network, c.a, c.b);
  c.a.agent.addRemoteCandidate(0, named);
  c.a.agent.addRemoteCandidate(0, remote("192.0.2.2"));
  c.network.run(10, () => isUp(c.a));
  assert.ok(isUp(c.a));
  c.a.agent.addResolvedCandidate(0, named, undefined);
  assert.equal(c.a.agent.stats().drops.ignoredCandidates, 1);
});

test("Candidates that cannot be used are ignored (RFC 8839 §5.1); TCP ones are kept", () => {
  const { network, a, b } = pairUp(8);
  a.trickle = b.trickle = false;
  introduce(network, a, b);
  a.agent.addRemoteCandidate(0, remote("192.0.2.2", { component: 2 }));
  a.agent.addRemoteCandidate(0, remote("host.example.com"));
  a.agent.addRemoteCandidate(0, remote("192.0.2.2", { port: 0 }));
  a.agent.addRemoteCandidate(0, remote("not an address"));
  a.agent.addRemoteCandidate(0, remote("192.0.2.5", { protocol: "tcp", tcpType: "active" }));
  network.drainAll();
  assert.equal(a.agent.stats().drops.ignoredCandidates, 4);
  assert.equal(a.agent.stats().pairs.length, 0);
  assert.deepEqual(a.agent.remoteCandidates.map((one) => one.protocol), ["tcp"]);
  assert.equal(a.eventsOf("resolve").length, 0);
});

test("Nothing is sent to addresses of many or of nobody, nor asked for deep names (RFC 8445 §19.5.1)", () => {
  const { network, a, b } = pairUp(8);
  a.trickle = b.trickle = false;
  introduce(network, a, b);
  const addresses = [
    "0.0.0.0",
    "0.1.2.3",
    "224.0.0.251",
    "239.1.1.1",
    "255.255.255.255",
    "::",
    "ff02::fb",
    "::ffff:224.0.0.1",
    "::ffff:0.0.0.0",
    "a.b.local",
    ".local",
    "local",
    `${"n".repeat(64)}.local`,
  ];
  for (const address of addresses) a.agent.addRemoteCandidate(0, remote(address));
  network.drainAll();
  assert.equal(a.agent.stats().drops.ignoredCandidates, addresses.length);
  assert.deepEqual(a.agent.remoteCandidates, []);
  assert.equal(a.eventsOf("resolve").length, 0);
  const named = remote("6d05.LOCAL");
  a.agent.addRemoteCandidate(0, named);
  a.agent.addResolvedCandidate(0, named, "224.0.0.251");
  assert.deepEqual(a.agent.remoteCandidates, []);
});

test("Candidates, names and pairs are bounded (RFC 8445 §6.1.2.5)", () => {
  const network = new Network(9);
  network.tap = () => false;
  const sockets = Array.from({ length: 5 }, (_, i) => ({ address: addressOf("192.0.2.1", i + 1) }));
  const a = new Endpoint("a", 1, sockets, { controlling: true });
  network.add(a);
  a.agent.setRemoteParameters(0, {
    usernameFragment: "peer",
    password: "p".repeat(22),
    lite: false,
  });
  a.gather(0);
  for (let i = 0; i < 500; i++) {
    a.agent.addRemoteCandidate(0, remote(`203.0.113.${i & 255}`, { port: 1 + i, priority: i }));
    a.agent.addRemoteCandidate(0, remote(`n${i}.local`));
    a.agent.addRemoteCandidate(0, remote("192.0.2.1", { usernameFragment: `u${i}xx` }));
  }
  network.drainAll();
  const { pairs, remoteCandidates, kept } = a.agent.stats();
  assert.equal(pairs.length, 100);
  assert.equal(remoteCandidates.length, 64);
  assert.equal(kept.pendingCandidates, 64);
  assert.ok(a.eventsOf("resolve").length <= 64);
});

test("Pairs of one foundation are checked one after the other (RFC 8445 §6.1.2.6)", () => {
  const network = new Network(10);
  const a = new Endpoint("a", 1, [{ address: addressOf("192.0.2.1", 1) }], { controlling: true });
  const b = new Endpoint("b", 2, [{ address: addressOf("192.0.2.2", 1002) }]);
  network.add(a, b);
  network.tap = () => false;
  a.agent.setRemoteParameters(0, b.agent.localParameters);
  for (let port = 1; port <= 3; port++) {
    a.agent.addRemoteCandidate(0, remote("192.0.2.2", { port, foundation: "same" }));
  }
  a.agent.addRemoteCandidate(0, remote("192.0.2.2", { port: 4, foundation: "other" }));
  a.gather(0);
  network.drainAll();
  const states = (): string[] => a.agent.stats().pairs.map((pair) => pair.state).sort();
  assert.deepEqual(states(), ["frozen", "frozen", "in-progress", "in-progress"]);
  network.run(39_000);
  assert.deepEqual(states(), ["frozen", "frozen", "in-progress", "in-progress"]);
  // The first of them fails after 39.5 s; the next one of its foundation follows.
  network.run(40_000);
  assert.deepEqual(states(), ["failed", "failed", "frozen", "in-progress"]);
});

test("Ordinary checks are paced by Ta after a burst (RFC 8445 §6.1.4.2, §14.2)", () => {
  const network = new Network(11);
  const a = new Endpoint("a", 1, [{ address: addressOf("192.0.2.1", 1) }], { controlling: true });
  network.add(a);
  network.tap = () => false;
  a.agent.setRemoteParameters(0, {
    usernameFragment: "peer",
    password: "p".repeat(22),
    lite: false,
  });
  a.gather(0);
  for (let i = 1; i <= 10; i++) {
    a.agent.addRemoteCandidate(0, remote(`203.0.113.${i}`, { foundation: `f${i}` }));
  }
  network.run(300);
  const at = network.transcript.map((line) => Number(line.split(" ")[0]));
  assert.deepEqual(at, [0, 0, 0, 0, 50, 100, 150, 200, 250, 300]);
});

test("Parameters outside RFC 8445 §5.3 are refused", () => {
  const { a } = pairUp(12);
  const good = { usernameFragment: "abcd", password: "p".repeat(22), lite: false };
  for (
    const bad of [
      { usernameFragment: "abc" },
      { usernameFragment: "a b c d" },
      { usernameFragment: "x".repeat(257) },
      { password: "p".repeat(21) },
      { password: "p".repeat(257) },
      { password: "p".repeat(21) + "\n" },
    ]
  ) {
    assert.throws(() => a.agent.setRemoteParameters(0, { ...good, ...bad }), IceError);
    assert.throws(() => a.agent.restart(0, { ...good, ...bad }), IceError);
  }
  a.agent.setRemoteParameters(0, { ...good, usernameFragment: "x".repeat(256) });
  a.agent.restart(0, { ...good, usernameFragment: "y".repeat(256) });
  assert.throws(
    () => a.agent.setRemoteParameters(0, { ...good, usernameFragment: "x".repeat(256) }),
    /too long together/,
  );
});

test("A whole session with candidates of every interface completes once everything is told", () => {
  const { network, a, b } = pairUp(13, { delayMs: 3 });
  a.trickle = b.trickle = false;
  introduce(network, a, b);
  for (const candidate of b.candidates) a.agent.addRemoteCandidate(0, candidate);
  network.run(2000);
  assert.deepEqual(a.states, ["checking", "connected"]);
  assert.deepEqual(b.states, ["checking", "connected"], "found by the peer's checks alone");
  a.agent.setRemoteEndOfCandidates(2000);
  b.agent.setRemoteEndOfCandidates(2000);
  network.drainAll();
  assert.ok(isDone(a) && isDone(b));
});
