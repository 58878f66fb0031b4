import assert from "node:assert/strict";
import fc from "fast-check";
import { add32, hexDecode, NEVER, readU32, seededEntropy, writeU32 } from "../../src/base/mod.ts";
import { SctpAssociation } from "../../src/sctp/mod.ts";
import { sealPacket } from "../../src/sctp/packet.ts";
import { test } from "../harness.ts";
import { Pair, type PairOptions, payload } from "./pair.ts";

/** A pair whose side `a` is impersonated: packets with its tag reach `b`. */
class Forger {
  readonly pair: Pair;
  /** Tag that `b` expects. */
  tag = 0;
  /** The TSN that `a` would use next. */
  tsn: number;
  /** First chunks that `b` sent. */
  readonly answers: Uint8Array[] = [];

  constructor(options: PairOptions = {}) {
    this.tsn = 0xffff_ff00;
    const both = { interleaving: false, ...options.both };
    this.pair = new Pair({
      ...options,
      both,
      a: { initialNumbers: { tsn: this.tsn }, ...options.a },
    });
    this.pair.a.filter = (packet) => {
      this.tag = readU32(packet, 4) || this.tag;
      return true;
    };
    this.pair.connect();
    this.pair.run(2000);
    this.pair.a.filter = () => false;
    this.pair.b.filter = (packet) => this.answers.push(packet.slice(12)) > 0;
  }

  get b(): SctpAssociation {
    return this.pair.b.sctp;
  }

  /** A packet with these chunks. */
  packet(chunks: string | Uint8Array, tag = this.tag): Uint8Array {
    const body = typeof chunks === "string" ? hexDecode(chunks)! : chunks;
    const packet = new Uint8Array(12 + body.length);
    packet.set([0x13, 0x88, 0x13, 0x88]);
    writeU32(packet, 4, tag);
    packet.set(body, 12);
    sealPacket(packet, 0, packet.length);
    return packet;
  }

  /** Lets `b` take these chunks. */
  send(chunks: string | Uint8Array, tag = this.tag): void {
    this.b.handleInput(this.pair.now, this.packet(chunks, tag));
  }

  /** A DATA chunk with a payload of `length` bytes. */
  data(tsn: number, stream: number, ssn: number, flags: number, length = 4): Uint8Array {
    const out = new Uint8Array(16 + ((length + 3) & ~3));
    out.set([0, flags, (16 + length) >> 8, 16 + length]);
    writeU32(out, 4, tsn);
    out.set([stream >> 8, stream, ssn >> 8, ssn, 0, 0, 0, 53], 8);
    return out;
  }

  messages(): number {
    this.pair.drain();
    return this.pair.b.of("message").length;
  }
}

test("DATA without an association makes none, and is answered by ABORT (RFC 9260 §5.1.3, §8.4)", () => {
  const sctp = new SctpAssociation({
    entropy: seededEntropy(1),
    localPort: 5000,
    remotePort: 5000,
    maxMessageSize: 1000,
    remoteMaxMessageSize: 1000,
    maxPacketSize: 1188,
  });
  const packet = hexDecode(
    "13881388" + "0badcafe" + "00000000" + "00030014" + "00000001" + "00000000" + "00000035" +
      "68656c6c",
  )!;
  sealPacket(packet, 0, packet.length);
  sctp.handleInput(0, packet);
  assert.equal(sctp.state, "closed");
  assert.equal(sctp.pollEvent(), undefined);
  const out = new Uint8Array(100);
  const end = sctp.pollTransmit(0, out, 0, 100);
  assert.equal(readU32(out, 4), 0x0badcafe);
  assert.deepEqual([...out.subarray(12, end)], [6, 1, 0, 4]);
  assert.equal(sctp.pollTransmit(0, out, 0, 100), 0);
  assert.equal(sctp.pollTimeout(), NEVER);
});

