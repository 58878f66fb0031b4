import type { Address } from "../base/mod.ts";
import type { Certificate } from "../crypto/mod.ts";
import type { DtlsEvent } from "../dtls/mod.ts";
import type { IceCandidate, IceEvent, IceParameters, IceSelectedPair } from "../ice/mod.ts";
import {
  type DataChannel,
  type DataChannelInit,
  type MediaOptions,
  PeerTransport,
  type PeerTransportListener,
  type RemoteTransportParameters,
  type TransmitSink,
} from "../peer/mod.ts";
import type { Host, TimerHandle } from "./host.ts";
import {
  type UdpBase,
  type UdpFailure,
  type UdpGathering,
  type UdpOptions,
  type UdpPort,
  udpPortFor,
  type UdpReceiver,
} from "./udp_port.ts";

/** What the owner of a driver hears; each call comes between two steps of the engine. */
export interface TransportListener {
  /** An event of ICE: candidates, states, the selected pair. Names are resolved by the driver. */
  onIce(event: IceEvent): void;
  /** An address gave no candidate, because no socket could be opened on it. */
  onGatheringError(failure: UdpFailure): void;
  /** DTLS states and errors. */
  onDtls(event: DtlsEvent): void;
  /** SCTP is connected or closed. */
  onSctpState(state: "connected" | "closed"): void;
  /** The peer opened a channel. */
  onDataChannel(channel: DataChannel): void;
}

/** What a driver is made of. */
export interface TransportDriverOptions {
  /** Sockets, timers, clock, entropy and cryptography. */
  readonly host: Host;
  /** Our certificate. */
  readonly certificate: Certificate;
  /** Whether we begin in the controlling role. */
  readonly controlling: boolean;
  /** Whether we are an ice-lite agent. */
  readonly lite?: boolean;
  /** Port and addresses. */
  readonly udp?: UdpOptions | undefined;
  /** Where events go. */
  readonly listener: TransportListener;
  /** Who hears of RTP and RTCP; without it they are dropped. */
  readonly media?: Omit<MediaOptions, "ciphers">;
}

/**
 * Drives one {@linkcode PeerTransport} with the sockets and timers of a {@linkcode Host}: every input
 * is followed by one drain of everything that came of it, one flush per socket, and one look at the
 * next deadline.
 */
export class TransportDriver implements PeerTransportListener, TransmitSink, UdpReceiver {
  /** The machines. */
  readonly transport: PeerTransport;
  readonly #host: Host;
  readonly #listener: TransportListener;
  readonly #udp: UdpOptions;
  readonly #port: UdpPort;
  readonly #lite: boolean;
  readonly #dirtyBases: UdpBase[] = [];
  #lastBound: Address | undefined;
  #gathering = false;
  /** Tells a round of gathering from one that was given up. */
  #round = 0;
  /** The round that the last ICE restart interrupted was not over. */
  #interrupted = false;
  /** Names that are being resolved for us. */
  #resolving: AbortController | undefined;
  /** The time of the step under way; `undefined` between steps. */
  #stepAt: number | undefined;
  #drainScheduled = false;
  #timer: TimerHandle | undefined;
  #timerAt = Infinity;
  #closed = false;

  /** Opens no socket before {@linkcode TransportDriver.gather}. */
  constructor(options: TransportDriverOptions) {
    const { host, certificate, controlling, lite = false, media } = options;
    this.#host = host;
    this.#listener = options.listener;
    this.#lite = lite;
    this.#udp = options.udp ?? {};
    this.#port = udpPortFor(host, this.#udp.port ?? 0);
    this.transport = new PeerTransport(host.now(), {
      crypto: host.crypto,
      entropy: host.entropy,
      certificate,
      controlling,
      lite,
      listener: this,
      ...(media !== undefined && { media: { ...media, ciphers: host.srtp } }),
    });
  }

