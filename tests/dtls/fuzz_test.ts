/** Nothing from the network throws, hangs, or takes memory. */
import assert from "node:assert/strict";
import {
  type Entropy,
  randomBytes,
  randomU32,
  seededEntropy,
  utf8Encode,
} from "../../src/base/mod.ts";
import type { DtlsConnection } from "../../src/dtls/mod.ts";
import { test } from "../harness.ts";
import { handshake, record } from "./editing.ts";
import { Pair, seal } from "./support.ts";
import { liveBytes } from "../heap.ts";

/** Every datagram of a handshake and some data behind it, with who sent it. */
function recordedFlights(): { from: "client" | "server"; datagram: Uint8Array }[] {
  const pair = new Pair({ client: { maxDatagramSize: 500 }, server: { maxDatagramSize: 500 } });
  const out: { from: "client" | "server"; datagram: Uint8Array }[] = [];
  pair.tap = (datagram, from) => {
    out.push({ from, datagram: datagram.slice() });
    return datagram;
  };
  pair.connect();
  pair.send("client", utf8Encode("data"));
  pair.send("server", utf8Encode("data"));
  return out;
}

function drain(connection: DtlsConnection): number {
  let sent = 0;
  while (connection.pollTransmit() !== undefined) sent++;
  while (connection.pollEvent() !== undefined);
  connection.flushInput(0);
  while (connection.nextPlaintext() !== undefined);
  return sent;
}

function mutate(datagram: Uint8Array, entropy: Entropy): Uint8Array {
  const copy = datagram.slice(
    0,
    randomU32(entropy) % 8 === 0 ? randomU32(entropy) % datagram.length : undefined,
  );
  const changes = 1 + randomU32(entropy) % 4;
  for (let i = 0; i < changes && copy.length > 0; i++) {
    // Mostly headers and the beginnings of messages: that is where the structure is.
    const span = randomU32(entropy) % 2 === 0 ? Math.min(80, copy.length) : copy.length;
    copy[randomU32(entropy) % span] = randomU32(entropy) & 0xff;
  }
  return copy;
}

/** Looks like a plain record with a handshake fragment in it. */
function forgedFragment(entropy: Entropy): Uint8Array {
  const body = randomBytes(entropy, randomU32(entropy) % 1100);
  const message = handshake(randomU32(entropy) % 24, randomU32(entropy) % 10, body);
  // A message that claims to be longer than this fragment, so that it never is complete.
  message[2]! += 1 + randomU32(entropy) % 120;
  return record(22, 0, randomU32(entropy) % 1000, message);
}

test("Mutated flights never throw, and never connect two peers that differ (RFC 6347 §4.1.2.7)", () => {
  for (let seed = 1; seed <= 150; seed++) {
    const entropy = seededEntropy(seed);
    const pair = new Pair({ seed, client: { maxDatagramSize: 400 } });
    pair.tap = (datagram) => randomU32(entropy) % 3 === 0 ? mutate(datagram, entropy) : datagram;
    pair.start().run(5000);
    if (pair.client.state === "connected" && pair.server.state === "connected") {
      assert.deepEqual(
        pair.client.exportKeyingMaterial("x", 16),
        pair.server.exportKeyingMaterial("x", 16),
        `seed ${seed}`,
      );
    }
  }
});

test("Truncated datagrams change nothing, wherever they are cut (RFC 6347 §4.1.2.7)", () => {
  const pair = new Pair({ client: { maxDatagramSize: 700 }, server: { maxDatagramSize: 700 } });
  pair.tap = (datagram, from) => {
    const to = pair[from === "client" ? "server" : "client"];
    // A cut at the end of a record leaves whole records, which are as good as any.
    for (let cut = 0; cut < 13; cut++) to.handleInput(pair.now, datagram.slice(0, cut));
    to.handleInput(pair.now, datagram.slice(0, -1));
    return datagram;
  };
  pair.connect();
  assert.equal(pair.client.state, "connected");
  assert.equal(pair.server.state, "connected");
});

test("Flights of another connection never throw, in any order and state (RFC 5246 §7.4)", () => {
  const flights = recordedFlights();
  for (let seed = 1; seed <= 60; seed++) {
    const entropy = seededEntropy(seed);
    const pair = new Pair({ seed }).start();
    if (seed % 3 === 0) pair.run(undefined, () => pair.server.state === "connected");
    for (let i = 0; i < 60; i++) {
      const { from, datagram } = flights[randomU32(entropy) % flights.length]!;
      const bytes = randomU32(entropy) % 2 === 0 ? datagram : mutate(datagram, entropy);
      const to = from === "client" ? "server" : "client";
      pair[to].handleInput(pair.now, bytes);
      drain(pair[to]);
    }
    assert.equal(seed % 3 === 0 && pair.server.state !== "connected", false, `seed ${seed}`);
  }
});

test("Random datagrams never throw, in any state", () => {
  const entropy = seededEntropy(77);
  const pair = new Pair().connect();
  const waiting = new Pair().start();
  const closed = new Pair().connect();
  closed.client.close(0);
  const fresh = new Pair();
  for (let i = 0; i < 5000; i++) {
    const bytes = randomBytes(entropy, randomU32(entropy) % 100);
    if (i % 2 === 0 && bytes.length > 13) {
      bytes.set([20 + i % 4, 0xfe, 0xfd, 0, i % 3 === 0 ? 1 : 0]);
      bytes.set([0, bytes.length - 13], 11);
    }
    for (const one of [pair, waiting, closed, fresh]) {
      one.client.handleInput(0, bytes);
      one.server.handleInput(0, bytes);
      drain(one.client);
      drain(one.server);
    }
  }
  assert.equal(pair.client.state, "connected");
  assert.equal(pair.server.state, "connected");
  assert.equal(closed.client.state, "closed");
  assert.equal(fresh.client.state, "new");
});

test("100 000 unauthenticated packets leave memory flat and an established connection alone", () => {
  const entropy = seededEntropy(5);
  const pair = new Pair().connect();
  const [valid] = seal(pair.client, [new Uint8Array(1100)]);
  const waiting = new Pair().server;
  waiting.start(0);
  const handshaking = new Pair();
  handshaking.start();
  handshaking.server.handleInput(0, handshaking.client.pollTransmit()!);
  const victims = [pair.server, waiting, handshaking.server];
  const forged = Array.from({ length: 2000 }, (_, i) => {
    if (i % 2 === 0) return forgedFragment(entropy);
    const copy = valid!.slice();
    copy[5 + i % 6] = i & 0xff;
    copy[copy.length - 1 - i % 16]! ^= 1 + i % 255;
    return copy;
  });
  const before = liveBytes();
  let answers = 0;
  for (let i = 0; i < 100_000; i++) {
    const victim = victims[i % victims.length]!;
    victim.handleInput(0, forged[i % forged.length]!);
    if (i % 16 < 3) answers += drain(victim);
  }
  const grown = liveBytes() - before;
  // Kept, these packets would be 100 MB.
  assert.ok(grown < 16 * 1024 * 1024, `${grown} bytes more`);
  // Not more than a flight and an alert for each victim.
  assert.ok(answers < 20, `${answers} answers`);
  // Nor do forged fragments block a handshake: retransmissions replace them.
  assert.equal(waiting.state, "connecting");
  handshaking.run(undefined, () => handshaking.client.state === "connected");
  assert.equal(handshaking.client.state, "connected");
  assert.equal(handshaking.server.state, "connected");
  assert.equal(pair.server.state, "connected");
  pair.send("client", utf8Encode("still here"));
  pair.run(pair.now + 10);
  assert.equal(pair.received.server.length, 1);
});