test("A COOKIE ECHO that we did not issue makes no association (RFC 9260 §5.1.5)", () => {
  const forger = new Forger();
  let cookie: Uint8Array | undefined;
  const pair = new Pair({ seed: 5 });
  pair.a.filter = (packet) => {
    if (packet[12] !== 10) return true;
    cookie = packet.slice();
    return false;
  };
  pair.a.sctp.connect(pair.now);
  pair.run(500);
  const good = cookie!;
  for (let i = 16; i < 32; i++) {
    const bad = good.slice();
    bad[i]! ^= 1;
    bad.fill(0, 8, 12);
    sealPacket(bad, 0, bad.length);
    pair.b.sctp.handleInput(pair.now, bad);
  }
  assert.equal(pair.b.sctp.state, "closed");
  assert.equal(pair.b.sctp.stats().drops.cookie, 16);
  // Another association's cookie, or a truncated one.
  forger.b.handleInput(forger.pair.now, good);
  assert.ok(forger.b.stats().drops.cookie > 0);
  pair.b.sctp.handleInput(pair.now, good);
  assert.equal(pair.b.sctp.state, "established");
});

test("A cookie out of date is refused with its age (RFC 9260 §5.1.5, §5.2.6)", () => {
  const pair = new Pair();
  pair.a.filter = (packet) => packet[12] !== 10 || pair.now > 70_000;
  pair.a.sctp.connect(pair.now);
  pair.run(69_000);
  assert.equal(pair.b.sctp.state, "closed");
  // The echo that passes is too old; the peer is told, and begins again.
  assert.ok(pair.run(20_000, () => pair.a.of("connected").length > 0));
  assert.ok(pair.b.sctp.stats().drops.cookie > 0);
});

test("Packets with a wrong tag, port or checksum change nothing (RFC 9260 §6.8, §8.5)", () => {
  const forger = new Forger();
  const data = forger.data(forger.tsn, 0, 0, 3);
  forger.send(data, forger.tag ^ 1);
  forger.send(data, 0);
  const badCrc = forger.packet(data);
  badCrc[20]! ^= 1;
  forger.b.handleInput(forger.pair.now, badCrc);
  const zeroCrc = forger.packet(data);
  zeroCrc.fill(0, 8, 12);
  forger.b.handleInput(forger.pair.now, zeroCrc);
  const badPort = forger.packet(data);
  badPort[1]! ^= 1;
  badPort.fill(0, 8, 12);
  sealPacket(badPort, 0, badPort.length);
  forger.b.handleInput(forger.pair.now, badPort);
  for (const abort of ["06000004", "06010004", "0e000004", "0e010004", "08000004"]) {
    forger.send(abort, forger.tag ^ 1);
  }
  assert.equal(forger.messages(), 0);
  assert.equal(forger.b.state, "established");
  const { drops } = forger.b.stats();
  assert.deepEqual([drops.tag, drops.checksum, drops.malformed], [7, 2, 1]);
  forger.send(data);
  assert.equal(forger.messages(), 1);
});

test("A zero checksum is refused for INIT and COOKIE ECHO even if agreed (RFC 9653 §5.3)", () => {
  const forger = new Forger({ both: { zeroChecksum: true, interleaving: false } });
  const zero = (chunks: string | Uint8Array, tag: number) => {
    const packet = forger.packet(chunks, tag);
    packet.fill(0, 8, 12);
    forger.b.handleInput(forger.pair.now, packet);
  };
  zero("0100001411111111001000000001000100000001", 0);
  zero("0a000008" + "01020304", forger.tag);
  assert.equal(forger.b.stats().drops.checksum, 2);
  zero(forger.data(forger.tsn, 0, 0, 3), forger.tag);
  assert.equal(forger.messages(), 1);
});

test("Truncated and overlong chunks change nothing (RFC 9260 §3.2)", () => {
  const forger = new Forger();
  const data = forger.data(forger.tsn, 0, 0, 3, 20);
  for (let cut = 1; cut < data.length; cut++) forger.send(data.subarray(0, cut));
  const long = data.slice();
  long[2] = 0xff;
  forger.send(long);
  const short = data.slice();
  short[2] = short[3] = 0;
  forger.send(short);
  assert.equal(forger.messages(), 0);
  assert.equal(forger.b.state, "established");
});

