import { distance16 } from "../base/mod.ts";
import { SRTP_EXHAUSTED, SRTP_OK, SRTP_REPLAYED, SRTP_TOO_OLD } from "./status.ts";

/**
 * RFC 3711 §3.3.2 asks for at least 64. Video comes in bursts of hundreds of packets that one
 * retransmission overtakes; 1024 keeps them for 128 bytes of memory.
 */
const WINDOW = 1024;

/** RFC 3711 §3.3.1: the rollover counter has 32 bits. */
const ROLLOVERS = 0x1_0000_0000;

/**
 * Which packet indices of one source were seen (RFC 3711 §3.3.1, §3.3.2). An index is a pair of
 * rollover counter and sequence number: both are small integers, which engines keep without
 * allocating, as they do not for 48 bits. Nothing changes but by `accept` and `restart`.
 */
export class PacketWindow {
  readonly #bits = new Uint32Array(WINDOW / 32);
  #started = false;
  #roc: number;
  /** The highest sequence number of the rollover `#roc`: s_l of RFC 3711 §3.3.1. */
  #top = 0;

  /** @param roc rollover counter of the first packet to come */
  constructor(roc = 0) {
    this.#roc = roc;
  }

  /** Whether a packet was accepted already. */
  get started(): boolean {
    return this.#started;
  }

  /**
   * RFC 3711 appendix A: the rollover counter that goes with `sequence`, which brings the index
   * nearest to the highest one so far. Below 0 or above 2³² − 1 there is none.
   */
  rollover(sequence: number): number {
    if (!this.#started) return this.#roc;
    const top = this.#top;
    let distance = distance16(top, sequence);
    // Half the circle away is the one case that the appendix decides by which half the top is in.
    if (distance === -0x8000 && top < 0x8000) distance = 0x8000;
    return this.#roc + ((top + distance) >> 16);
  }

  /** `SRTP_OK` for an index that was not seen, or why a packet of this index is not wanted. */
  check(roc: number, sequence: number): number {
    if (roc < 0) return SRTP_TOO_OLD;
    if (roc >= ROLLOVERS) return SRTP_EXHAUSTED;
    if (!this.#started) return SRTP_OK;
    const ahead = this.#ahead(roc, sequence);
    if (ahead > 0) return SRTP_OK;
    if (ahead <= -WINDOW) return SRTP_TOO_OLD;
    const bit = sequence & (WINDOW - 1);
    return (this.#bits[bit >>> 5]! & (1 << (bit & 31))) === 0 ? SRTP_OK : SRTP_REPLAYED;
  }

  /** As `check`, and notes the index when it is `SRTP_OK`. */
  accept(roc: number, sequence: number): number {
    const status = this.check(roc, sequence);
    if (status !== SRTP_OK) return status;
    if (!this.#started || this.#ahead(roc, sequence) > 0) this.#advance(roc, sequence);
    const bit = sequence & (WINDOW - 1);
    this.#bits[bit >>> 5]! |= 1 << (bit & 31);
    return SRTP_OK;
  }

  /** Forgets everything; `roc` is the rollover counter of the next packet. */
  restart(roc: number): void {
    this.#started = false;
    this.#roc = roc;
    this.#bits.fill(0);
  }

  /** How far an index is ahead of the highest one. */
  #ahead(roc: number, sequence: number): number {
    return (roc - this.#roc) * 0x10000 + sequence - this.#top;
  }

  #advance(roc: number, sequence: number): void {
    const ahead = this.#started ? this.#ahead(roc, sequence) : WINDOW;
    if (ahead >= WINDOW) this.#bits.fill(0);
    else {
      for (let i = 1; i <= ahead; i++) {
        const bit = (this.#top + i) & (WINDOW - 1);
        this.#bits[bit >>> 5]! &= ~(1 << (bit & 31));
      }
    }
    this.#started = true;
    this.#roc = roc;
    this.#top = sequence;
  }
}
