import assert from "node:assert/strict";
import type { Address } from "../../src/base/mod.ts";
import { StunAttribute, StunClass, StunMethod, StunReader } from "../../src/stun/mod.ts";
import { tsCrypto } from "../../src/crypto/mod.ts";
import { test } from "../harness.ts";
import { CONTROLLED, CONTROLLING, message, type Wanted } from "./messages.ts";
import { addressOf, type Endpoint, introduce, isDone, type Network, pairUp } from "./network.ts";

const MALLORY = addressOf("203.0.113.66", 666);

/** Everything about an agent but what it dropped. */
function snapshot({ agent }: Endpoint): string {
  const { drops: _, ...stats } = agent.stats();
  return JSON.stringify([
    stats,
    agent.state,
    agent.pollTimeout(),
    agent.controlling,
    agent.selectedPair?.id,
    agent.isKnownRemote(MALLORY, {}),
  ]);
}

/** Gives bytes to an agent and asserts that it neither answers nor changes. */
function ignores(
  network: Network,
  endpoint: Endpoint,
  bytes: Uint8Array,
  from: Address,
  what: string,
  base: object = endpoint.sockets[0]!,
): void {
  const before = snapshot(endpoint);
  const counted = JSON.stringify(endpoint.agent.stats().drops);
  endpoint.agent.handleInput(network.now, bytes, from, base);
  assert.equal(endpoint.agent.pollTransmit(), undefined, `${what}: answered`);
  assert.equal(endpoint.agent.pollEvent(), undefined, `${what}: told`);
  assert.equal(snapshot(endpoint), before, `${what}: changed`);
  assert.notEqual(JSON.stringify(endpoint.agent.stats().drops), counted, `${what}: not counted`);
}

/** In the middle of checks, and after them. */
function scenes(): { name: string; network: Network; a: Endpoint; b: Endpoint }[] {
  const checking = pairUp(1);
  checking.network.tap = () => false;
  introduce(checking.network, checking.a, checking.b);
  const connected = pairUp(2, { delayMs: 5 });
  introduce(connected.network, connected.a, connected.b);
  connected.network.run(3000, () => isDone(connected.a) && isDone(connected.b));
  connected.network.tap = () => false;
  connected.network.run(12_000);
  return [{ name: "checking", ...checking }, { name: "connected", ...connected }];
}

test("Forged requests get no answer and change nothing (RFC 8445 §7.3, product rule)", () => {
  for (const { name, network, a, b } of scenes()) {
    const ours = a.agent.localParameters, theirs = b.agent.localParameters;
    const good: Wanted = {
      username: `${ours.usernameFragment}:${theirs.usernameFragment}`,
      password: ours.password,
      priority: 0x6e00ffff,
      role: [CONTROLLED, 1, 1],
      useCandidate: true,
    };
    const without = (key: keyof Wanted): Wanted => {
      const { [key]: _, ...rest } = good;
      return rest;
    };
    const forged: Record<string, Uint8Array> = {
      "no USERNAME": message(without("username")),
      "no MESSAGE-INTEGRITY": message(without("password")),
      "a wrong password": message({ ...good, password: "w".repeat(24) }),
      "the peer's password": message({ ...good, password: theirs.password }),
      "an empty password": message({ ...good, password: "" }),
      "another fragment of ours": message({ ...good, username: `xxxx:${theirs.usernameFragment}` }),
      "another fragment of theirs": message({ ...good, username: `${ours.usernameFragment}:xx` }),
      "no fragment of theirs": message({ ...good, username: `${ours.usernameFragment}:` }),
      "the fragments reversed": message({
        ...good,
        username: `${theirs.usernameFragment}:${ours.usernameFragment}`,
      }),
      "no colon": message({ ...good, username: ours.usernameFragment }),
      "no FINGERPRINT": message({ ...good, fingerprint: false }),
      "another method": message({ ...good, method: StunMethod.ALLOCATE }),
      "an indication": message({ ...good, messageClass: StunClass.INDICATION }),
      "only SHA-256 integrity": message({
        ...without("password"),
        extra: (w) =>
          w.integritySha256(
            tsCrypto.createHmac("sha-256", new TextEncoder().encode(ours.password)),
          ),
      }),
      "a role conflict of a stranger": message({
        ...good,
        password: "w".repeat(24),
        role: [CONTROLLING, 0xffffffff, 0],
      }),
    };
    const valid = message(good);
    for (let at = 0; at < valid.length; at += 3) {
      const changed = valid.slice();
      changed[at]! ^= 0x10;
      forged[`byte ${at} changed`] = changed;
    }
    for (let cut = 1; cut < valid.length; cut += 5) {
      forged[`${cut} bytes cut`] = valid.subarray(0, valid.length - cut);
    }
    for (const [what, bytes] of Object.entries(forged)) {
      for (const from of [MALLORY, b.sockets[0]!.address]) {
        ignores(network, a, bytes, from, `${name}, ${what}`);
      }
    }
    ignores(network, a, valid, MALLORY, `${name}, an unknown base`, {});
    // The same message untouched is answered: the forgeries above failed for their own reasons.
    a.agent.handleInput(network.now, valid, b.sockets[0]!.address, a.sockets[0]!);
    assert.notEqual(a.agent.pollTransmit(), undefined);
  }
});

