import assert from "node:assert/strict";
import type { DataChannel, DataChannelInit } from "../../src/peer/mod.ts";
import { test } from "../harness.ts";
import { fuzzSeed } from "../fuzz.ts";
import { type End, Pair } from "./pair.ts";

const RELIABLE: DataChannelInit = {
  label: "chat",
  protocol: "",
  ordered: true,
  negotiated: false,
  priority: 256,
};

/** Notes what happens to a channel. */
function watch(channel: DataChannel): { log: string[]; messages: (string | number)[] } {
  const log: string[] = [], messages: (string | number)[] = [];
  channel.listener = {
    onOpen: () => log.push("open"),
    onMessage: (data, isText) =>
      messages.push(isText ? new TextDecoder().decode(data) : data.length),
    onBufferedAmountLow: () => log.push("low"),
    onClosing: () => log.push("closing"),
    onClosed: (failure) =>
      log.push(failure === undefined ? "closed" : `failed ${failure.sctpCause}`),
  };
  return { log, messages };
}

const text = (value: string) => new TextEncoder().encode(value);

function connected(
  seed = 1,
  conditions = {},
): { pair: Pair; ours: DataChannel; theirs: DataChannel } {
  const pair = new Pair(fuzzSeed(seed), conditions);
  const ours = pair.a.transport.channels.create(RELIABLE)!;
  pair.meet();
  assert.ok(pair.run(() => pair.b.remoteChannels.length === 1, 60_000), "no channel");
  return { pair, ours, theirs: pair.b.remoteChannels[0]! };
}

test("PeerTransport connects ICE, DTLS and SCTP in this order (RFC 8827 §5)", () => {
  const { pair } = connected();
  const order = (end: End) => end.events.filter((event) => /connected|new|checking/.test(event));
  for (const end of [pair.a, pair.b]) {
    const events = order(end);
    assert.ok(events.indexOf("ice connected") < events.indexOf("dtls connected"), events.join());
    assert.ok(events.indexOf("dtls connected") < events.indexOf("sctp connected"), events.join());
  }
});

test("PeerTransport agrees on an SRTP profile, which other stacks insist on (RFC 8827 §6.5)", () => {
  const { pair } = connected();
  for (const { transport } of [pair.a, pair.b]) {
    assert.equal(transport.dtls?.srtpProfile, "SRTP_AEAD_AES_128_GCM");
  }
});

test("a channel created on a connected association opens with its listener in place (W3C §6.2.2)", () => {
  const { pair } = connected();
  const heard: string[] = [];
  const channel = pair.a.transport.channels.create(RELIABLE, (prepared) => {
    assert.equal(prepared.state, "connecting");
    prepared.listener = {
      onOpen: () => heard.push("open"),
      onMessage: () => {},
      onBufferedAmountLow: () => {},
      onClosing: () => heard.push("closing"),
      onClosed: () => heard.push("closed"),
    };
  });
  assert.equal(channel?.state, "open");
  assert.deepEqual(heard, ["open"]);
});

test("PeerTransport connects within ten round trips on a clean path", () => {
  const pair = new Pair(fuzzSeed(3), { delayMs: 10 });
  pair.a.transport.channels.create(RELIABLE);
  pair.meet();
  const from = pair.clock.now;
  assert.ok(pair.run(() => pair.b.remoteChannels.length === 1, 5000));
  assert.ok(pair.clock.now - from <= 200, `${pair.clock.now - from} ms`);
});

test("a channel carries text, bytes and nothing at all, each way (RFC 8831 §6.6)", () => {
  const { pair, ours, theirs } = connected();
  const a = watch(ours), b = watch(theirs);
  for (const [channel, far] of [[ours, b], [theirs, a]] as const) {
    assert.equal(channel.send(text("grüß dich"), true), "ok");
    assert.equal(channel.send(new Uint8Array(0), true), "ok");
    assert.equal(channel.send(new Uint8Array(0), false), "ok");
    assert.equal(channel.send(new Uint8Array(262_144), false), "ok");
    assert.equal(channel.send(new Uint8Array(262_145), false), "too-large");
    assert.ok(pair.run(() => far.messages.length === 4, 60_000));
    assert.deepEqual(far.messages, ["grüß dich", "", 0, 262_144]);
  }
});

