/** Peers that hold the keys and do not keep the rules. */
import assert from "node:assert/strict";
import {
  internAddress,
  randomBytes,
  seededEntropy,
  writeU16,
  writeU32,
} from "../../src/base/mod.ts";
import { type Certificate, createCertificate, tsCrypto } from "../../src/crypto/mod.ts";
import { PPID, writeDataChannelOpen } from "../../src/dcep/mod.ts";
import { DtlsConnection } from "../../src/dtls/mod.ts";
import {
  type DataChannel,
  type DataChannelInit,
  DataChannels,
  PeerTransport,
} from "../../src/peer/mod.ts";
import { StunAttribute, StunClass, StunMethod, StunWriter } from "../../src/stun/mod.ts";
import { crc32c } from "../../src/sctp/crc32c.ts";
import { SctpAssociation } from "../../src/sctp/mod.ts";
import { test } from "../harness.ts";
import { fuzzSeed } from "../fuzz.ts";
import { Pair } from "./pair.ts";

const RELIABLE: DataChannelInit = {
  label: "chat",
  protocol: "",
  ordered: true,
  negotiated: false,
  priority: 256,
};

function openMessage(label: string): Uint8Array {
  const out = new Uint8Array(12 + 3 * label.length);
  const open = { type: "open", label, protocol: "", ordered: true, priority: 256 } as const;
  return out.subarray(0, writeDataChannelOpen(open, out, 0));
}

/** RFC 9260 §3.3.2: the number of inbound streams in an INIT or INIT ACK. */
const INBOUND_STREAMS_AT = 26;

/** Our channels on one association, and a peer's bare association that announces `streams`. */
class Line {
  readonly channels: DataChannels;
  readonly remote: DataChannel[] = [];
  readonly ours: SctpAssociation;
  readonly theirs: SctpAssociation;
  readonly #streams: number;
  readonly #out = new Uint8Array(2000);

  constructor(streams: number, options: { remoteMaxMessageSize?: number } = {}) {
    this.#streams = streams;
    const [ours, theirs] = [1, 2].map((seed) =>
      new SctpAssociation({
        entropy: seededEntropy(fuzzSeed(seed)),
        localPort: 5000,
        remotePort: 5000,
        maxMessageSize: 262_144,
        remoteMaxMessageSize: options.remoteMaxMessageSize ?? 262_144,
        maxPacketSize: 1163,
      })
    );
    this.ours = ours!;
    this.theirs = theirs!;
    this.channels = new DataChannels((channel) => this.remote.push(channel), () => 0);
    this.channels.attach(this.ours, "server");
  }

  connect(): void {
    this.ours.connect(0);
    this.theirs.connect(0);
    this.run();
    assert.equal(this.ours.state, "established");
  }

  run(): void {
    for (let busy = true; busy;) {
      busy = this.#carry(this.ours, this.theirs, (packet) => packet);
      busy = this.#carry(this.theirs, this.ours, (packet) => this.#limit(packet)) || busy;
      for (let event = this.ours.pollEvent(); event !== undefined; event = this.ours.pollEvent()) {
        this.channels.handleEvent(0, event);
        busy = true;
      }
      while (this.theirs.pollEvent() !== undefined);
    }
  }

