import { type Address, NEVER, randomBytes } from "../base/mod.ts";
import { DtlsConnection, type DtlsEvent, type SrtpProfile } from "../dtls/mod.ts";
import { IceAgent } from "../ice/mod.ts";
import { SctpAssociation, type SctpEvent } from "../sctp/mod.ts";
import { DataChannels } from "./data_channels.ts";
import { cookieOptions } from "./cookie_options.ts";
import { EarlyDatagrams } from "./early_datagrams.ts";
import { MediaTransport } from "./media_transport.ts";
import { packetKind } from "./packet_kind.ts";
import type {
  PeerTransportListener,
  PeerTransportOptions,
  RemoteTransportParameters,
  SctpParameters,
  TransmitSink,
  TransportCounters,
} from "./transport_types.ts";

/**
 * The datagram size every WebRTC path is expected to carry: browsers use about the same (libwebrtc
 * 1200 for media, 1191 for SCTP), and RFC 9000 §14 asks the same of paths. UDP payload bytes.
 */
export const BASE_DATAGRAM_BYTES = 1200;

/** Header (13), explicit nonce (8) and tag (16) of a DTLS 1.2 GCM record (RFC 6347 §4.1, RFC 5288 §3). */
export const DTLS_OVERHEAD_BYTES = 37;

/**
 * The AEADs first, then what RFC 8827 §6.5 asks of every WebRTC endpoint. The 32-bit tag is for those
 * who name it. Peers without media offer the profiles, too: aiortc and pion refuse a handshake without.
 */
const SRTP_PROFILES: readonly SrtpProfile[] = [
  "SRTP_AEAD_AES_128_GCM",
  "SRTP_AEAD_AES_256_GCM",
  "SRTP_AES128_CM_HMAC_SHA1_80",
];

/** RFC 6347 §4.1, RFC 5246 §6.2.1: a record carries at most 2^14 bytes, and each SCTP packet is one. */
const MAX_SCTP_PACKET_BYTES = 16_384;

/**
 * One bundle's engine: ICE, DTLS, SRTP, SCTP and the data channels, and the straight line between them.
 *
 * ```
 * handleDatagram ─ first byte ─┬─ STUN → ice
 *                              ├─ DTLS → dtls (staged) ─ endBatch → sctp → channels → listener
 *                              └─ SRTP → media (staged) ─ endBatch → listener
 * drain:  ice, dtls → sink;   media ─ protected in a batch → sink
 *         channels → sctp ─ writes into dtls' arena ─ sealed in a batch → sink
 * ```
 */
export class PeerTransport {
  /** The ICE agent. Commands to it are followed by {@linkcode PeerTransport.drain}. */
  readonly ice: IceAgent;
  /** The data channels, also before there is an association. */
  readonly channels: DataChannels;
  /** SRTP, when the owner has media; commands to it are followed by {@linkcode PeerTransport.drain}. */
  readonly media: MediaTransport | undefined;
  readonly #options: PeerTransportOptions;
  readonly #listener: PeerTransportListener;
  readonly #early: EarlyDatagrams = new EarlyDatagrams();
  #dtls: DtlsConnection | undefined;
  #sctp: SctpAssociation | undefined;
  #dtlsStarted = false;
  #sctpEnded = false;
  #closed = false;
  /** Bytes of the path that the host knows to need no fragmentation. */
  #pathDatagramBytes = BASE_DATAGRAM_BYTES;
  /** Datagrams that were neither STUN nor DTLS, or came from nowhere known. */
  dropped = 0;
  /** DTLS datagrams and bytes in both directions (RTCTransportStats). */
  readonly counters: TransportCounters = {
    packetsSent: 0,
    bytesSent: 0,
    packetsReceived: 0,
    bytesReceived: 0,
  };

