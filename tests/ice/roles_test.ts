import assert from "node:assert/strict";
import { StunAttribute, StunClass, StunReader } from "../../src/stun/mod.ts";
import { test } from "../harness.ts";
import { CONTROLLED, CONTROLLING, message } from "./messages.ts";
import { addressOf, Endpoint, introduce, isDone, Network, pairUp } from "./network.ts";

for (const controlling of [true, false]) {
  test(`Two ${controlling ? "controlling" : "controlled"} agents settle their roles (RFC 8445 §7.3.1.1)`, () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { network, a, b } = pairUp(
        seed,
        { delayMs: seed % 3, loss: seed > 10 ? 0.1 : 0 },
        { controlling },
        { controlling },
      );
      introduce(network, a, b);
      network.run(30_000, () => isDone(a) && isDone(b));
      assert.ok(isDone(a) && isDone(b), `seed ${seed}: ${a.states} | ${b.states}`);
      assert.notEqual(a.agent.controlling, b.agent.controlling, `seed ${seed}`);
      assert.equal(a.eventsOf("role").length + b.eventsOf("role").length > 0, true);
    }
  });
}

test("Only an authenticated 487 switches the role, once, with a new tie-breaker (RFC 8445 §7.2.5.1)", () => {
  const { network, a, b } = pairUp(1);
  const requests: Uint8Array[] = [];
  network.tap = (bytes, _route, sender) => {
    if (sender === a && bytes[0] === 0 && bytes[1] === 1) requests.push(bytes.slice());
    return false;
  };
  introduce(network, a, b);
  const id = requests[0]!.subarray(8, 20);
  const error = { messageClass: StunClass.ERROR, id, error: 487 };
  const [socket, from] = [a.sockets[0]!, b.sockets[0]!.address];
  for (const password of [undefined, "x".repeat(24), a.agent.localParameters.password]) {
    a.agent.handleInput(0, message({ ...error, ...(password && { password }) }), from, socket);
    assert.equal(a.agent.controlling, true);
  }
  const { password } = b.agent.localParameters;
  a.agent.handleInput(0, message({ ...error, password }), from, socket);
  network.drain(a);
  assert.equal(a.agent.controlling, false);
  const [first, second] = requests.slice(-2).map((bytes) => {
    const reader = new StunReader();
    reader.read(bytes);
    return reader.value(CONTROLLING)?.join() ?? reader.value(CONTROLLED)!.join();
  });
  assert.equal(requests.length, 2);
  assert.notEqual(first, second);
});

test("The larger tie-breaker keeps its role and answers 487 (RFC 8445 §7.3.1.1)", () => {
  for (
    const [controlling, type, high, keeps] of [
      [true, CONTROLLING, 0, true],
      [true, CONTROLLING, 0xffffffff, false],
      [false, CONTROLLED, 0, false],
      [false, CONTROLLED, 0xffffffff, true],
      [true, CONTROLLED, 0xffffffff, true],
      [false, CONTROLLING, 0, true],
    ] as const
  ) {
    const { network, a, b } = pairUp(9, {}, { controlling });
    a.agent.setRemoteParameters(0, b.agent.localParameters);
    a.gather(0);
    network.drain(a);
    const replies: number[] = [];
    network.tap = (bytes) => {
      const reader = new StunReader();
      reader.read(bytes);
      if (reader.messageClass === StunClass.ERROR) replies.push(reader.errorCode()!.code);
      return false;
    };
    const { usernameFragment, password } = a.agent.localParameters;
    a.agent.handleInput(
      0,
      message({
        username: `${usernameFragment}:${b.agent.localParameters.usernameFragment}`,
        password,
        priority: 1,
        role: [type, high, 5],
      }),
      b.sockets[0]!.address,
      a.sockets[0]!,
    );
    network.drain(a);
    assert.equal(a.agent.controlling === controlling, keeps);
    const conflict = (type === CONTROLLING) === controlling;
    assert.deepEqual(replies, conflict && keeps ? [487] : []);
  }
});

