import type { Address } from "./address.ts";

/**
 * Datagrams that travel together: what a socket received in one go, or what it is to send in one
 * flush. The arrays are reused; entries past `count` are stale. The bytes are lent: a receiver may
 * read them until its handler returns, a sender may reuse them as soon as `send` has returned.
 */
export class DatagramBatch {
  /** How many datagrams the batch holds. */
  count = 0;
  /** One view per datagram. */
  readonly bytes: Uint8Array[] = [];
  /** Where each came from, or goes to. */
  readonly addresses: Address[] = [];

  /** Adds one datagram. */
  push(bytes: Uint8Array, address: Address): void {
    this.bytes[this.count] = bytes;
    this.addresses[this.count] = address;
    this.count++;
  }

  /** Empties the batch; views of earlier datagrams are overwritten by later ones. */
  clear(): void {
    this.count = 0;
  }
}
