import type { Address } from "../base/mod.ts";

/**
 * DTLS datagrams kept until the remote description is known: an answerer's ClientHello can overtake
 * its answer. One flight of a post-quantum ClientHello is two datagrams; DTLS has not
 * authenticated them.
 */
const MAX_EARLY_DATAGRAMS = 4;

/** A datagram and its way here. */
interface EarlyDatagram {
  readonly bytes: Uint8Array;
  readonly from: Address;
  readonly base: object;
}

/** Datagrams that came before there was anybody to read them. */
export class EarlyDatagrams {
  #kept: EarlyDatagram[] = [];

  /** Copies a datagram; `false` when there are enough already. */
  keep(bytes: Uint8Array, from: Address, base: object): boolean {
    if (this.#kept.length >= MAX_EARLY_DATAGRAMS) return false;
    this.#kept.push({ bytes: bytes.slice(), from, base });
    return true;
  }

  /** Hands them over, in the order of their coming. */
  take(): readonly EarlyDatagram[] {
    const kept = this.#kept;
    this.#kept = [];
    return kept;
  }
}
