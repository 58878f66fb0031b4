/** Sterna's engine as a mirror: what a browser sends comes back to it, decrypted and encrypted anew. */
import { writeU16, writeU32 } from "../../../src/base/mod.ts";
import { createCertificate } from "../../../src/crypto/mod.ts";
import { detectHost, TransportDriver, type TransportListener } from "../../../src/host/mod.ts";
import type { IceCandidate } from "../../../src/ice/mod.ts";
import type { MediaStats } from "../../../src/peer/mod.ts";
import {
  RtcpReader,
  RTP_AT,
  RTP_COLUMNS,
  RTP_FLAGS,
  RTP_LENGTH,
  RTP_SEQUENCE,
  RTP_SSRC,
  RTP_STATUS,
  writeRtcpPacket,
} from "../../../src/rtp/mod.ts";
import { SRTP_OK, type SrtpBatch, type SrtpProfile } from "../../../src/srtp/mod.ts";
import { readOffer, writeAnswer } from "./answer.ts";

/** Where our sequence numbers begin: they wrap while the browser listens (RFC 3711 §3.3.1). */
export const FIRST_SEQUENCE = 65_500;
/** What we send as; the type of a packet tells which of the two it is. */
const SSRCS = { audio: 0x5e_00_00_01, video: 0x5e_00_00_02 } as const;

/** One stream of the browser on its way back. */
interface Stream {
  readonly incoming: number;
  readonly outgoing: number;
  readonly firstSequence: number;
  packets: number;
  lastSequence: number;
}

/** The mirror. */
export class Echo implements TransportListener {
  readonly #driver: TransportDriver;
  readonly #fingerprint: string;
  readonly #candidates: IceCandidate[] = [];
  readonly #streams: Map<number, Stream> = new Map();
  #audioType: number | undefined;
  readonly #gathered: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly #reader: RtcpReader = new RtcpReader();
  /** Types of the control packets that the browser sent. */
  readonly controlTypes: Set<string> = new Set();

  /** @param profiles what DTLS takes */
  constructor(profiles: readonly SrtpProfile[]) {
    const host = detectHost();
    const { crypto, entropy } = host;
    const certificate = createCertificate({ crypto, entropy, nowMs: host.wallClock() });
    this.#fingerprint = certificate.fingerprint("sha-256");
    this.#driver = new TransportDriver({
      host,
      certificate,
      controlling: false,
      udp: { includeLoopback: true },
      listener: this,
      media: { listener: this, profiles },
    });
  }

  /** Answers an offer that has its candidates in it. */
  async answer(offer: string): Promise<string> {
    const { remote, candidates, audioType } = readOffer(offer);
    this.#audioType = audioType;
    this.#driver.setRemote(remote);
    for (const candidate of candidates) this.#driver.addRemoteCandidate(candidate);
    this.#driver.setRemoteEndOfCandidates();
    this.#driver.gather();
    await this.#gathered.promise;
    return writeAnswer(offer, {
      ice: this.#driver.localIceParameters,
      fingerprint: { algorithm: "sha-256", value: this.#fingerprint },
      candidates: this.#candidates,
      ssrcs: SSRCS,
    });
  }

  /** What SRTP counted. */
  stats(): MediaStats | undefined {
    return this.#driver.transport.media?.stats();
  }

  /** The profile that DTLS agreed on. */
  get profile(): SrtpProfile | undefined {
    return this.#driver.transport.dtls?.srtpProfile;
  }

  /** Packets of each stream that were sent back. */
  get packets(): readonly number[] {
    return [...this.#streams.values()].map(({ packets }) => packets);
  }

  close(): void {
    this.#driver.close();
  }

  onIce(event: Parameters<TransportListener["onIce"]>[0]): void {
    if (event.type === "candidate") this.#candidates.push(event.candidate);
    else if (event.type === "gathering" && event.state === "complete") this.#gathered.resolve();
  }

  onRtp({ bytes, rows, count }: SrtpBatch): void {
    const { media } = this.#driver.transport;
    for (let row = 0; row < count * RTP_COLUMNS; row += RTP_COLUMNS) {
      if (rows[row + RTP_STATUS] !== SRTP_OK) continue;
      const at = rows[row + RTP_AT]!, sequence = rows[row + RTP_SEQUENCE]!;
      const packet = bytes.slice(at, at + rows[row + RTP_LENGTH]!);
      const stream = this.#streamOf(rows[row + RTP_SSRC]!, rows[row + RTP_FLAGS]!, sequence);
      writeU16(packet, 2, (FIRST_SEQUENCE + sequence - stream.firstSequence) & 0xffff);
      writeU32(packet, 8, stream.outgoing);
      stream.packets++;
      stream.lastSequence = sequence;
      media?.sendRtp(packet);
      if (stream.packets % 50 === 1) media?.sendRtcp(this.#feedback(stream));
    }
  }

  onRtcp({ bytes, rows, count }: SrtpBatch): void {
    for (let row = 0; row < count * RTP_COLUMNS; row += RTP_COLUMNS) {
      if (rows[row + RTP_STATUS] !== SRTP_OK) continue;
      const at = rows[row + RTP_AT]!;
      if (!this.#reader.read(bytes, at, at + rows[row + RTP_LENGTH]!)) continue;
      while (this.#reader.next()) this.controlTypes.add(this.#reader.decode()?.type ?? "malformed");
    }
  }

  onGatheringError(): void {}
  onDtls(): void {}
  onSctpState(): void {}
  onDataChannel(): void {}

  /** A receiver report on a stream and a request for a key frame (RFC 3550 §6.4.2, RFC 4585 §6.3.1). */
  #feedback({ incoming, outgoing, lastSequence }: Stream): Uint8Array {
    const out = new Uint8Array(64);
    const report = {
      ssrc: incoming,
      fractionLost: 0,
      cumulativeLost: 0,
      highestSequenceNumber: lastSequence,
      jitter: 0,
      lastSr: 0,
      delaySinceLastSr: 0,
    };
    const type = "receiver-report";
    const end = writeRtcpPacket({ type, ssrc: outgoing, reports: [report] }, out, 0);
    const request = { type: "pli", senderSsrc: outgoing, mediaSsrc: incoming } as const;
    return out.subarray(0, writeRtcpPacket(request, out, end));
  }

  #streamOf(ssrc: number, flags: number, firstSequence: number): Stream {
    let stream = this.#streams.get(ssrc);
    if (stream === undefined) {
      const outgoing = (flags & 0x7f) === this.#audioType ? SSRCS.audio : SSRCS.video;
      stream = { incoming: ssrc, outgoing, firstSequence, packets: 0, lastSequence: firstSequence };
      this.#streams.set(ssrc, stream);
    }
    return stream;
  }
}
