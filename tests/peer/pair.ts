/**
 * Two transports over a virtual link on virtual time.
 *
 * @module
 */
import { type Address, internAddress, NEVER, seededEntropy } from "../../src/base/mod.ts";
import { createCertificate, tsCrypto } from "../../src/crypto/mod.ts";
import type { DtlsEvent } from "../../src/dtls/mod.ts";
import { type LinkConditions, VirtualLink } from "../../src/host/testing.ts";
import type { IceEvent } from "../../src/ice/mod.ts";
import {
  type DataChannel,
  type MediaListener,
  type MediaOptions,
  PeerTransport,
  type PeerTransportListener,
  type PeerTransportOptions,
  type TransmitSink,
} from "../../src/peer/mod.ts";

import { RTP_AT, RTP_COLUMNS, RTP_LENGTH, RTP_STATUS } from "../../src/rtp/mod.ts";
import { SRTP_OK, type SrtpBatch, tsSrtp } from "../../src/srtp/mod.ts";

/** What both ends do otherwise than by default. */
export interface PairOptions {
  readonly sctp?: PeerTransportOptions["sctp"];
  /** With media, over the pure-TypeScript ciphers. */
  readonly media?: Pick<MediaOptions, "profiles">;
}

/** One end, with everything that it told its owner. */
export class End implements PeerTransportListener, MediaListener, TransmitSink {
  readonly transport: PeerTransport;
  readonly base: object = {};
  readonly address: Address;
  readonly link: VirtualLink<Address>;
  readonly events: string[] = [];
  readonly remoteChannels: DataChannel[] = [];
  readonly rtp: Uint8Array[] = [];
  readonly rtcp: Uint8Array[] = [];
  /** Every datagram that was sent, while it is set. */
  sent: Uint8Array[] | undefined;
  /** Set by tests: runs inside the callback. */
  onRemoteChannel: ((channel: DataChannel) => void) | undefined;
  other!: End;
  clock: { now: number };

  constructor(
    name: "a" | "b",
    clock: { now: number },
    seed: number,
    conditions: LinkConditions,
    certificate: ReturnType<typeof createCertificate>,
    { sctp, media }: PairOptions,
  ) {
    this.clock = clock;
    this.address = internAddress(name === "a" ? "10.0.0.1" : "10.0.0.2", 5000)!;
    this.link = new VirtualLink(seed + (name === "a" ? 0 : 1), conditions);
    this.certificate = certificate;
    this.transport = new PeerTransport(clock.now, {
      crypto: tsCrypto,
      entropy: seededEntropy(seed + (name === "a" ? 100 : 200)),
      certificate,
      controlling: name === "a",
      listener: this,
      ...(sctp === undefined ? {} : { sctp }),
      ...(media !== undefined && { media: { ciphers: tsSrtp, listener: this, ...media } }),
    });
  }

  readonly certificate: ReturnType<typeof createCertificate>;

  onIce(event: IceEvent): void {
    if (event.type === "candidate") {
      this.other.transport.ice.addRemoteCandidate(this.clock.now, event.candidate);
    } else if (event.type === "state") this.events.push(`ice ${event.state}`);
  }

  onDtls(event: DtlsEvent): void {
    this.events.push(event.type === "state" ? `dtls ${event.state}` : `dtls error ${event.detail}`);
  }

  onSctpState(state: "connected" | "closed"): void {
    this.events.push(`sctp ${state}`);
  }

  onDataChannel(channel: DataChannel): void {
    this.remoteChannels.push(channel);
    this.onRemoteChannel?.(channel);
  }

  onRtp({ bytes, rows, count }: SrtpBatch): void {
    this.#takeMedia(this.rtp, bytes, rows, count);
  }

  onRtcp({ bytes, rows, count }: SrtpBatch): void {
    this.#takeMedia(this.rtcp, bytes, rows, count);
  }

  #takeMedia(to: Uint8Array[], bytes: Uint8Array, rows: Uint32Array, count: number): void {
    for (let row = 0; row < count * RTP_COLUMNS; row += RTP_COLUMNS) {
      if (rows[row + RTP_STATUS] !== SRTP_OK) continue;
      const at = rows[row + RTP_AT]!;
      to.push(bytes.slice(at, at + rows[row + RTP_LENGTH]!));
    }
  }

  onTouch(): number {
    return this.clock.now;
  }

  transmit(_base: object, bytes: Uint8Array, _to: Address): void {
    this.sent?.push(bytes.slice());
    this.link.send(this.clock.now, bytes, this.address);
  }

  flush(): void {}

  /** Applies the other end's parameters; `fingerprint` replaces the right one. */
  meet(role: "client" | "server", fingerprint?: string): void {
    const { certificate, transport } = this.other;
    this.transport.setRemote(this.clock.now, {
      ice: transport.ice.localParameters,
      fingerprints: [{
        algorithm: "sha-256",
        value: fingerprint ?? certificate.fingerprint("sha-256"),
      }],
      dtlsRole: role,
      sctp: {
        localPort: 5000,
        remotePort: 5000,
        localMaxMessageSize: 262_144,
        remoteMaxMessageSize: 262_144,
      },
    });
  }

  gather(): void {
    const { ice } = this.transport;
    ice.addLocalBase(this.clock.now, { base: this.base, type: "host", address: this.address });
    ice.setGatheringComplete(this.clock.now);
  }
}

const certificates = [1, 2].map((seed) =>
  createCertificate({ crypto: tsCrypto, entropy: seededEntropy(seed), nowMs: 1.8e12 })
);

/** A pair of ends and their time. */
export class Pair {
  readonly clock = { now: 1000 };
  readonly a: End;
  readonly b: End;

  constructor(
    seed: number,
    conditions: LinkConditions = {},
    options: PairOptions = {},
  ) {
    this.a = new End("a", this.clock, seed, conditions, certificates[0]!, options);
    this.b = new End("b", this.clock, seed, conditions, certificates[1]!, options);
    this.a.other = this.b;
    this.b.other = this.a;
  }

  /** Negotiates: `a` offers, `b` is the DTLS client. */
  meet(): void {
    this.a.meet("server");
    this.b.meet("client");
    this.a.gather();
    this.b.gather();
    this.drain();
  }

  drain(): void {
    for (const end of [this.a, this.b]) end.transport.drain(this.clock.now, end);
  }

  /** Runs until `done`, at most `limitMs` of virtual time; tells whether it was reached. */
  run(done: () => boolean, limitMs: number): boolean {
    const end = this.clock.now + limitMs;
    this.drain();
    while (!done()) {
      const next = Math.min(
        this.a.link.next(),
        this.b.link.next(),
        this.a.transport.pollTimeout(),
        this.b.transport.pollTimeout(),
      );
      if (next === NEVER || next > end) return false;
      this.clock.now = Math.max(this.clock.now, next);
      this.#deliver(this.a, this.b);
      this.#deliver(this.b, this.a);
      for (const one of [this.a, this.b]) {
        if (one.transport.pollTimeout() <= this.clock.now) {
          one.transport.handleTimeout(this.clock.now);
        }
      }
      this.drain();
    }
    return true;
  }

  #deliver(from: End, to: End): void {
    const { now } = this.clock;
    for (let p = from.link.receive(now); p !== undefined; p = from.link.receive(now)) {
      to.transport.handleDatagram(now, p.bytes, p.payload, to.base);
    }
    to.transport.endBatch(now);
  }
}
