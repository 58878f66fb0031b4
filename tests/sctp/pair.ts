import { type Entropy, NEVER, seededEntropy } from "../../src/base/mod.ts";
import { type LinkConditions, VirtualLink } from "../../src/host/testing.ts";
import { SctpAssociation, type SctpEvent, type SctpOptions } from "../../src/sctp/mod.ts";

/** What a test changes about a pair. */
export interface PairOptions {
  readonly seed?: number;
  readonly link?: LinkConditions;
  readonly a?: Partial<SctpOptions>;
  readonly b?: Partial<SctpOptions>;
  readonly both?: Partial<SctpOptions>;
}

/** One side of a pair: an association, the link it sends on, and what it told. */
export class Side {
  readonly sctp: SctpAssociation;
  readonly link: VirtualLink<undefined>;
  readonly events: SctpEvent[] = [];
  /** Sees each packet before it is sent; `false` loses it. */
  filter: ((packet: Uint8Array) => boolean) | undefined;
  /** The owner does not poll. */
  paused = false;
  /** Largest packet written. */
  largest = 0;

  constructor(sctp: SctpAssociation, link: VirtualLink<undefined>) {
    this.sctp = sctp;
    this.link = link;
  }

  /** Events of one type. */
  of<T extends SctpEvent["type"]>(type: T): Extract<SctpEvent, { type: T }>[] {
    return this.events.filter((event) => event.type === type) as Extract<SctpEvent, { type: T }>[];
  }
}

/** Two associations, a link in each direction, and a clock that jumps to the next thing that happens. */
export class Pair {
  readonly a: Side;
  readonly b: Side;
  now = 1000;
  /** FNV of every packet and event, for determinism. */
  transcript = 0x811c9dc5;
  readonly #out = new Uint8Array(70_000);

  constructor(options: PairOptions = {}) {
    const seed = options.seed ?? 1;
    this.a = this.#side(seededEntropy(seed), seed * 2 + 1, options.link, {
      ...options.both,
      ...options.a,
    });
    this.b = this.#side(seededEntropy(seed + 7919), seed * 2 + 2, options.link, {
      ...options.both,
      ...options.b,
    });
  }

  #side(
    entropy: Entropy,
    seed: number,
    link: LinkConditions | undefined,
    options: Partial<SctpOptions>,
  ): Side {
    const sctp = new SctpAssociation({
      entropy,
      localPort: 5000,
      remotePort: 5000,
      maxMessageSize: 262_144,
      remoteMaxMessageSize: 262_144,
      maxPacketSize: 1188,
      ...options,
    });
    return new Side(sctp, new VirtualLink(seed, link ?? { delayMs: 5 }));
  }

  /** Drains what both sides have to say. */
  drain(): void {
    for (const side of [this.a, this.b]) {
      while (!side.paused) {
        const event = side.sctp.pollEvent();
        if (event === undefined) break;
        side.events.push(event);
        this.#note(event.type.length);
        if (event.type === "message") this.#note(event.data.length + event.streamId);
      }
      for (;;) {
        const limit = side.sctp.maxTransmitBytes;
        const end = side.sctp.pollTransmit(this.now, this.#out, 3, limit);
        if (end === 3) break;
        const packet = this.#out.subarray(3, end);
        if (packet.length > limit) throw new Error("longer than it said");
        side.largest = Math.max(side.largest, packet.length);
        for (let i = 0; i < packet.length; i += 7) this.#note(packet[i]!);
        if (side.filter?.(packet) ?? true) side.link.send(this.now, packet, undefined);
      }
    }
  }

  #note(value: number): void {
    this.transcript = Math.imul(this.transcript ^ value, 0x01000193) >>> 0;
  }

  /** When something happens next. */
  next(): number {
    return Math.min(
      this.a.link.next(),
      this.b.link.next(),
      this.a.sctp.pollTimeout(),
      this.b.sctp.pollTimeout(),
    );
  }

  /** Lets everything happen up to `until`, or until `done` says so. Returns whether it did. */
  run(untilMs: number, done?: () => boolean): boolean {
    const until = this.now + untilMs;
    for (let steps = 0; steps < 4_000_000; steps++) {
      this.drain();
      if (done?.()) return true;
      const next = this.next();
      if (next === NEVER || next > until) {
        this.now = until;
        return done === undefined;
      }
      this.now = Math.max(this.now, next);
      this.#deliver(this.a, this.b);
      this.#deliver(this.b, this.a);
      this.a.sctp.handleTimeout(this.now);
      this.b.sctp.handleTimeout(this.now);
    }
    throw new Error(`no end after ${this.now} ms`);
  }

  #deliver(from: Side, to: Side): void {
    for (let p = from.link.receive(this.now); p; p = from.link.receive(this.now)) {
      to.sctp.handleInput(this.now, p.bytes);
      // A receiver must not rely on lent bytes.
      p.bytes.fill(0xee);
      this.drain();
    }
  }

  /** Connects both sides. */
  connect(): this {
    this.a.sctp.connect(this.now);
    this.b.sctp.connect(this.now);
    const done = () => this.a.of("connected").length > 0 && this.b.of("connected").length > 0;
    if (!this.run(120_000, done)) throw new Error("not connected");
    return this;
  }
}

/** `length` bytes that tell which message they are. */
export function payload(length: number, mark: number): Uint8Array {
  const out = new Uint8Array(length);
  for (let i = 0; i < length; i++) out[i] = (mark * 31 + i * 7) & 0xff;
  if (length >= 4) {
    out[0] = mark;
    out[1] = mark >>> 8;
    out[2] = mark >>> 16;
    out[3] = mark >>> 24;
  }
  return out;
}

/** The mark of {@linkcode payload}. */
export function markOf(data: Uint8Array): number {
  return data[0]! | (data[1]! << 8) | (data[2]! << 16) | (data[3]! << 24);
}