test("SACKs for TSNs never sent, and lying gap blocks, are dropped (RFC 9260 §6.2.1)", () => {
  const forger = new Forger();
  const { b, pair } = forger;
  b.send(pair.now, 0, 53, payload(4000, 1));
  pair.drain();
  pair.run(1);
  const { unackData, bytesInFlight } = b.stats();
  assert.ok(unackData > 2);
  const sack = (cumulative: number, blocks: string, count: number) => {
    const out = new Uint8Array(16 + blocks.length / 2);
    out.set([3, 0, 0, out.length]);
    writeU32(out, 4, cumulative);
    writeU32(out, 8, 100_000);
    out.set([0, count, 0, 0], 12);
    out.set(hexDecode(blocks)!, 16);
    forger.send(out);
  };
  const sent = forger.answers.filter((chunk) => chunk[0] === 0);
  const first = readU32(sent[0]!, 4);
  sack(add32(first, 100), "", 0);
  sack(add32(first, 0x7fff_ffff), "", 0);
  sack(add32(first, -1), "00020fff", 1);
  sack(add32(first, -1), "00030002", 1);
  sack(add32(first, -1), "00000001", 1);
  sack(add32(first, -1), "0003000300020002", 2);
  sack(add32(first, -1), "", 9);
  assert.deepEqual([b.stats().unackData, b.stats().bytesInFlight], [unackData, bytesInFlight]);
  assert.equal(b.stats().drops.sack, 6);
  // An old one does not move anything back, a true one does.
  sack(first, "", 0);
  assert.equal(b.stats().unackData, unackData - 1);
  sack(add32(first, -5), "", 0);
  assert.equal(b.stats().unackData, unackData - 1);
});

test("A receiver may take gap reports back, and data still arrives (RFC 9260 §6.2.1 D iv)", () => {
  const forger = new Forger();
  const { b, pair } = forger;
  for (let i = 0; i < 6; i++) b.send(pair.now, 0, 53, payload(1000, i));
  pair.drain();
  const first = readU32(forger.answers.find((chunk) => chunk[0] === 0)!, 4);
  const flight = b.stats().bytesInFlight;
  const sack = (gap: string) => {
    const out = hexDecode(
      "03000010" + "00000000" + "00100000" + (gap ? "0001" : "0000") + "0000" + gap,
    )!;
    out[3] = out.length;
    writeU32(out, 4, add32(first, -1));
    forger.send(out);
  };
  sack("00020003");
  assert.ok(b.stats().bytesInFlight < flight);
  sack("");
  assert.equal(b.stats().bytesInFlight, flight);
});

test("A SHUTDOWN acknowledges, and takes no gap report back (RFC 9260 §9.2)", () => {
  const forger = new Forger();
  const { b, pair } = forger;
  for (let i = 0; i < 6; i++) b.send(pair.now, 0, 53, payload(1000, i));
  pair.drain();
  const first = readU32(forger.answers.find((chunk) => chunk[0] === 0)!, 4);
  const say = (chunk: string, cumulative: number) => {
    const out = hexDecode(chunk)!;
    writeU32(out, 4, cumulative);
    forger.send(out);
  };
  say("03000014" + "00000000" + "00100000" + "00010000" + "00030004", add32(first, -1));
  const flight = b.stats().bytesInFlight;
  say("07000008" + "00000000", first);
  assert.equal(b.stats().unackData, 5);
  assert.equal(b.stats().bytesInFlight, flight - 1016);
  // The same report again, by its new offsets, is none.
  say("03000014" + "00000000" + "00100000" + "00010000" + "00020003", first);
  assert.equal(b.stats().bytesInFlight, flight - 1016);
});