  #carry(
    from: SctpAssociation,
    to: SctpAssociation,
    edit: (packet: Uint8Array) => Uint8Array,
  ): boolean {
    const end = from.pollTransmit(0, this.#out, 0, from.maxTransmitBytes);
    if (end > 0) to.handleInput(0, edit(this.#out.slice(0, end)));
    return end > 0;
  }

  #limit(packet: Uint8Array): Uint8Array {
    if (packet[12] !== 1 && packet[12] !== 2) return packet;
    writeU16(packet, INBOUND_STREAMS_AT, this.#streams);
    writeU32(packet, 8, 0);
    const crc = crc32c(packet, 0, packet.length);
    for (let i = 0; i < 4; i++) packet[8 + i] = crc >>> (8 * i);
    return packet;
  }
}

test("a channel on a stream that the peer itself does not take is refused (RFC 8832 §6)", () => {
  const line = new Line(4);
  line.connect();
  assert.equal(line.ours.outboundStreams, 4);
  for (const id of [2, 4, 1000, 65_534]) line.theirs.send(0, id, PPID.dcep, openMessage("x"));
  line.run();
  assert.deepEqual(line.remote.map(({ id }) => id), [2]);
  assert.equal(line.channels.dropped, 3);
});

test("channels beyond the peer's few streams fail and throw nothing (W3C webrtc-pc §6.1.1.2)", () => {
  const line = new Line(4);
  const early = [1, 2, 3].map(() => line.channels.create(RELIABLE)!);
  line.connect();
  assert.deepEqual(early.map(({ id, state }) => [id, state]), [
    [1, "open"],
    [3, "open"],
    [5, "closed"],
  ]);
  assert.equal(line.channels.create(RELIABLE)!.state, "closed");
  assert.equal(line.channels.create({ ...RELIABLE, negotiated: true, id: 9 })!.state, "closed");
});

test("a channel whose DATA_CHANNEL_OPEN cannot be sent does not pretend to be open (RFC 8832 §6)", () => {
  const line = new Line(65_535, { remoteMaxMessageSize: 100 });
  const long = line.channels.create({ ...RELIABLE, label: "l".repeat(100) })!;
  const short = line.channels.create(RELIABLE)!;
  line.connect();
  assert.equal(long.state, "closed");
  assert.equal(short.state, "open");
  assert.equal(line.channels.create({ ...RELIABLE, label: "l".repeat(100) })!.state, "closed");
});

test("the labels of a peer's channels are bounded together, and room comes back (RFC 8832 §5.1)", () => {
  const line = new Line(65_535);
  line.connect();
  const label = "l".repeat(65_535);
  for (let id = 0; id < 200; id += 2) {
    line.theirs.send(0, id, PPID.dcep, openMessage(label));
    line.run();
  }
  assert.equal(line.remote.length, 64, "4 MiB of text");
  assert.equal(line.channels.dropped, 36);
  line.theirs.resetStreams(0, [0]);
  line.run();
  assert.equal(line.remote[0]!.state, "closed");
  line.theirs.send(0, 0, PPID.dcep, openMessage(label));
  line.run();
  assert.equal(line.remote.length, 65);
});

test("nothing is heard after close, whichever callback called it (PeerTransport.close)", () => {
  for (const when of ["ice", "dtls", "sctp", "channel", "open", "closing"]) {
    const pair = new Pair(fuzzSeed(31));
    const { a, b } = pair;
    let closed = false;
    const close = (): void => {
      assert.equal(closed, false, `${when}: called again`);
      closed = true;
      b.transport.close(pair.clock.now, b);
    };
    const quiet =
      <T extends unknown[]>(name: string, inner: (...args: T) => void) => (...args: T): void => {
        assert.equal(closed, false, `${when}: ${name} after close`);
        inner(...args);
      };
    const end = b as { -readonly [K in keyof typeof b]: (typeof b)[K] };
    end.onIce = quiet("onIce", (event) => {
      if (event.type === "candidate") a.transport.ice.addRemoteCandidate(0, event.candidate);
      else if (when === "ice" && event.type === "state" && event.state !== "checking") close();
    });
    end.onDtls = quiet("onDtls", (event) => {
      if (when === "dtls" && event.type === "state" && event.state === "connected") close();
    });
    end.onSctpState = quiet("onSctpState", () => when === "sctp" && close());
    const listen = (channel: DataChannel): void => {
      channel.listener = {
        onOpen: quiet("onOpen", () => when === "open" && close()),
        onMessage: quiet("onMessage", () => {}),
        onBufferedAmountLow: quiet("onBufferedAmountLow", () => {}),
        onClosing: quiet("onClosing", () => when === "closing" && close()),
        onClosed: quiet("onClosed", () => {}),
      };
    };
    end.onDataChannel = quiet("onDataChannel", (channel) => {
      listen(channel);
      if (when === "channel") close();
    });
    for (let i = 0; i < 3; i++) {
      listen(b.transport.channels.create(RELIABLE)!);
      a.transport.channels.create(RELIABLE);
    }
    pair.meet();
    pair.run(() => closed || a.remoteChannels.length === 3, 2000);
    if (when === "closing") { for (const channel of a.remoteChannels) channel.close(); }
    pair.run(() => closed, 2000);
    assert.ok(closed, when);
    pair.run(() => false, 60_000);
  }
});

test("a lite agent sends no flight to an address that a peer forged (RFC 6347 §4.2.1)", () => {
  const [ours, theirs] = [1, 2].map((seed) =>
    createCertificate({ crypto: tsCrypto, entropy: seededEntropy(seed), nowMs: 1.8e12 })
  ) as [Certificate, Certificate];
  const fingerprint = (of: Certificate) => [
    { algorithm: "sha-256", value: of.fingerprint("sha-256") },
  ];
  const options = { crypto: tsCrypto, entropy: seededEntropy(fuzzSeed(33)) };
  const silent = {
    onIce() {},
    onDtls() {},
    onSctpState() {},
    onDataChannel() {},
    onTouch: () => 0,
  };
  const lite = new PeerTransport(0, {
    ...options,
    certificate: ours,
    controlling: false,
    lite: true,
    listener: silent,
  });
  const base = {};
  lite.ice.addLocalBase(0, { base, type: "host", address: internAddress("10.0.0.1", 5000)! });
  const ice = { usernameFragment: "peer", password: "p".repeat(24), lite: false };
  lite.setRemote(0, { ice, fingerprints: fingerprint(theirs), dtlsRole: "server" });
  const peer = new DtlsConnection({
    ...options,
    role: "client",
    certificate: theirs,
    remoteFingerprints: fingerprint(ours),
  });
  peer.start(0);
  const to = { count: 0, bytes: 0, last: new Uint8Array(0) };
  const sink = {
    transmit(_base: object, bytes: Uint8Array) {
      if (bytes[0]! >= 20) {
        to.count++;
        to.bytes += bytes.length;
        to.last = bytes.slice();
      }
    },
    flush() {},
  };
  const victim = internAddress("198.51.100.9", 9)!;
  const check = (): void => {
    const { usernameFragment, password } = lite.ice.localParameters;
    const out = new Uint8Array(300);
    const writer = new StunWriter()
      .begin(out, 0, StunMethod.BINDING, StunClass.REQUEST, randomBytes(options.entropy, 12))
      .text(StunAttribute.USERNAME, `${usernameFragment}:peer`)
      .u32(StunAttribute.PRIORITY, 0x6e00_ffff)
      .flag(StunAttribute.USE_CANDIDATE)
      .integrity(tsCrypto.createHmac("sha-1", new TextEncoder().encode(password)));
    lite.handleDatagram(0, out.subarray(0, writer.fingerprint().finish()), victim, base);
    lite.drain(0, sink);
  };
  const deliver = (): number => {
    const hello = peer.pollTransmit()!;
    const { length } = hello;
    lite.handleDatagram(0, hello, victim, base);
    lite.endBatch(0);
    lite.drain(0, sink);
    return length;
  };
  check();
  const helloBytes = deliver();
  for (let now = 0; now < 20_000; now += 50) {
    lite.handleTimeout(now);
    lite.drain(now, sink);
  }
  assert.equal(to.count, 1, "one answer, never repeated");
  assert.ok(to.bytes < helloBytes, `${to.bytes} bytes for ${helloBytes}`);
  // Who is reached there answers with the cookie, and then the flight comes.
  peer.handleInput(0, to.last);
  deliver();
  assert.ok(to.bytes > 600, `${to.bytes} bytes`);
});

test("a failed DTLS connection leaves no association behind to time out (RFC 8831 §6.2)", () => {
  const pair = new Pair(fuzzSeed(32));
  pair.a.transport.channels.create(RELIABLE);
  pair.meet();
  assert.ok(pair.run(() => pair.b.remoteChannels.length === 1, 10_000));
  pair.a.transport.dtls!.close(pair.clock.now);
  assert.ok(pair.run(() => pair.b.events.includes("dtls closed"), 10_000));
  assert.equal(pair.b.transport.sctp!.state, "closed");
  assert.equal(pair.b.transport.sctp!.pollTimeout(), Infinity);
  assert.equal(pair.b.events.filter((event) => event === "sctp closed").length, 1);
  assert.equal(pair.b.remoteChannels[0]!.state, "closed");
});
