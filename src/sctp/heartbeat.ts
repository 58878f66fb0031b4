import { type Entropy, equalBytes, randomBytes, readU16 } from "../base/mod.ts";
import { CHUNK_HEADER_BYTES } from "./chunk.ts";
import { ParameterType } from "./parameter.ts";

/** Random, so that an answer proves that the HEARTBEAT has arrived (RFC 9260 §8.3). */
const NONCE_BYTES = 8;

/** The one HEARTBEAT of its kind that is under way. */
export class Heartbeat {
  readonly #entropy: Entropy;
  #nonce: Uint8Array | undefined;
  #sentAt = 0;

  /** @param entropy source of the nonces */
  constructor(entropy: Entropy) {
    this.#entropy = entropy;
  }

  /** Whether an answer is awaited. */
  get pending(): boolean {
    return this.#nonce !== undefined;
  }

  /**
   * Sends the one that is under way again, as it was. An answer says nothing about the round-trip time
   * from here on (RFC 9260 §6.3.1 C5): it counts as infinite.
   */
  repeat(): Uint8Array | undefined {
    this.#sentAt = -Infinity;
    return this.#nonce;
  }

  /** Begins a new one; an earlier one no longer counts. Returns its information. */
  begin(now: number): Uint8Array {
    this.#sentAt = now;
    return this.#nonce = randomBytes(this.#entropy, NONCE_BYTES);
  }

  /** Takes a HEARTBEAT ACK; returns the round-trip time in milliseconds, or −1: not an answer to it. */
  handleAck(now: number, packet: Uint8Array, at: number, end: number): number {
    const info = at + CHUNK_HEADER_BYTES;
    if (this.#nonce === undefined || end - info < 4 + NONCE_BYTES) return -1;
    if (readU16(packet, info) !== ParameterType.heartbeatInfo) return -1;
    if (!equalBytes(packet.subarray(info + 4, info + 4 + NONCE_BYTES), this.#nonce)) return -1;
    this.#nonce = undefined;
    return now - this.#sentAt;
  }
}