test("channels of the DTLS client have even identifiers, of the server odd ones (RFC 8832 §6)", () => {
  const { pair, ours } = connected();
  assert.equal(ours.id, 1);
  const even = pair.b.transport.channels.create(RELIABLE)!;
  assert.equal(even.id, 0);
  assert.equal(pair.a.transport.channels.create(RELIABLE)!.id, 3);
  assert.equal(pair.a.transport.channels.create({ ...RELIABLE, id: 3 }), undefined);
});

test("a channel that one side closes is closed on both, and its identifier is free (RFC 8831 §6.7)", () => {
  const { pair, ours, theirs } = connected();
  for (let round = 0; round < 20; round++) {
    const channel = round === 0 ? ours : pair.a.transport.channels.create(RELIABLE)!;
    assert.ok(pair.run(() => pair.b.remoteChannels.length > round, 10_000));
    const far = pair.b.remoteChannels[round]!;
    const logs = [watch(channel).log, watch(far).log];
    channel.send(text(`round ${round}`), true);
    (round % 2 === 0 ? channel : far).close();
    assert.ok(pair.run(() => logs.every((log) => log.includes("closed")), 10_000), `${round}`);
    assert.equal(channel.id, 1);
    const order = logs.map((log) => log.filter((entry) => entry !== "low"));
    assert.deepEqual(order, [["closing", "closed"], ["closing", "closed"]]);
  }
  assert.equal(theirs.state, "closed");
});

test("what was sent before close arrives before the channel closes (W3C webrtc-pc §6.2.4)", () => {
  const { pair, ours, theirs } = connected(5, { loss: 0.1, delayMs: 20 });
  const far = watch(theirs);
  for (let i = 0; i < 50; i++) ours.send(text(`${i}`), true);
  ours.close();
  assert.equal(ours.send(text("late"), true), "closed");
  assert.ok(pair.run(() => far.log.includes("closed"), 60_000));
  assert.equal(far.messages.length, 50);
});

test("a channel beyond the streams of the association fails, the others live (W3C §6.1.1.2)", () => {
  const pair = new Pair(fuzzSeed(8));
  const last = pair.a.transport.channels.create({ ...RELIABLE, negotiated: true, id: 65_534 })!;
  const beyond = pair.a.transport.channels.create({ ...RELIABLE, negotiated: true, id: 65_535 })!;
  const log = watch(beyond).log;
  pair.meet();
  assert.ok(pair.run(() => last.state === "open", 10_000));
  assert.deepEqual(log, ["failed undefined"]);
});

test("a negotiated channel opens on both sides without DCEP (RFC 8831 §6.4)", () => {
  const pair = new Pair(fuzzSeed(9));
  const init = { ...RELIABLE, negotiated: true, id: 77 };
  const [a, b] = [pair.a, pair.b].map((end) => end.transport.channels.create(init)!);
  const far = watch(b!);
  watch(a!);
  pair.meet();
  assert.ok(pair.run(() => a!.state === "open" && b!.state === "open", 10_000));
  a!.send(text("hello"), true);
  assert.ok(pair.run(() => far.messages.length === 1, 10_000));
  assert.equal(pair.b.remoteChannels.length, 0);
});

test("the other side of a closed connection hears of it at once (RFC 9260 §9.1)", () => {
  const { pair, ours, theirs } = connected();
  const near = watch(ours), far = watch(theirs);
  pair.a.transport.close(pair.clock.now, pair.a);
  assert.ok(pair.run(() => far.log.length > 0, 1000));
  // RFC 9260 §3.3.10.12: User-Initiated Abort.
  assert.deepEqual(far.log, ["failed 12"]);
  assert.deepEqual(near.log, []);
  assert.ok(pair.run(() => pair.b.events.includes("dtls closed"), 1000));
});