test("A full agent is controlling towards a lite one, and nominates (RFC 8445 §6.1.1, §7.3.2)", () => {
  for (const bLite of [true, false]) {
    const { network, a, b } = pairUp(3, { delayMs: 10, loss: 0.1 }, {
      controlling: false,
      lite: !bLite,
    }, { controlling: true, lite: bLite });
    introduce(network, a, b);
    network.run(20_000, () => isDone(a) && isDone(b));
    assert.ok(isDone(a) && isDone(b), `${a.states} | ${b.states}`);
    assert.equal(a.agent.controlling, bLite);
    assert.equal(b.agent.controlling, !bLite);
    const lite = bLite ? b : a;
    assert.equal(lite.agent.stats().pairs[0]!.requestsSent, 0);
    network.run(network.now + 120_000);
    assert.ok(isDone(a) && isDone(b), "consent keeps both alive");
    assert.equal(lite.agent.stats().pairs[0]!.consentRequestsSent, 0);
    for (const endpoint of [a, b]) if (endpoint !== lite) endpoint.agent.close(network.now);
    network.run(network.now + 12_000);
    assert.equal(lite.agent.state, "disconnected");
    network.run(network.now + 30_000);
    assert.equal(lite.agent.state, "failed");
    assert.equal(lite.agent.selectedPair, undefined);
  }
});

test("Two lite agents use what they signaled (RFC 8445 §8.2)", () => {
  const { network, a, b } = pairUp(3, {}, { lite: true }, { lite: true });
  introduce(network, a, b);
  network.run(100);
  assert.ok(isDone(a) && isDone(b));
  assert.equal(a.sent + b.sent, 0);
  assert.equal(a.agent.selectedPair!.address, b.sockets[0]!.address);
});

test("A controlled agent follows aggressive nomination to the best pair (RFC 5245 §8.1.1.2)", () => {
  const network = new Network(4);
  const b = new Endpoint("b", 2, [{ address: addressOf("192.0.2.2", 2) }]);
  network.add(b);
  const peer = { usernameFragment: "peer", password: "p".repeat(22), lite: false };
  b.agent.setRemoteParameters(0, peer);
  b.gather(0);
  const { usernameFragment, password } = b.agent.localParameters;
  const from = [addressOf("192.0.2.10", 10), addressOf("192.0.2.11", 11)];
  // The peer: nominates with every check and answers every check.
  network.tap = (bytes, { to }) => {
    const reader = new StunReader();
    reader.read(bytes);
    if (reader.messageClass !== StunClass.REQUEST) return false;
    assert.equal(reader.has(StunAttribute.USE_CANDIDATE), false);
    const answer = message({
      messageClass: StunClass.SUCCESS,
      id: reader.transactionId(),
      password: peer.password,
      extra: (w) => w.xorAddress(StunAttribute.XOR_MAPPED_ADDRESS, b.sockets[0]!.address),
    });
    network.link.send(network.now, answer, { from: to, to: b.sockets[0]!.address });
    return false;
  };
  const nominate = (address: (typeof from)[0], priority: number): void => {
    b.agent.handleInput(
      network.now,
      message({
        username: `${usernameFragment}:peer`,
        password,
        priority,
        role: [CONTROLLING, 1, 1],
        useCandidate: true,
      }),
      address,
      b.sockets[0]!,
    );
    network.run(network.now + 10);
  };
  nominate(from[0]!, 1000);
  assert.equal(b.agent.selectedPair?.address, from[0]);
  nominate(from[1]!, 2000);
  assert.equal(b.agent.selectedPair?.address, from[1], "the higher priority");
  nominate(from[0]!, 1000);
  assert.equal(b.agent.selectedPair?.address, from[1], "stays there");
  // The path of the better one dies; the peer nominates the other again.
  const answer = network.tap;
  network.tap = (bytes, route, sender) =>
    route.to === from[1] ? false : answer(bytes, route, sender);
  network.run(network.now + 12_000);
  nominate(from[0]!, 1000);
  assert.equal(b.agent.selectedPair?.address, from[0], "the one that lives");
  assert.equal(b.agent.state, "connected");
  assert.equal(b.agent.stats().selectedCandidatePairChanges, 3);
});