  /** @param now milliseconds of the monotonic clock */
  constructor(now: number, options: PeerTransportOptions) {
    this.#options = options;
    this.#listener = options.listener;
    const { crypto, entropy, controlling, lite = false, media } = options;
    this.media = media && new MediaTransport(media.ciphers, media.listener);
    this.ice = new IceAgent({ crypto, entropy, controlling, lite, now });
    this.channels = new DataChannels(
      (channel) => this.#listener.onDataChannel(channel),
      () => this.#listener.onTouch(),
    );
  }

  /** The DTLS connection, once the remote description is known. */
  get dtls(): DtlsConnection | undefined {
    return this.#dtls;
  }

  /** The association, once it is negotiated. */
  get sctp(): SctpAssociation | undefined {
    return this.#sctp;
  }

  /** Applies a remote description; again and again, as offers and answers come. */
  setRemote(now: number, remote: RemoteTransportParameters): void {
    if (this.#closed) return;
    this.ice.setRemoteParameters(now, remote.ice);
    if (this.#dtls === undefined) this.#createDtls(now, remote);
    if (this.#sctp === undefined && remote.sctp !== undefined) {
      this.#createSctp(now, remote.sctp, remote.dtlsRole);
    }
  }

  /** Takes one received datagram; {@linkcode PeerTransport.endBatch} follows the last one of a batch. */
  handleDatagram(now: number, bytes: Uint8Array, from: Address, base: object): void {
    if (this.#closed) return;
    switch (packetKind(bytes)) {
      case "stun":
        return this.ice.handleInput(now, bytes, from, base);
      case "dtls":
        return this.#handleDtls(now, bytes, from, base);
      case "rtp":
        return this.#handleMedia(bytes, from, base);
      default:
        this.dropped++;
    }
  }

  /** Ends a batch: opens the staged records in one go and hands their packets to SCTP. */
  endBatch(now: number): void {
    const dtls = this.#dtls;
    if (dtls === undefined || this.#closed) return;
    this.media?.open();
    if (this.#closed) return;
    dtls.flushInput(now);
    this.#takePlaintexts(now, dtls);
  }

  /** Lets every machine act on the time. */
  handleTimeout(now: number): void {
    if (this.#closed) return;
    this.ice.handleTimeout(now);
    this.#dtls?.handleTimeout(now);
    this.#sctp?.handleTimeout(now);
  }

  /** When {@linkcode PeerTransport.handleTimeout} is due next. */
  pollTimeout(): number {
    if (this.#closed) return NEVER;
    return Math.min(
      this.ice.pollTimeout(),
      this.#dtls?.pollTimeout() ?? NEVER,
      this.#sctp?.pollTimeout() ?? NEVER,
    );
  }

  /** Delivers all events and sends everything that is to be sent, until nothing is left. */
  drain(now: number, sink: TransmitSink): void {
    let busy = !this.#closed;
    while (busy) {
      this.#drainEvents(now);
      this.#drainTransmits(now, sink);
      // What the machines lent must be gone before a listener makes them write again.
      sink.flush();
      busy = this.#drainEvents(now);
    }
  }

  /** The host knows that datagrams of this size reach the peer unfragmented, or nothing better than the base. */
  setPathDatagramBytes(bytes: number | undefined): void {
    this.#pathDatagramBytes = bytes ?? BASE_DATAGRAM_BYTES;
    this.#sctp?.setPathMtu(this.#pathMtu);
  }

  get #pathMtu(): number {
    return Math.min(this.#pathDatagramBytes - DTLS_OVERHEAD_BYTES, MAX_SCTP_PACKET_BYTES);
  }

  /** Says goodbye on every layer (SCTP ABORT, DTLS close_notify) and ends. No event follows. */
  close(now: number, sink: TransmitSink): void {
    if (this.#closed) return;
    this.#sctp?.abort(now);
    this.#drainTransmits(now, sink);
    this.#dtls?.close(now);
    this.#drainTransmits(now, sink);
    sink.flush();
    this.#closed = true;
    this.media?.close();
    this.channels.stop();
    this.ice.close(now);
  }

  #createDtls(now: number, remote: RemoteTransportParameters): void {
    const { crypto, entropy, certificate, lite = false, media } = this.#options;
    this.#dtls = new DtlsConnection({
      crypto,
      entropy,
      certificate,
      role: remote.dtlsRole,
      remoteFingerprints: remote.fingerprints,
      maxDatagramSize: BASE_DATAGRAM_BYTES,
      content: "sctp",
      srtpProfiles: media?.profiles ?? SRTP_PROFILES,
      ...(lite && { cookies: cookieOptions(this.ice, randomBytes(entropy, 16)) }),
    });
    this.#startDtls(now);
    for (const { bytes, from, base } of this.#early.take()) {
      this.#handleDtls(now, bytes, from, base);
    }
    this.endBatch(now);
  }

  #createSctp(now: number, parameters: SctpParameters, dtlsRole: "client" | "server"): void {
    this.#sctp = new SctpAssociation({
      entropy: this.#options.entropy,
      localPort: parameters.localPort,
      remotePort: parameters.remotePort,
      maxMessageSize: parameters.localMaxMessageSize,
      remoteMaxMessageSize: parameters.remoteMaxMessageSize,
      maxPacketSize: BASE_DATAGRAM_BYTES - DTLS_OVERHEAD_BYTES,
      zeroChecksum: true,
      crc32c: this.#options.crypto.crc32c,
      ...this.#options.sctp,
    });
    this.#sctp.setPathMtu(this.#pathMtu);
    this.channels.attach(this.#sctp, dtlsRole);
    if (this.#dtls?.state === "connected") this.#sctp.connect(now);
  }

  /** The client speaks first, as soon as there is a path (RFC 5763 §5). */
  #startDtls(now: number): void {
    if (this.#dtlsStarted || this.#dtls === undefined) return;
    if (this.ice.selectedPair === undefined) return;
    this.#dtlsStarted = true;
    this.#dtls.start(now);
  }

  #handleDtls(now: number, bytes: Uint8Array, from: Address, base: object): void {
    const dtls = this.#dtls;
    // Before the remote description, too, ICE knows who has checked with our password (RFC 8445 §7.3).
    const isPeer = this.ice.isKnownRemote(from, base);
    if (!isPeer || dtls === undefined) {
      if (!isPeer || !this.#early.keep(bytes, from, base)) this.dropped++;
      return;
    }
    this.counters.packetsReceived++;
    this.counters.bytesReceived += bytes.length;
    dtls.handleInput(now, bytes);
  }

  /** Anybody can send these: only the tag tells, and only the peer's addresses are worth the look. */
  #handleMedia(bytes: Uint8Array, from: Address, base: object): void {
    if (this.media === undefined || !this.ice.isKnownRemote(from, base)) {
      this.dropped++;
      return;
    }
    this.counters.packetsReceived++;
    this.counters.bytesReceived += bytes.length;
    this.media.stage(bytes);
  }

  /** Each packet's messages go to the application while they are in the processor's cache. */
  #takePlaintexts(now: number, dtls: DtlsConnection): void {
    for (let packet = dtls.nextPlaintext(); packet !== undefined; packet = dtls.nextPlaintext()) {
      if (this.#sctp === undefined) this.dropped++;
      else {
        const { packetRows, packetRow } = dtls.plaintextRow;
        this.#sctp.handleInput(now, packet, packetRows, packetRow);
        this.#drainSctpEvents(now);
      }
      if (this.#closed) return;
    }
  }

  /** Hands events to the listener; `true` when there was one. */
  #drainEvents(now: number): boolean {
    if (this.#closed) return false;
    let any = false;
    for (let ice = this.ice.pollEvent(); ice !== undefined; ice = this.ice.pollEvent()) {
      any = true;
      if (ice.type === "selected-pair") this.#startDtls(now);
      this.#listener.onIce(ice);
      if (this.#closed) return false;
    }
    for (let dtls = this.#dtls?.pollEvent(); dtls !== undefined; dtls = this.#dtls?.pollEvent()) {
      any = true;
      this.#handleDtlsEvent(now, dtls);
      if (this.#closed) return false;
    }
    return this.#drainSctpEvents(now) || any;
  }

  #drainSctpEvents(now: number): boolean {
    let any = false;
    for (let sctp = this.#sctp?.pollEvent(); sctp !== undefined; sctp = this.#sctp?.pollEvent()) {
      any = true;
      this.#handleSctpEvent(now, sctp);
      if (this.#closed) return false;
    }
    return any;
  }

  #handleDtlsEvent(now: number, event: DtlsEvent): void {
    const ended = event.type === "state" &&
      (event.state === "closed" || event.state === "failed");
    // What arrived before the goodbye is delivered before it.
    if (ended) this.#drainSctpEvents(now);
    if (this.#closed) return;
    this.#listener.onDtls(event);
    if (this.#closed || event.type !== "state") return;
    if (event.state === "connected") {
      if (this.#dtls !== undefined) this.media?.start(this.#dtls);
      this.#sctp?.connect(now);
    } else if (ended) {
      // The keys came from this session (RFC 5764 §4.2).
      this.media?.close();
      // Without its way to the peer the association would only wait for its timers.
      this.#sctp?.abort(now);
      this.#endSctp();
    }
  }

  #handleSctpEvent(now: number, event: SctpEvent): void {
    switch (event.type) {
      case "connected":
        this.#listener.onSctpState("connected");
        break;
      case "closed":
        return this.#endSctp(event.reason);
    }
    if (!this.#closed) this.channels.handleEvent(now, event);
  }

  #endSctp(failure?: { message: string; sctpCause?: number }): void {
    if (this.#sctp === undefined || this.#sctpEnded) return;
    this.#sctpEnded = true;
    this.channels.closeAll(failure);
    if (!this.#closed) this.#listener.onSctpState("closed");
  }

  #drainTransmits(now: number, sink: TransmitSink): void {
    for (let out = this.ice.pollTransmit(); out !== undefined; out = this.ice.pollTransmit()) {
      sink.transmit(out.base, out.bytes, out.to);
    }
    const pair = this.ice.selectedPair;
    const dtls = this.#dtls;
    if (dtls === undefined || pair === undefined) return;
    const { base, address: to } = pair;
    for (let bytes = dtls.pollTransmit(); bytes !== undefined; bytes = dtls.pollTransmit()) {
      this.#send(sink, base, bytes, to);
    }
    // A packet of media is late sooner than a message.
    if (this.media !== undefined) this.#drainMedia(sink, this.media, base, to);
    if (dtls.state === "connected" && this.#sctp !== undefined) {
      this.#drainSctp(now, sink, dtls, this.#sctp, base, to);
    }
  }

  #drainMedia(sink: TransmitSink, media: MediaTransport, base: object, to: Address): void {
    media.protect();
    for (let bytes = media.nextProtected(); bytes; bytes = media.nextProtected()) {
      this.#send(sink, base, bytes, to);
    }
  }

  /** SCTP writes its packets straight into the sealing arena; a full arena is sealed and sent. */
  #drainSctp(
    now: number,
    sink: TransmitSink,
    dtls: DtlsConnection,
    sctp: SctpAssociation,
    base: object,
    to: Address,
  ): void {
    for (let more = true; more;) {
      dtls.openSendBatch();
      let packets = 0;
      for (;;) {
        const limit = sctp.maxTransmitBytes;
        const at = dtls.beginRecord(limit);
        if (at < 0) break;
        const end = sctp.pollTransmit(now, dtls.sendBuffer, at, limit);
        more = end > at;
        if (!more) break;
        dtls.commitRecord(end - at);
        packets++;
      }
      if (packets === 0) return;
      dtls.sealSendBatch();
      for (let bytes = dtls.nextSealed(); bytes !== undefined; bytes = dtls.nextSealed()) {
        this.#send(sink, base, bytes, to);
      }
      sink.flush();
    }
  }

  #send(sink: TransmitSink, base: object, bytes: Uint8Array, to: Address): void {
    this.counters.packetsSent++;
    this.counters.bytesSent += bytes.length;
    sink.transmit(base, bytes, to);
  }
}