test("Forged responses to checks and consent change nothing (RFC 8445 §7.2.5, RFC 7675)", () => {
  for (const { name, network, a, b } of scenes()) {
    const requests: Uint8Array[] = [];
    network.tap = (bytes, _route, sender) => {
      if (sender === a && bytes[0] === 0) requests.push(bytes.slice());
      return false;
    };
    network.run(network.now + 9000, () => requests.length > 0);
    network.drainAll();
    const id = requests.at(-1)!.subarray(8, 20);
    const { password } = b.agent.localParameters;
    const mapped: Wanted["extra"] = (w) =>
      w.xorAddress(StunAttribute.XOR_MAPPED_ADDRESS, a.sockets[0]!.address);
    const good: Wanted = { messageClass: StunClass.SUCCESS, id, password, extra: mapped };
    const bare: Wanted = { messageClass: StunClass.SUCCESS, id, extra: mapped };
    const failure: Wanted = { messageClass: StunClass.ERROR, id };
    const otherId = id.slice();
    otherId[11]! ^= 1;
    const forged: Record<string, Uint8Array> = {
      "no MESSAGE-INTEGRITY": message(bare),
      "a wrong password": message({ ...good, password: "w".repeat(24) }),
      "our own password": message({ ...good, password: a.agent.localParameters.password }),
      "another transaction ID": message({ ...good, id: otherId }),
      "no FINGERPRINT": message({ ...good, fingerprint: false }),
      "487 without integrity": message({ ...failure, error: 487 }),
      "487 with a wrong password": message({ ...failure, error: 487, password: "w".repeat(24) }),
      "400 without integrity": message({ ...failure, error: 400 }),
      "401 without integrity": message({ ...failure, error: 401 }),
      "an unauthenticated unknown attribute": message({ ...bare, unknown: 0x7001 }),
      "our request reflected": requests.at(-1)!,
    };
    for (const [what, bytes] of Object.entries(forged)) {
      for (const from of [MALLORY, b.sockets[0]!.address]) {
        ignores(network, a, bytes, from, `${name}, ${what}`);
      }
    }
    const valid = message(good);
    if (name === "connected") ignores(network, a, valid, MALLORY, "consent from elsewhere");
    const before = snapshot(a);
    a.agent.handleInput(network.now, valid, b.sockets[0]!.address, a.sockets[0]!);
    assert.notEqual(snapshot(a), before);
    network.drain(a);
    if (name === "checking") {
      ignores(network, a, valid, b.sockets[0]!.address, `${name}, a response replayed`);
    }
  }
});

