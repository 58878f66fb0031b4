import assert from "node:assert/strict";
import { test } from "../harness.ts";
import { addressOf, Endpoint, introduce, isDone, isUp, Nat, Network, pairUp } from "./network.ts";

test("Two agents on loopback connect in the same millisecond and complete", () => {
  const { network, a, b } = pairUp(1);
  introduce(network, a, b);
  network.run(1, () => isUp(a) && isUp(b));
  assert.equal(network.now, 0);
  network.run(200, () => isDone(a) && isDone(b));
  assert.equal(network.now, 0);
  assert.deepEqual(a.states, ["checking", "connected", "completed"]);
  assert.deepEqual(b.states, ["checking", "connected", "completed"]);
  assert.equal(a.agent.selectedPair?.address, b.sockets[0]!.address);
  assert.equal(b.agent.selectedPair?.base, b.sockets[0]);
  assert.equal(a.agent.isKnownRemote(b.sockets[0]!.address, a.sockets[0]!), true);
  assert.equal(a.agent.isKnownRemote(b.sockets[0]!.address, b.sockets[0]!), false);
  assert.equal(a.agent.isKnownRemote(a.sockets[0]!.address, a.sockets[0]!), false);
  const pair = a.agent.stats().pairs[0]!;
  assert.equal(pair.nominated && pair.selected && pair.state === "succeeded", true);
});

for (const loss of [0, 0.05, 0.1, 0.2]) {
  test(`Agents connect with ${100 * loss} % loss, delay and reordering (RFC 8445 §14.3)`, () => {
    for (let seed = 1; seed <= 30; seed++) {
      const { network, a, b } = pairUp(seed, {
        loss,
        delayMs: 30 + 9 * seed,
        jitterMs: 20,
        reorder: 0.1,
        duplicate: 0.05,
      });
      introduce(network, a, b);
      network.run(39_000, () => isDone(a) && isDone(b));
      assert.ok(isDone(a) && isDone(b), `seed ${seed}: ${a.states} | ${b.states}`);
    }
  });
}

test("An agent behind a NAT is found as peer-reflexive (RFC 8445 §7.3.1.3)", () => {
  const network = new Network(3, { delayMs: 10 });
  const inside = addressOf("10.0.0.7", 5000);
  const a = new Endpoint("a", 1, [{ address: inside, nat: new Nat("198.51.100.1") }], {
    controlling: true,
  });
  const b = new Endpoint("b", 2, [{ address: addressOf("192.0.2.2", 1002) }]);
  network.add(a, b);
  introduce(network, a, b);
  network.run(5000, () => isUp(a) && isUp(b));
  assert.equal(b.agent.selectedPair?.remote.type, "prflx");
  assert.equal(b.agent.selectedPair?.remote.address, "198.51.100.1");
  assert.equal(a.agent.selectedPair?.local.type, "prflx");
  assert.equal(a.agent.selectedPair?.local.address, "198.51.100.1");
  assert.equal(a.agent.selectedPair?.local.relatedAddress, "10.0.0.7");
  assert.equal(a.agent.selectedPair?.base, a.sockets[0]);
  const { candidate } = a.agent.stats().localCandidates.find((one) =>
    one.candidate.type === "prflx"
  )!;
  // RFC 8445 §7.2.5.3.1: its priority is the PRIORITY of the check.
  assert.equal(candidate.priority >>> 24, 110);
  network.run(60_000);
  assert.ok(isUp(a) && isUp(b), "consent goes on through the NAT");
});

test("Signaled server-reflexive candidates connect two NATs (RFC 8445 §6.1.2.4)", () => {
  const network = new Network(4, { delayMs: 10 });
  const nats = [new Nat("198.51.100.1"), new Nat("198.51.100.2")];
  const [a, b] = nats.map((nat, i) =>
    new Endpoint("ab"[i]!, i, [{ address: addressOf("10.0.0.7", 5000 + i), nat }], {
      controlling: i === 0,
    })
  ) as [Endpoint, Endpoint];
  network.add(a, b);
  introduce(network, a, b);
  for (const [endpoint, nat] of [[a, nats[0]!], [b, nats[1]!]] as const) {
    const socket = endpoint.sockets[0]!;
    const mapped = nat.outbound(socket.address, addressOf("203.0.113.1", 3478));
    endpoint.agent.addLocalBase(network.now, {
      base: socket,
      type: "srflx",
      address: mapped,
      relatedAddress: socket.address,
      url: "stun:203.0.113.1",
    });
  }
  network.run(5000, () => isUp(a) && isUp(b));
  assert.equal(a.agent.selectedPair?.local.type, "srflx");
  assert.equal(a.agent.selectedPair?.remote.type, "srflx");
  const { localCandidates, pairs } = a.agent.stats();
  assert.equal(localCandidates.length, 2);
  assert.ok(pairs.every((pair) => pair.state !== "frozen"));
});

