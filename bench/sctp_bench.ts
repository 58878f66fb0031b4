/**
 * Two SCTP associations in one process, packets handed from one to the other in batches as the engine
 * does, no crypto and no sockets: what the machines alone cost, both ends on one core.
 *
 *     deno run bench/sctp_bench.ts [seconds per case]
 *
 * @module
 */
import { seededEntropy } from "../src/base/mod.ts";
import { SctpAssociation } from "../src/sctp/mod.ts";

/** Packets per batch, as a host hands them over. */
const BATCH = 64;

/** Bytes that the sender keeps queued. */
const BUFFERED = 1_000_000;

interface Case {
  readonly messageBytes: number;
  readonly packetBytes: number;
  readonly zeroChecksum: boolean;
  readonly interleaving: boolean;
}

const CASES: readonly Case[] = [
  { messageBytes: 65_536, packetBytes: 16_384, zeroChecksum: true, interleaving: false },
  { messageBytes: 65_536, packetBytes: 16_384, zeroChecksum: true, interleaving: true },
  { messageBytes: 65_536, packetBytes: 16_384, zeroChecksum: false, interleaving: false },
  { messageBytes: 16_000, packetBytes: 16_384, zeroChecksum: true, interleaving: false },
  { messageBytes: 65_536, packetBytes: 1188, zeroChecksum: true, interleaving: false },
  { messageBytes: 1160, packetBytes: 1188, zeroChecksum: true, interleaving: false },
  { messageBytes: 1160, packetBytes: 1188, zeroChecksum: false, interleaving: false },
  { messageBytes: 100, packetBytes: 1188, zeroChecksum: true, interleaving: false },
  { messageBytes: 100, packetBytes: 16_384, zeroChecksum: true, interleaving: false },
  { messageBytes: 100, packetBytes: 16_384, zeroChecksum: true, interleaving: true },
];

/** Two associations and the batches between them. */
class Wire {
  readonly a: SctpAssociation;
  readonly b: SctpAssociation;
  readonly #arena = new Uint8Array(BATCH * 16_384 + 16_384);
  readonly #ends = new Uint32Array(BATCH);
  packets = 0;
  messages = 0;
  bytes = 0;

  constructor({ packetBytes, zeroChecksum, interleaving }: Case) {
    const create = (seed: number) =>
      new SctpAssociation({
        entropy: seededEntropy(seed),
        localPort: 5000,
        remotePort: 5000,
        maxMessageSize: 262_144,
        remoteMaxMessageSize: 262_144,
        maxPacketSize: 1188,
        zeroChecksum,
        interleaving,
      });
    this.a = create(1);
    this.b = create(2);
    for (const side of [this.a, this.b]) {
      side.setPathMtu(packetBytes);
      side.connect(0);
    }
  }

  /** One batch from one side to the other. */
  move(now: number, from: SctpAssociation, to: SctpAssociation): number {
    const arena = this.#arena;
    let at = 0, count = 0;
    while (count < BATCH) {
      const end = from.pollTransmit(now, arena, at, from.maxTransmitBytes);
      if (end === at) break;
      this.#ends[count++] = at = end;
    }
    for (let i = 0, start = 0; i < count; i++) {
      const end = this.#ends[i]!;
      to.handleInput(now, arena.subarray(start, end));
      this.#take(to);
      start = end;
    }
    this.packets += count;
    return count;
  }

  /** Messages are taken packet by packet: while they are young they cost the collector least. */
  #take(to: SctpAssociation): void {
    for (let event = to.pollEvent(); event; event = to.pollEvent()) {
      if (event.type !== "message") continue;
      this.messages++;
      this.bytes += event.data.length;
    }
  }

  settle(): void {
    for (let i = 0; i < 20; i++) {
      this.move(i, this.a, this.b);
      this.move(i, this.b, this.a);
    }
  }
}

function run(test: Case, seconds: number): void {
  const wire = new Wire(test);
  wire.settle();
  const message = new Uint8Array(test.messageBytes).fill(7);
  const options = { ordered: true };
  const step = (now: number) => {
    while (wire.a.bufferedAmount(1) < BUFFERED) wire.a.send(now, 1, 53, message, options);
    const moved = wire.move(now, wire.a, wire.b) + wire.move(now, wire.b, wire.a);
    if (moved > 0) return;
    wire.a.handleTimeout(now);
    wire.b.handleTimeout(now);
  };
  const began = performance.now();
  const until = (ms: number) => {
    for (let now = performance.now(); now < began + ms; now = performance.now()) {
      step(now - began + 100);
    }
  };
  until(400);
  wire.messages = wire.bytes = wire.packets = 0;
  const from = performance.now();
  until(400 + 1000 * seconds);
  const took = (performance.now() - from) / 1000;
  const flags = `${test.zeroChecksum ? "no crc" : "crc32c"} ${
    test.interleaving ? "I-DATA" : "DATA"
  }`;
  console.log(
    `${String(test.messageBytes).padStart(6)} B in ${
      String(test.packetBytes).padStart(5)
    } B packets, ` +
      `${flags.padEnd(13)} ${(wire.bytes / took / 1e6).toFixed(0).padStart(6)} MB/s ` +
      `${(wire.messages / took / 1e3).toFixed(0).padStart(6)} k messages/s ` +
      `${(wire.packets / took / 1e3).toFixed(0).padStart(6)} k packets/s`,
  );
  if (wire.a.stats().retransmissions > 0) console.log(`  ${JSON.stringify(wire.a.stats())}`);
}

const args =
  (globalThis as { Deno?: { args: string[] }; process?: { argv: string[] } }).Deno?.args ??
    (globalThis as { process?: { argv: string[] } }).process!.argv.slice(2);
for (const test of CASES) run(test, Number(args[0] ?? 1));