test("An authenticated response from elsewhere, or void, fails its pair (RFC 8445 §7.2.5.2.1)", () => {
  for (
    const [from, extra, error] of [
      [MALLORY, undefined, undefined],
      [undefined, 0x7001, undefined],
      [undefined, undefined, 400],
      [undefined, undefined, 500],
    ] as const
  ) {
    const { network, a, b } = pairUp(3);
    let id: Uint8Array | undefined;
    network.tap = (bytes, _route, sender) => {
      if (sender === a) id ??= bytes.slice(8, 20);
      return false;
    };
    introduce(network, a, b);
    a.agent.handleInput(
      0,
      message({
        messageClass: error ? StunClass.ERROR : StunClass.SUCCESS,
        id: id!,
        password: b.agent.localParameters.password,
        ...(error && { error }),
        ...(extra && { unknown: extra }),
        extra: (w) => w.xorAddress(StunAttribute.XOR_MAPPED_ADDRESS, a.sockets[0]!.address),
      }),
      from ?? b.sockets[0]!.address,
      a.sockets[0]!,
    );
    assert.equal(a.agent.stats().pairs[0]!.state, "failed");
    assert.equal(a.agent.selectedPair, undefined);
    assert.equal(a.agent.isKnownRemote(MALLORY, a.sockets[0]!), false);
  }
});

test("Authenticated requests that are wrong get 420 and 400 (RFC 8489 §6.3.1, RFC 8445 §7.1.1)", () => {
  const { network, a, b } = pairUp(4);
  network.tap = () => false;
  introduce(network, a, b);
  const { usernameFragment, password } = a.agent.localParameters;
  const username = `${usernameFragment}:${b.agent.localParameters.usernameFragment}`;
  const ask = (wanted: Wanted): StunReader => {
    const before = snapshot(a);
    const bytes = message({ username, password, ...wanted });
    a.agent.handleInput(0, bytes, MALLORY, a.sockets[0]!);
    const reader = new StunReader();
    assert.ok(reader.read(a.agent.pollTransmit()!.bytes.slice()));
    assert.equal(reader.messageClass, StunClass.ERROR);
    assert.ok(reader.verifyIntegrity(
      tsCrypto.createHmac("sha-1", new TextEncoder().encode(password)),
    ));
    assert.equal(snapshot(a), before);
    return reader;
  };
  const unknown = ask({ priority: 1, unknown: 0x7001 });
  assert.equal(unknown.errorCode()!.code, 420);
  assert.deepEqual(unknown.unknownAttributes(), [0x7001]);
  assert.equal(ask({}).errorCode()!.code, 400);
});

test("100 000 unauthenticated packets leave nothing behind", () => {
  const { network, a, b } = pairUp(5);
  introduce(network, a, b);
  network.run(3000, () => isDone(a) && isDone(b));
  const { usernameFragment } = a.agent.localParameters;
  const username = `${usernameFragment}:${b.agent.localParameters.usernameFragment}`;
  const request = message({ username, password: "w".repeat(24), priority: 1, useCandidate: true });
  const response = message({ messageClass: StunClass.SUCCESS, password: "w".repeat(24) });
  const before = snapshot(a);
  for (let i = 0; i < 50_000; i++) {
    const from = addressOf(`203.0.${i >> 8}.${i & 255}`, 1024 + (i % 60_000));
    a.agent.handleInput(network.now, request, from, a.sockets[0]!);
    a.agent.handleInput(network.now, response, from, a.sockets[0]!);
  }
  assert.equal(a.agent.pollTransmit(), undefined);
  assert.equal(snapshot(a), before);
  const { drops } = a.agent.stats();
  assert.equal(drops.unauthenticated, 50_000);
  assert.equal(drops.unmatchedResponses, 50_000);
});