test("The address the peer saw of a symmetric NAT becomes a candidate (RFC 8445 §7.2.5.3.1)", () => {
  const network = new Network(5, { delayMs: 10 });
  const a = new Endpoint("a", 1, [
    { address: addressOf("10.0.0.7", 5000), nat: new Nat("198.51.100.1", true) },
  ], { controlling: false });
  const b = new Endpoint("b", 2, [
    { address: addressOf("192.0.2.2", 1002) },
    { address: addressOf("192.0.2.3", 1003) },
  ], { controlling: true });
  network.add(a, b);
  introduce(network, a, b);
  network.run(5000, () => isDone(a) && isDone(b));
  assert.ok(isDone(a) && isDone(b));
  assert.ok(a.agent.stats().localCandidates.filter((x) => x.candidate.type === "prflx").length > 0);
});

test("IPv6 and IPv4 pairs are formed within their family, IPv6 first (RFC 8421 §4)", () => {
  const network = new Network(6, { delayMs: 5 });
  const sockets = (n: number) => [
    { address: addressOf(`192.0.2.${n}`, 1000 + n) },
    { address: addressOf(`198.51.100.${n}`, 2000 + n) },
    { address: addressOf(`2001:db8::${n}`, 3000 + n) },
    { address: addressOf(`fe80::${n}`, 4000 + n) },
  ];
  const a = new Endpoint("a", 1, sockets(1), { controlling: true });
  const b = new Endpoint("b", 2, sockets(2));
  network.add(a, b);
  introduce(network, a, b);
  network.run(5000, () => isDone(a) && isDone(b));
  assert.equal(a.agent.selectedPair?.remote.address, "2001:db8::2");
  const preferences = a.candidates.map((one) => (one.priority >>> 8) & 0xffff);
  assert.deepEqual(preferences, [65534, 65532, 65535, 65533]);
});

test("A better pair that answers a little later is nominated (RFC 8445 §8.1.1)", () => {
  const network = new Network(7, { delayMs: 10 });
  const a = new Endpoint("a", 1, [
    { address: addressOf("2001:db8::1", 1) },
    { address: addressOf("192.0.2.1", 1) },
  ], { controlling: true });
  const b = new Endpoint("b", 2, [
    { address: addressOf("2001:db8::2", 2) },
    { address: addressOf("192.0.2.2", 2) },
  ]);
  network.add(a, b);
  // The first IPv6 packets are lost; triggered checks of the other side make up for it.
  let lost = 0;
  network.tap = (_bytes, { to }) => to.family === 4 || lost++ >= 2;
  introduce(network, a, b);
  network.run(3000, () => isDone(a) && isDone(b));
  assert.ok(isDone(a));
  const nominated = a.agent.stats().pairs.filter((pair) => pair.nominated);
  assert.equal(nominated.length, 1);
  assert.ok(network.now < 400, `nominated at ${network.now}`);
});

test("Equal seeds give equal transcripts", () => {
  const once = (): string => {
    const { network, a, b } = pairUp(42, { loss: 0.2, delayMs: 40, jitterMs: 30, reorder: 0.2 });
    introduce(network, a, b);
    network.run(60_000);
    return network.transcript.join("\n");
  };
  const first = once();
  assert.ok(first.length > 1000);
  assert.equal(once(), first);
});

test("A spurious handleTimeout is harmless, and pollTimeout never lies in the past", () => {
  const { network, a, b } = pairUp(8, { delayMs: 20, loss: 0.1 });
  introduce(network, a, b);
  for (let until = 0; until < 60_000; until += 97) {
    network.run(until);
    for (const { agent } of [a, b]) {
      agent.handleTimeout(network.now);
      agent.handleTimeout(network.now);
      assert.ok(agent.pollTimeout() > network.now);
    }
  }
  assert.ok(isUp(a) && isUp(b));
});