test("a peer whose certificate does not have the signaled fingerprint is refused (RFC 8122 §5)", () => {
  const pair = new Pair(fuzzSeed(11));
  const wrong = pair.a.certificate.fingerprint("sha-256");
  pair.a.transport.channels.create(RELIABLE);
  pair.a.meet("server", wrong);
  pair.b.meet("client");
  pair.a.gather();
  pair.b.gather();
  assert.ok(pair.run(() => pair.a.events.includes("dtls failed"), 30_000));
  assert.ok(pair.a.events.includes("dtls error fingerprint-failure"));
  assert.ok(pair.run(() => pair.b.events.includes("dtls failed"), 30_000));
  assert.ok(!pair.a.events.includes("sctp connected") && !pair.b.events.includes("sctp connected"));
});

test("ICE restart keeps data flowing on the association there is (RFC 8445 §9)", () => {
  const { pair, ours, theirs } = connected(13, { delayMs: 15 });
  const far = watch(theirs);
  pair.a.transport.ice.restart(pair.clock.now);
  pair.b.transport.ice.restart(pair.clock.now);
  ours.send(text("during"), true);
  assert.ok(pair.run(() => far.messages.length === 1, 1000), "the old pair carries data");
  pair.meet();
  pair.run(() => false, 2000);
  ours.send(text("after"), true);
  assert.ok(pair.run(() => far.messages.length === 2, 1000));
  assert.equal(pair.a.events.filter((event) => event === "dtls connected").length, 1);
});

test("a ClientHello that overtakes its answer is kept until the answer is there (RFC 9429 §5.11)", () => {
  const pair = new Pair(fuzzSeed(15), { delayMs: 5 });
  pair.a.transport.channels.create(RELIABLE);
  for (let i = 0; i < 11; i++) {
    pair.a.transport.handleDatagram(pair.clock.now, clientHelloOf(), pair.b.address, pair.a.base);
  }
  assert.equal(pair.a.transport.dropped, 11, "who has not checked with our password is a stranger");
  // The answerer sends its real hello while the offerer does not know the answer yet.
  pair.b.meet("client");
  pair.a.gather();
  pair.b.gather();
  pair.run(() => false, 100);
  const before = pair.a.transport.dropped;
  for (let i = 0; i < 11; i++) {
    pair.a.transport.handleDatagram(pair.clock.now, clientHelloOf(), pair.b.address, pair.a.base);
  }
  assert.ok(pair.a.transport.dropped >= before + 7, "four datagrams are kept at most");
  pair.a.meet("server");
  assert.ok(pair.run(() => pair.b.remoteChannels.length === 1, 10_000));
});

test("datagrams of other protocols and from strangers change nothing (RFC 7983 §7)", () => {
  const { pair, ours, theirs } = connected();
  const far = watch(theirs);
  const before = pair.b.transport.dropped;
  for (const first of [16, 64, 100, 128, 200]) {
    pair.b.transport.handleDatagram(
      pair.clock.now,
      new Uint8Array(40).fill(first),
      pair.a.address,
      pair.b.base,
    );
  }
  const stranger = new Pair(1).a;
  const dtls = new Uint8Array([23, 254, 253, 0, 1, 0, 0, 0, 0, 0, 9, 0, 1, 7]);
  pair.b.transport.handleDatagram(pair.clock.now, dtls, stranger.address, {});
  pair.b.transport.endBatch(pair.clock.now);
  assert.equal(pair.b.transport.dropped, before + 6);
  ours.send(text("still here"), true);
  assert.ok(pair.run(() => far.messages.length === 1, 1000));
});

test("the same seed makes the same run, packet by packet", () => {
  const transcript = () => {
    const { pair, ours } = connected(17, { loss: 0.1, reorder: 0.1, delayMs: 20 });
    ours.send(new Uint8Array(50_000), false);
    pair.run(() => false, 3000);
    return JSON.stringify([pair.a.transport.counters, pair.b.transport.counters, pair.clock]);
  };
  assert.equal(transcript(), transcript());
});

function clientHelloOf(): Uint8Array {
  const hello = new Uint8Array(60);
  hello.set([22, 254, 255]);
  return hello;
}