test("Whatever SACKs claim, nothing is lost count of, and the sender never spins (RFC 9260 §6.2.1)", () => {
  fc.assert(
    fc.property(fc.boolean(), fc.infiniteStream(fc.nat()), (interleaving, random) => {
      const forger = new Forger({ both: { interleaving, padding: false } });
      const { b, pair } = forger;
      const below = (n: number) => random.next().value! % n;
      const out = new Uint8Array(2000);
      b.send(pair.now, 0, 53, payload(4, 1));
      pair.drain();
      let cumulative = add32(readU32(forger.answers.at(-1)!, 4), -1);
      const sack = (advance: number, window: number, blocks: readonly number[]) => {
        const chunk = new Uint8Array(16 + 2 * blocks.length);
        chunk.set([3, 0, 0, chunk.length]);
        cumulative = add32(cumulative, advance);
        writeU32(chunk, 4, cumulative);
        writeU32(chunk, 8, window);
        chunk[13] = blocks.length / 2;
        blocks.forEach((offset, i) => chunk.set([offset >> 8, offset], 16 + 2 * i));
        forger.send(chunk);
      };
      for (let step = 0; step < 60; step++) {
        const kind = below(3);
        const limit = kind === 0
          ? {}
          : kind === 1
          ? { maxRetransmits: below(3) }
          : { maxLifetimeMs: below(2000) };
        const data = payload(4 + below(3000), step);
        b.send(pair.now, below(3), 53, data, { ordered: below(2) === 0, ...limit });
        if (below(12) === 0) b.resetStreams(pair.now, [below(3)]);
        const beyond = b.stats().unackData;
        const advance = below(4) === 0 ? below(beyond + 1) : 0;
        const blocks: number[] = [];
        for (let at = 1 + below(3); at <= beyond - advance && blocks.length < 20;) {
          const to = Math.min(at + below(4), beyond - advance);
          blocks.push(at, to);
          at = to + 1 + below(4);
        }
        sack(advance, below(5) === 0 ? 0 : below(100_000), blocks);
        if (below(3) === 0) {
          pair.now = Math.max(pair.now, Math.min(b.pollTimeout(), pair.now + below(3000)));
          b.handleTimeout(pair.now);
          assert.ok(b.pollTimeout() > pair.now, "a deadline that is met is not due again");
        }
        let packets = 0;
        while (b.pollTransmit(pair.now, out, 0, b.maxTransmitBytes) > 0) packets++;
        assert.ok(packets < 200, `${packets} packets in answer to one`);
        const { bytesInFlight, unackData } = b.stats();
        assert.ok(bytesInFlight >= 0 && unackData <= 16_384);
      }
      // An honest receiver ends it all.
      for (let rounds = 0; rounds < 200; rounds++) {
        sack(b.stats().unackData, 1_000_000, []);
        while (b.pollTransmit(pair.now, out, 0, b.maxTransmitBytes) > 0);
        pair.now += 10;
        b.handleTimeout(pair.now);
      }
      const { bytesInFlight, unackData, bufferedBytes, receiverWindow, drops } = b.stats();
      assert.deepEqual([bytesInFlight, unackData, bufferedBytes, drops.sack], [0, 0, 0, 0]);
      assert.equal(receiverWindow, 1_000_000, "no payload is left in flight");
    }),
    { seed: 77, numRuns: 150 },
  );
});

test("A FORWARD TSN far ahead costs nothing and moves the point (RFC 3758 §3.6)", () => {
  const forger = new Forger();
  const far = add32(forger.tsn, 0x7000_0000);
  forger.send(forger.data(add32(forger.tsn, 5), 0, 9, 2));
  const forward = hexDecode("c0000010" + "00000000" + "0000fffe" + "00017fff")!;
  writeU32(forward, 4, far);
  forger.send(forward);
  forger.send(forger.data(add32(far, 1), 5, 0, 3));
  assert.equal(forger.messages(), 1);
  assert.ok(forger.b.stats().localWindow > 4_700_000);
});

test("TSNs beyond what a SACK can report are dropped (RFC 9260 §3.3.4)", () => {
  const forger = new Forger();
  forger.send(forger.data(add32(forger.tsn, 0x10000), 0, 0, 3));
  forger.send(forger.data(add32(forger.tsn, 0x6000_0000), 0, 0, 7));
  assert.equal(forger.messages(), 0);
  assert.equal(forger.b.stats().drops.window, 2);
});

