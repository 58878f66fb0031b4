import type { DtlsConnection } from "../dtls/mod.ts";
import {
  keyingMaterialLength,
  splitKeyingMaterial,
  SRTP_EXPORTER_LABEL,
  type SrtpBatch,
  type SrtpCipherProvider,
  SrtpReceiver,
  type SrtpReceiverStats,
  SrtpSender,
  type SrtpSenderStats,
} from "../srtp/mod.ts";
import { isControlPacket } from "./packet_kind.ts";
import { PacketArena } from "./packet_arena.ts";

/** Who hears of decrypted packets; the batch and its bytes are lent until the call returns. */
export interface MediaListener {
  /** RTP packets: those rows whose `RTP_STATUS` is `SRTP_OK`. */
  onRtp(packets: SrtpBatch): void;
  /** Compound RTCP packets, likewise. */
  onRtcp(packets: SrtpBatch): void;
}

/** What SRTP did and dropped. */
export interface MediaStats {
  /** Of what was sent. */
  readonly sent: SrtpSenderStats;
  /** Of what was received. */
  readonly received: SrtpReceiverStats;
}

interface Lanes {
  readonly rtp: PacketArena;
  readonly rtcp: PacketArena;
}

interface Keyed {
  readonly sender: SrtpSender;
  readonly receiver: SrtpReceiver;
}

/**
 * SRTP between the datagrams of one transport and its media: keyed by DTLS (RFC 5764), RTP and RTCP
 * on one port (RFC 5761).
 *
 * ```
 * datagram ─ stage ─ copied into an arena ─ open: one batch of each kind ─ listener
 * packet ─ written into an arena ─ drain: one batch of each kind ─ datagrams
 * ```
 */
export class MediaTransport {
  readonly #ciphers: SrtpCipherProvider;
  readonly #listener: MediaListener;
  readonly #received: Lanes;
  readonly #sending: Lanes;
  #keyed: Keyed | undefined;
  /** Packets that found no keys or no room. */
  dropped = 0;

  /** Without keys it drops everything. */
  constructor(ciphers: SrtpCipherProvider, listener: MediaListener) {
    this.#ciphers = ciphers;
    this.#listener = listener;
    this.#received = { rtp: new PacketArena(ciphers), rtcp: new PacketArena(ciphers) };
    this.#sending = { rtp: new PacketArena(ciphers), rtcp: new PacketArena(ciphers) };
  }

  /** Whether packets can pass. */
  get ready(): boolean {
    return this.#keyed !== undefined;
  }

  /** Takes the keys of a connected DTLS session, if one was negotiated (RFC 5764 §4.2). */
  start(dtls: DtlsConnection): void {
    const profile = dtls.srtpProfile;
    if (profile === undefined) return;
    const material = dtls.exportKeyingMaterial(SRTP_EXPORTER_LABEL, keyingMaterialLength(profile));
    const { local, remote } = splitKeyingMaterial(profile, dtls.role, material);
    const ciphers = this.#ciphers;
    this.#keyed = {
      sender: new SrtpSender({ profile, ...local, ciphers }),
      receiver: new SrtpReceiver({ profile, ...remote, ciphers }),
    };
    material.fill(0);
  }

  /**
   * Copies one received datagram; {@linkcode MediaTransport.open} follows the last of a batch, and comes
   * before when there is no room.
   */
  stage(datagram: Uint8Array): void {
    const lane = isControlPacket(datagram) ? this.#received.rtcp : this.#received.rtp;
    if (this.#keyed !== undefined && lane.add(datagram)) return;
    this.open();
    if (this.#keyed === undefined || !lane.add(datagram)) this.dropped++;
  }

  /** Decrypts what was staged and hands it to the listener, who may call anything. */
  open(): void {
    const { rtp, rtcp } = this.#received;
    if (rtp.count > 0) {
      if (this.#keyed?.receiver.unprotect(rtp.batch)) this.#listener.onRtp(rtp.batch);
      rtp.reset();
    }
    if (rtcp.count > 0) {
      if (this.#keyed?.receiver.unprotectControl(rtcp.batch)) this.#listener.onRtcp(rtcp.batch);
      rtcp.reset();
    }
  }

  /** Queues one RTP packet, which is copied; `false` when there are no keys or is no room. */
  sendRtp(packet: Uint8Array): boolean {
    return this.#queue(this.#sending.rtp, packet);
  }

  /** Queues one compound RTCP packet, likewise. */
  sendRtcp(packet: Uint8Array): boolean {
    return this.#queue(this.#sending.rtcp, packet);
  }

  /** Protects what is queued; {@linkcode MediaTransport.nextProtected} hands it out. */
  protect(): void {
    const { rtp, rtcp } = this.#sending;
    if (rtcp.count > 0) this.#keyed?.sender.protectControl(rtcp.batch);
    if (rtp.count > 0) this.#keyed?.sender.protect(rtp.batch);
  }

  /** The next protected datagram, lent until the next packet is queued; control packets come first. */
  nextProtected(): Uint8Array | undefined {
    return this.#sending.rtcp.shift() ?? this.#sending.rtp.shift();
  }

  /** Counters of both directions; `undefined` without keys. */
  stats(): MediaStats | undefined {
    const keyed = this.#keyed;
    return keyed && { sent: keyed.sender.stats(), received: keyed.receiver.stats() };
  }

  /** Forgets the keys. */
  close(): void {
    this.#keyed?.sender.dispose();
    this.#keyed?.receiver.dispose();
    this.#keyed = undefined;
    for (const { rtp, rtcp } of [this.#received, this.#sending]) {
      rtp.release();
      rtcp.release();
    }
  }

  #queue(lane: PacketArena, packet: Uint8Array): boolean {
    if (this.#keyed !== undefined && lane.add(packet)) return true;
    this.dropped++;
    return false;
  }
}
