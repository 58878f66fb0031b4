import { type Address, releaseAddress, retainAddress } from "../base/mod.ts";
import { StunAttribute, StunClass, StunReader } from "../stun/mod.ts";
import { packetKind } from "./packet_kind.ts";

/**
 * Finds the peer that a datagram on a shared UDP port belongs to. STUN requests name their peer in
 * USERNAME (RFC 8445 §7.2.2: the receiver's fragment comes first); everything else goes by the remote
 * address, which a peer binds when it begins to exchange checks with it and owns when a check of it
 * was authenticated.
 *
 * The table holds what peers bound and nothing that strangers sent.
 */
export class PortRouter<Peer> {
  readonly #byFragment = new Map<string, Peer>();
  readonly #owners = new Map<Address, Peer>();
  readonly #reader = new StunReader();
  /** Datagrams that belong to nobody. */
  dropped = 0;

  /** Registers the local username fragment of a peer; after an ICE restart it has two for a while. */
  addFragment(fragment: string, peer: Peer): void {
    this.#byFragment.set(fragment, peer);
  }

  /**
   * Binds a remote address. A later peer takes it over only with `authenticated` evidence: otherwise
   * a candidate with somebody else's address would steal that peer's packets.
   */
  bind(address: Address, peer: Peer, authenticated: boolean): void {
    const owner = this.#owners.get(address);
    if (owner === peer || (owner !== undefined && !authenticated)) return;
    if (owner === undefined) retainAddress(address);
    this.#owners.set(address, peer);
  }

  /** Forgets everything of a peer. */
  remove(peer: Peer): void {
    for (const [fragment, owner] of this.#byFragment) {
      if (owner === peer) this.#byFragment.delete(fragment);
    }
    for (const [address, owner] of this.#owners) {
      if (owner !== peer) continue;
      this.#owners.delete(address);
      releaseAddress(address);
    }
  }

  /** The peer that is to handle a datagram, or `undefined`, counted. */
  route(datagram: Uint8Array, from: Address): Peer | undefined {
    const owner = this.#owners.get(from);
    // RFC 7983: whatever is not STUN goes by address alone.
    if (packetKind(datagram) !== "stun") {
      if (owner === undefined) this.dropped++;
      return owner;
    }
    if (!this.#reader.read(datagram)) {
      this.dropped++;
      return undefined;
    }
    const isRequest = this.#reader.messageClass === StunClass.REQUEST;
    const peer = isRequest ? this.#byFragment.get(this.#localFragment()) : owner;
    if (peer === undefined) this.dropped++;
    return peer;
  }

  /** RFC 8445 §7.2.2: USERNAME is the receiver's fragment, a colon, and the sender's. */
  #localFragment(): string {
    const username = this.#reader.text(StunAttribute.USERNAME) ?? "";
    return username.slice(0, Math.max(0, username.indexOf(":")));
  }
}