test("Incomplete messages cannot hold more memory than the buffer (RFC 9260 §6.2)", () => {
  const forger = new Forger({ b: { receiveBufferBytes: 300_000 } });
  for (let i = 0; i < 20_000; i++) {
    // First fragments without an end, each on a stream of its own.
    forger.send(forger.data(add32(forger.tsn, i), i, 0, 2, 8));
    if (forger.b.state !== "established") break;
  }
  assert.equal(forger.b.state, "closed");
  forger.pair.drain();
  assert.equal(forger.pair.b.of("closed")[0]!.reason!.sctpCause, 4);
});

test("Messages ahead of their turn cannot hold more memory than the buffer (RFC 9260 §6.6)", () => {
  const forger = new Forger({ b: { receiveBufferBytes: 300_000 } });
  for (let i = 0; i < 5000; i++) forger.send(forger.data(add32(forger.tsn, i + 1), 1, i + 1, 3, 8));
  assert.equal(forger.messages(), 0);
  assert.ok(forger.b.stats().drops.window > 3000);
  assert.equal(forger.b.state, "established");
  // The one they wait for is let in, and all that were kept come out.
  forger.send(forger.data(forger.tsn, 1, 0, 3, 8));
  assert.ok(forger.messages() > 900);
});

test("The same for interleaved messages (RFC 8260 §2.2.3)", () => {
  const forger = new Forger({ both: { interleaving: true }, b: { receiveBufferBytes: 300_000 } });
  for (let i = 0; i < 5000 && forger.b.state === "established"; i++) {
    const chunk = new Uint8Array(24);
    chunk.set([64, 2 | (i & 4), 0, 21]);
    writeU32(chunk, 4, add32(forger.tsn, i));
    writeU32(chunk, 12, i);
    forger.send(chunk);
  }
  assert.equal(forger.b.state, "closed");
});

test("A flood of stream identifiers is acknowledged and bounded (RFC 9260 §6.5)", () => {
  const forger = new Forger();
  for (let i = 0; i < 65_535; i++) forger.send(forger.data(add32(forger.tsn, i), i, 0, 3));
  assert.equal(forger.messages(), 65_535);
  forger.send(forger.data(add32(forger.tsn, 65_535), 65_535, 0, 3));
  forger.pair.run(300);
  const error = forger.answers.find((chunk) => chunk[0] === 9)!;
  assert.deepEqual([...error.subarray(4, 12)], [0, 1, 0, 8, 0xff, 0xff, 0, 0]);
  assert.equal(forger.b.state, "established");
});

test("A message beyond max-message-size ends the association (RFC 8841 §6)", () => {
  const forger = new Forger({ b: { maxMessageSize: 1000 } });
  forger.send(forger.data(forger.tsn, 0, 0, 2, 900));
  forger.send(forger.data(add32(forger.tsn, 1), 0, 0, 0, 200));
  assert.equal(forger.b.state, "closed");
  forger.pair.drain();
  assert.equal(forger.pair.b.of("closed")[0]!.reason!.sctpCause, 13);
});

test("DATA without user data ends the association (RFC 9260 §6.2)", () => {
  const forger = new Forger();
  forger.send(forger.data(forger.tsn, 0, 0, 3, 0));
  forger.pair.drain();
  assert.equal(forger.pair.b.of("closed")[0]!.reason!.sctpCause, 9);
  assert.equal(forger.answers.at(-1)![0], 6);
});

test("Unknown chunks are reported or not, and skipped or not, by their high bits (RFC 9260 §3.2)", () => {
  const expected = [[0x20, 0, 0], [0x60, 0, 1], [0xa0, 1, 0], [0xe0, 1, 1]] as const;
  for (const [type, delivered, reported] of expected) {
    const forger = new Forger();
    const chunks = new Uint8Array(4 + 20);
    chunks.set([type, 0, 0, 4]);
    chunks.set(forger.data(forger.tsn, 0, 0, 3), 4);
    forger.send(chunks);
    assert.equal(forger.messages(), delivered);
    assert.equal(forger.answers.filter((chunk) => chunk[0] === 9).length, reported);
  }
});

