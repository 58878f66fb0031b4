import { EMPTY, readU32 } from "../base/mod.ts";
import { isPadded, rtcpPacketLength, type RtcpProblem, rtcpProblem } from "./rtcp_compound.ts";
import { parseRtcpPacket, type RtcpPacket } from "./rtcp_packet.ts";

/**
 * Walks over the packets of a compound RTCP packet. One reader is reused for datagram after datagram;
 * nothing is allocated until {@linkcode RtcpReader.decode}.
 *
 * @example
 * ```ts
 * import { RtcpReader, writeNack, writeReceiverReport } from "@sterna/webrtc/rtp";
 *
 * const bytes = new Uint8Array(1200);
 * let end = writeReceiverReport({ type: "receiver-report", ssrc: 1, reports: [] }, bytes, 0);
 * const sequenceNumbers = [65534, 0, 1];
 * end = writeNack({ type: "nack", senderSsrc: 1, mediaSsrc: 2, sequenceNumbers }, bytes, end);
 *
 * const reader = new RtcpReader();
 * if (!reader.read(bytes, 0, end)) console.log(reader.problem);
 * while (reader.next()) {
 *   const packet = reader.decode();
 *   if (packet?.type === "nack") console.log(packet.sequenceNumbers); // [ 65534, 0, 1 ]
 * }
 * ```
 */
export class RtcpReader {
  /** The memory that the packets lie in. */
  bytes: Uint8Array = EMPTY;
  /** Why the last `read` returned `false`. */
  problem: RtcpProblem | undefined = undefined;
  /** Where the packet that the reader stands at begins in `bytes`. */
  at = 0;
  /** Behind its last byte that is not padding. */
  end = 0;
  /** Its type: 200 for a sender report, see `RTCP_TYPE`. */
  packetType = 0;
  /** Its five bits behind P: a count, a subtype or a kind of feedback. */
  count = 0;
  #next = 0;
  #end = 0;

  /**
   * Looks at the compound packet `bytes[at … end)`, and stands before its first packet. `false`: it is
   * to be dropped as a whole, `problem` says why. Never throws.
   *
   * @param reducedSize whether reports may be missing (RFC 5506), as WebRTC asks for (RFC 8834 §4.6)
   */
  read(bytes: Uint8Array, at = 0, end: number = bytes.length, reducedSize = true): boolean {
    this.problem = rtcpProblem(bytes, at, end, reducedSize);
    this.bytes = bytes;
    this.#next = at;
    this.#end = this.problem === undefined ? end : at;
    return this.problem === undefined;
  }

  /** Goes on to the next packet. `false`: there is none. */
  next(): boolean {
    if (this.#next >= this.#end) return false;
    const bytes = this.bytes, at = this.#next;
    this.at = at;
    this.#next = at + rtcpPacketLength(bytes, at);
    this.end = isPadded(bytes, at) ? this.#next - bytes[this.#next - 1]! : this.#next;
    this.packetType = bytes[at + 1]!;
    this.count = bytes[at]! & 0x1f;
    return true;
  }

  /** The first SSRC of the packet, its sender but for SDES and BYE; −1 when there is none. */
  get ssrc(): number {
    return this.end - this.at < 8 ? -1 : readU32(this.bytes, this.at + 4);
  }

  /** The SSRC of the media that feedback is about; −1 when there is none. */
  get mediaSsrc(): number {
    return this.end - this.at < 12 ? -1 : readU32(this.bytes, this.at + 8);
  }

  /**
   * What the packet says; `type` is `"unknown"` for kinds that this layer does not know. `undefined`
   * when it is malformed: then it alone is to be skipped. Bytes in it are views.
   */
  decode(): RtcpPacket | undefined {
    return parseRtcpPacket(this.bytes, this.at, this.end);
  }
}