  /** Our ICE credentials for the local description. */
  get localIceParameters(): IceParameters {
    return this.transport.ice.localParameters;
  }

  /** Starts gathering; candidates and the end come as ICE events. */
  gather(): void {
    if (this.#gathering || this.#closed) return;
    this.#gathering = true;
    const round = ++this.#round;
    if (this.#port.shared) {
      this.#port.router.addFragment(this.localIceParameters.usernameFragment, this);
    }
    void this.#port.join(this, this.#udp).then((gathering) => {
      if (round === this.#round && !this.#closed) this.#gathered(gathering);
    });
  }

  #gathered({ bases, failures }: UdpGathering): void {
    this.#step((now) => {
      for (const base of bases) {
        this.transport.ice.addLocalBase(now, { base, type: "host", address: base.socket.address });
      }
      for (const failure of failures) this.#listener.onGatheringError(failure);
      this.transport.ice.setGatheringComplete(now);
    });
  }

  /** Applies a remote description. */
  setRemote(remote: RemoteTransportParameters): void {
    this.#step((now) => this.transport.setRemote(now, remote));
  }

  /** Sets our ICE role (RFC 8445 §6.1.1), before checks have begun. */
  setControlling(controlling: boolean): void {
    this.transport.ice.setControlling(controlling);
  }

  /** Adds a candidate of the peer. */
  addRemoteCandidate(candidate: IceCandidate): void {
    this.#step((now) => this.transport.ice.addRemoteCandidate(now, candidate));
  }

  /** The peer has no more candidates. */
  setRemoteEndOfCandidates(): void {
    this.#step((now) => this.transport.ice.setRemoteEndOfCandidates(now));
  }

  /**
   * New credentials and a new gathering round (RFC 8445 §9); data stays on the old pair meanwhile.
   *
   * @param parameters those that an offer signaled already; by default new random ones
   */
  restartIce(parameters?: IceParameters): void {
    this.#interrupted = this.#gathering && this.transport.ice.gatheringState !== "complete";
    this.#step((now) => this.transport.ice.restart(now, parameters));
    this.#gathering = false;
    this.#round++;
  }

  /** Takes a restart back whose offer was rolled back (RFC 9429 §5.7). */
  cancelIceRestart(): void {
    this.#step((now) => this.transport.ice.cancelRestart(now));
    this.#gathering = !this.#interrupted;
    this.#round++;
    if (this.#interrupted) this.gather();
  }

  /**
   * Creates a data channel; `undefined` when its identifier is taken.
   *
   * @param prepare sets the listener, before the channel opens
   */
  createDataChannel(
    init: DataChannelInit,
    prepare: (channel: DataChannel) => void,
  ): DataChannel | undefined {
    return this.transport.channels.create(init, prepare);
  }

  /** Says goodbye to the peer and lets go of sockets and timers. No event follows. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.transport.close(this.#stepAt ?? this.#host.now(), this);
    } finally {
      if (this.#timer !== undefined) this.#host.clearTimer(this.#timer);
      this.#resolving?.abort();
      this.#port.leave(this);
    }
  }

  /** For {@linkcode UdpPort}. */
  receive(bytes: Uint8Array, from: Address, base: UdpBase): void {
    if (this.#closed) return;
    this.#stepAt ??= this.#host.now();
    this.transport.handleDatagram(this.#stepAt, bytes, from, base);
  }

  /** For {@linkcode UdpPort}. */
  endBatch(): void {
    if (this.#closed) return;
    this.transport.endBatch(this.#stepAt ??= this.#host.now());
    this.#endStep();
  }

  /** For {@linkcode UdpPort}. */
  awaits(response: Uint8Array): boolean {
    return this.transport.ice.awaits(response);
  }

  /** For {@linkcode PeerTransport}: one datagram on its way out. */
  transmit(base: object, bytes: Uint8Array, to: Address): void {
    const udp = base as UdpBase;
    if (to !== this.#lastBound && this.#port.shared) {
      this.#port.router.bind(to, this, false);
      this.#lastBound = to;
    }
    if (udp.queue(bytes, to)) this.#dirtyBases.push(udp);
  }

  /** For {@linkcode PeerTransport}. */
  flush(): void {
    for (const base of this.#dirtyBases) base.flush();
    this.#dirtyBases.length = 0;
  }

  /** For {@linkcode PeerTransport}. */
  onIce(event: IceEvent): void {
    if (event.type === "resolve") return this.#resolve(event.candidate);
    if (event.type === "selected-pair" && event.pair !== undefined) this.#usePair(event.pair);
    else if (event.type === "consent-lost") this.#losePair(event.pair);
    this.#listener.onIce(event);
  }

  /** For {@linkcode PeerTransport}. */
  onDtls(event: DtlsEvent): void {
    this.#listener.onDtls(event);
  }

  /** For {@linkcode PeerTransport}. */
  onSctpState(state: "connected" | "closed"): void {
    this.#listener.onSctpState(state);
  }

  /** For {@linkcode PeerTransport}. */
  onDataChannel(channel: DataChannel): void {
    this.#listener.onDataChannel(channel);
  }

  /** For {@linkcode PeerTransport}: the application acted; everything of this turn leaves together. */
  onTouch(): number {
    if (this.#stepAt !== undefined) return this.#stepAt;
    if (!this.#drainScheduled && !this.#closed) {
      this.#drainScheduled = true;
      queueMicrotask(this.#drainSoon);
    }
    return this.#host.now();
  }

  readonly #drainSoon = (): void => {
    this.#drainScheduled = false;
    if (this.#closed) return;
    this.#stepAt = this.#host.now();
    this.#endStep();
  };

  readonly #onTimer = (): void => {
    this.#timer = undefined;
    this.#timerAt = Infinity;
    if (this.#closed) return;
    this.#step((now) => this.transport.handleTimeout(now));
  };

  /** One input, then everything that comes of it. Inside a step it only adds to that step. */
  #step(input: (now: number) => void): void {
    if (this.#closed) return;
    if (this.#stepAt !== undefined) return input(this.#stepAt);
    this.#stepAt = this.#host.now();
    try {
      input(this.#stepAt);
    } finally {
      this.#endStep();
    }
  }

  #endStep(): void {
    try {
      this.transport.drain(this.#stepAt!, this);
    } finally {
      this.#stepAt = undefined;
      if (!this.#closed) this.#armTimer();
    }
  }

  /** A timer that is armed too early stays: its spurious call costs less than arming anew each time. */
  #armTimer(): void {
    const at = this.transport.pollTimeout();
    if (at >= this.#timerAt) return;
    if (this.#timer !== undefined) this.#host.clearTimer(this.#timer);
    this.#timerAt = at;
    this.#timer = this.#host.setTimer(this.#onTimer, Math.max(0, at - this.#host.now()));
  }

  #usePair(pair: IceSelectedPair): void {
    // The pair of a lite agent was checked by the peer alone, who may have forged its address.
    if (this.#port.shared) this.#port.router.bind(pair.address, this, !this.#lite);
    const local = (pair.base as UdpBase).socket.address;
    this.transport.setPathDatagramBytes(this.#host.maxDatagramSize(local, pair.address));
  }

  /** Another peer may have got the address by now: NATs give their ports away again. */
  #losePair(pair: IceSelectedPair): void {
    if (!this.#port.shared) return;
    this.#port.router.unbind(pair.address, this);
    this.#lastBound = undefined;
  }

  /** A name must never hold up the connection: its answer joins the checks whenever it comes. */
  #resolve(candidate: IceCandidate): void {
    const { signal } = this.#resolving ??= new AbortController();
    void this.#host.resolveMdns(candidate.address, signal).then((ip) => {
      this.#step((now) => this.transport.ice.addResolvedCandidate(now, candidate, ip));
    });
  }
}