test("What the peer can provoke does not pile up (RFC 9260 §8.4)", () => {
  const forger = new Forger();
  for (let i = 0; i < 10_000; i++) {
    forger.send("04000008" + "00010004");
    forger.send("e0000004");
    forger.send("0100001411111111001000000001000100000001", 0);
  }
  let packets = 0;
  const out = new Uint8Array(20_000);
  while (forger.b.pollTransmit(0, out, 0, forger.b.maxTransmitBytes) > 0) packets++;
  assert.ok(packets < 100, `${packets}`);
});

test("Random packets with the right tag and checksum never throw, hang or grow (RFC 9260)", () => {
  const chunk = fc.tuple(
    fc.constantFrom(0, 0, 1, 2, 3, 3, 4, 5, 7, 9, 10, 11, 64, 130, 130, 132, 192, 192, 194, 99),
    fc.nat(15),
    fc.uint8Array({ maxLength: 40 }),
    fc.nat(30),
  );
  for (const interleaving of [false, true]) {
    fc.assert(
      fc.property(fc.array(fc.array(chunk, { maxLength: 4 }), { maxLength: 12 }), (packets) => {
        const forger = new Forger({ both: { interleaving } });
        forger.b.send(forger.pair.now, 1, 53, payload(3000, 1));
        for (const chunks of packets) {
          const bytes: number[] = [];
          for (const [type, flags, value, near] of chunks) {
            const copy = value.slice();
            // Near to what is expected, or it would all be dropped at once.
            if (copy.length >= 4) writeU32(copy, 0, add32(forger.tsn, near - 3));
            bytes.push(type, flags, 0, 4 + copy.length, ...copy);
            while (bytes.length % 4 !== 0) bytes.push(0);
          }
          forger.send(Uint8Array.from(bytes));
          forger.pair.drain();
          forger.b.handleTimeout(forger.pair.now += 300);
        }
        assert.ok(forger.b.stats().localWindow <= 5 * 1024 * 1024);
      }),
      { seed: 4960, numRuns: 250 },
    );
  }
});

test("100,000 forged packets without the tag leave no state (RFC 9260 §8.5)", () => {
  const forger = new Forger();
  const packet = forger.packet(forger.data(forger.tsn, 0, 0, 3), forger.tag ^ 0x55);
  for (let i = 0; i < 100_000; i++) forger.b.handleInput(forger.pair.now, packet);
  assert.equal(forger.b.stats().drops.tag, 100_000);
  assert.equal(forger.messages(), 0);
  assert.equal(forger.answers.length, 0);
});

test("INIT, INIT ACK and COOKIE ECHO are heard first in a packet only (RFC 9260 §6.10)", () => {
  const forger = new Forger();
  const before = forger.b.stats().drops.chunk;
  forger.send("8400000" + "4" + "0100001411111111001000000001000100000001");
  forger.send("8400000" + "4" + "0a00000801020304");
  forger.send("8400000" + "4" + "0200001411111111001000000001000100000001");
  forger.pair.drain();
  assert.equal(forger.b.stats().drops.chunk, before + 3);
  assert.equal(forger.answers.length, 0);
});

test("A cookie that no packet can carry back ends the handshake (RFC 9260 §5.1.3)", () => {
  const pair = new Pair();
  let tag = 0;
  pair.a.filter = (packet) => {
    tag = readU32(packet, 16);
    return false;
  };
  pair.a.sctp.connect(pair.now);
  pair.drain();
  const ack = new Uint8Array(12 + 20 + 4 + 20_000);
  ack.set([0x13, 0x88, 0x13, 0x88]);
  writeU32(ack, 4, tag);
  ack.set(
    hexDecode("02004e38" + "00000009" + "00100000" + "00010001" + "00000001" + "00074e24")!,
    12,
  );
  sealPacket(ack, 0, ack.length);
  pair.a.sctp.handleInput(pair.now, ack);
  pair.drain();
  assert.match(pair.a.of("closed")[0]!.reason!.message, /cookie/);
});
