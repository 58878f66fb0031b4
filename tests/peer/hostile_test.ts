import assert from "node:assert/strict";
import { internAddress, randomU32, seededEntropy, writeU16, writeU32 } from "../../src/base/mod.ts";
import { createCertificate, tsCrypto } from "../../src/crypto/mod.ts";
import { PeerTransport } from "../../src/peer/mod.ts";
import { StunAttribute, StunClass, StunMethod, StunWriter } from "../../src/stun/mod.ts";
import { test } from "../harness.ts";
import { fuzzSeed } from "../fuzz.ts";
import { liveBytes } from "../heap.ts";
import { Pair } from "./pair.ts";

const FLOOD = 100_000;
/** Compiled code and the like; a leak of 100 bytes a packet would be 10 MB. */
const HEAP_SLACK_BYTES = 8 * 1024 * 1024;

/** Packets that someone without any key can make: random, malformed, and nearly right. */
class Stranger {
  readonly #entropy;
  readonly #out = new Uint8Array(1400);
  readonly #writer = new StunWriter();
  readonly #fragment: string;

  constructor(seed: number, fragment: string) {
    this.#entropy = seededEntropy(seed);
    this.#fragment = fragment;
  }

  next(): Uint8Array {
    const out = this.#out;
    this.#entropy(out.subarray(0, 256));
    const length = 1 + randomU32(this.#entropy) % 255;
    switch (randomU32(this.#entropy) % 6) {
      case 0:
        return out.subarray(0, length);
      case 1:
        return this.#forgedStun();
      case 2:
        return this.#record(22, 0, length); // a handshake fragment
      case 3:
        return this.#record(20 + length % 4, length % 3, length);
      case 4:
        return this.#record(21, 0, 2); // a plain alert
      default:
        out[0] = 64 + length % 128;
        return out.subarray(0, length);
    }
  }

  /** Names the right fragment, but cannot know the password. */
  #forgedStun(): Uint8Array {
    const messageClass = randomU32(this.#entropy) % 4 as 0 | 1 | 2 | 3;
    const id = this.#out.slice(0, 12);
    this.#writer.begin(this.#out, 0, StunMethod.BINDING, messageClass, id);
    this.#writer.text(StunAttribute.USERNAME, `${this.#fragment}:evil`);
    if (messageClass === StunClass.REQUEST) this.#writer.flag(StunAttribute.USE_CANDIDATE);
    this.#writer.integrity(tsCrypto.createHmac("sha-1", id));
    return this.#out.subarray(0, this.#writer.fingerprint().finish());
  }

  #record(type: number, epoch: number, length: number): Uint8Array {
    const out = this.#out;
    out[0] = type;
    writeU16(out, 1, 0xfefd);
    writeU16(out, 3, epoch);
    writeU16(out, 5, 0);
    writeU32(out, 7, randomU32(this.#entropy));
    writeU16(out, 11, length);
    return out.subarray(0, 13 + length);
  }
}

const addresses = Array.from({ length: 64 }, (_, i) => internAddress("203.0.113.5", 1024 + i)!);

test("100,000 packets of strangers leave a connected transport and the heap as they were", () => {
  const pair = new Pair(fuzzSeed(21));
  const init = { label: "x", protocol: "", ordered: true, negotiated: false, priority: 256 };
  let heard = 0;
  pair.a.transport.channels.create(init)!.listener = {
    onOpen() {},
    onMessage: () => heard++,
    onBufferedAmountLow() {},
    onClosing() {},
    onClosed() {},
  };
  pair.meet();
  assert.ok(pair.run(() => pair.b.remoteChannels.length === 1, 10_000));
  const { transport } = pair.a;
  const stranger = new Stranger(fuzzSeed(22), transport.ice.localParameters.usernameFragment);
  const flood = (packets: number, source: (i: number) => typeof pair.b.address) => {
    const sent: number[] = [];
    const sink = {
      transmit: (_: object, bytes: Uint8Array) => void sent.push(bytes[0]!),
      flush() {},
    };
    for (let i = 0; i < packets; i++) {
      transport.handleDatagram(pair.clock.now, stranger.next(), source(i), pair.a.base);
      if (i % 32 === 0) {
        transport.endBatch(pair.clock.now);
        transport.drain(pair.clock.now, sink);
      }
    }
    return sent;
  };
  flood(2000, (i) => addresses[i % 64]!);
  const before = liveBytes();
  assert.deepEqual(flood(FLOOD, (i) => addresses[i % 64]!), [], "strangers get no answer");
  // The same with the peer's own address forged: an attacker who can spoof, and has no keys.
  assert.deepEqual(flood(FLOOD / 10, () => pair.b.address), [], "forgeries get no answer");
  assert.ok(liveBytes() - before < HEAP_SLACK_BYTES, "the heap grew");
  assert.equal(transport.dtls!.state, "connected");
  assert.equal(pair.b.remoteChannels[0]!.send(new Uint8Array(100), false), "ok");
  assert.ok(pair.run(() => heard === 1, 1000), "the peer is no longer heard");
});

test("100,000 packets of strangers leave a transport that waits for its peer as it was", () => {
  const entropy = seededEntropy(fuzzSeed(23));
  const silent = {
    onIce() {},
    onDtls() {},
    onSctpState() {},
    onDataChannel() {},
    onTouch: () => 0,
  };
  const transport = new PeerTransport(0, {
    crypto: tsCrypto,
    entropy,
    certificate: createCertificate({ crypto: tsCrypto, entropy, nowMs: 1.8e12 }),
    controlling: false,
    listener: silent,
  });
  const base = {};
  transport.ice.addLocalBase(0, { base, type: "host", address: internAddress("10.0.0.1", 5000)! });
  const stranger = new Stranger(fuzzSeed(24), transport.ice.localParameters.usernameFragment);
  const sink = { transmit: () => assert.fail("an answer to a stranger"), flush() {} };
  const before = liveBytes();
  for (let i = 0; i < FLOOD; i++) {
    transport.handleDatagram(0, stranger.next(), addresses[i % 64]!, base);
    transport.drain(0, sink);
  }
  assert.ok(liveBytes() - before < HEAP_SLACK_BYTES, "the heap grew");
  assert.equal(transport.ice.remoteCandidates.length, 0);
});