test("A peer that knows the password cannot make state without bound", () => {
  for (const early of [false, true]) {
    const { network, a, b } = pairUp(6);
    network.tap = () => false;
    if (early) a.gather(0);
    else introduce(network, a, b);
    const { usernameFragment, password } = a.agent.localParameters;
    const username = `${usernameFragment}:${b.agent.localParameters.usernameFragment}`;
    for (let i = 0; i < 2000; i++) {
      const bytes = message({ username, password, priority: i, role: [CONTROLLED, 0, 0] });
      a.agent.handleInput(0, bytes, addressOf("203.0.113.9", 1000 + i), a.sockets[0]!);
      a.agent.handleInput(0, bytes, addressOf("203.0.113.9", 1000 + (i & 7)), a.sockets[0]!);
      network.drain(a);
    }
    const { kept, remoteCandidates, pairs } = a.agent.stats();
    assert.ok(remoteCandidates.length <= 64 && pairs.length <= 100);
    assert.ok(kept.knownRemotes <= 64 && kept.earlyChecks <= 16, JSON.stringify(kept));
    assert.ok(kept.checks <= 64 * 9, JSON.stringify(kept));
    if (early) assert.equal(kept.earlyChecks, 16);
    a.agent.close(0);
    assert.deepEqual(a.agent.stats().kept, {
      checks: 0,
      earlyChecks: 0,
      knownRemotes: 0,
      pendingCandidates: 0,
    });
  }
});

test("Checks to addresses that a peer forges are few at once, and paced (RFC 8445 §19.5.1)", () => {
  const { network, a, b } = pairUp(7);
  network.tap = () => false;
  introduce(network, a, b);
  network.drain(a);
  const { usernameFragment, password } = a.agent.localParameters;
  const username = `${usernameFragment}:${b.agent.localParameters.usernameFragment}`;
  const reader = new StunReader();
  let checks = 0, answers = 0;
  const count = (): void => {
    for (let out = a.agent.pollTransmit(); out !== undefined; out = a.agent.pollTransmit()) {
      assert.ok(reader.read(out.bytes));
      if (reader.messageClass === StunClass.REQUEST) checks++;
      else answers++;
    }
  };
  for (let i = 0; i < 60; i++) {
    const bytes = message({ username, password, priority: i, role: [CONTROLLED, 0, 0] });
    a.agent.handleInput(0, bytes, addressOf("198.51.100.7", 1000 + i), a.sockets[0]!);
    count();
  }
  assert.equal(answers, 60, "each request is answered once");
  assert.ok(checks >= 8 && checks <= 12, `${checks} checks at once`);
  // Both pacers together send a check each 25 ms; a check is first repeated after 500 ms.
  for (let now = a.agent.pollTimeout(); now < 400; now = a.agent.pollTimeout()) {
    a.agent.handleTimeout(now);
    count();
  }
  assert.ok(checks <= 12 + 2 * 8, `${checks} checks within 400 ms`);
});

test("awaits tells a response to a request of one's own from all others (RFC 8489 §6.3.3)", () => {
  const { network, a, b } = pairUp(8);
  const ids: Uint8Array[] = [];
  network.tap = (bytes, _route, sender) => {
    if (sender === a) ids.push(bytes.slice(8, 20));
    return false;
  };
  introduce(network, a, b);
  assert.ok(ids.length > 0);
  const answer = { messageClass: StunClass.SUCCESS } as const;
  assert.equal(a.agent.awaits(message({ ...answer, id: ids[0]! })), true);
  assert.equal(b.agent.awaits(message({ ...answer, id: ids[0]! })), false);
  assert.equal(a.agent.awaits(message({ ...answer, id: new Uint8Array(12) })), false);
  assert.equal(a.agent.awaits(message({ id: ids[0]! })), false, "a request");
  assert.equal(a.agent.awaits(new Uint8Array(20)), false);
});
