import { type Address, releaseAddress, retainAddress } from "../base/mod.ts";
import { StunAttribute, StunClass, StunReader } from "../stun/mod.ts";
import { packetKind } from "./packet_kind.ts";

/**
 * Username fragments kept per peer. Two are alive during an ICE restart, and each restart that nobody
 * answered leaves one behind; without a bound a peer that restarts all day would fill the table.
 */
const MAX_FRAGMENTS = 8;

/**
 * Addresses that one peer may claim: what it signaled or checked from in two ICE sessions of 64 remote
 * candidates each. Beyond it the oldest is given up: a peer that forges the source of its checks gets
 * an answer to each of them, and could fill the table otherwise.
 */
const MAX_CLAIMS = 128;

/** What is kept of one peer. */
class Holdings {
  /** In the order of registration. */
  readonly fragments: string[] = [];
  /** In the order of claiming. */
  readonly addresses = new Set<Address>();
  /** The last one that it verified; never given up for others. */
  verified: Address | undefined;
}

/**
 * Finds the peer that a datagram on a shared UDP port belongs to. STUN requests name their peer in
 * USERNAME (RFC 8445 §7.2.2: the receiver's fragment comes first), responses go to the peer that sent
 * the request, and everything else goes by the remote address.
 *
 * A peer claims an address when it begins to exchange checks with it. A peer may signal, or forge, the
 * address of another one, so several can claim the same. It belongs to the first, until one of them has
 * verified it: then to that one.
 *
 * The table holds what peers claimed and nothing that strangers sent.
 */
export class PortRouter<Peer> {
  readonly #byFragment = new Map<string, Peer>();
  readonly #holdings = new Map<Peer, Holdings>();
  /** Who claims an address; the first one owns it. */
  readonly #claims = new Map<Address, Peer[]>();
  readonly #reader = new StunReader();
  readonly #awaits: (peer: Peer, response: Uint8Array) => boolean;
  /** Datagrams that belong to nobody. */
  dropped = 0;

  /** @param awaits whether a STUN response answers a request of that peer */
  constructor(awaits: (peer: Peer, response: Uint8Array) => boolean) {
    this.#awaits = awaits;
  }

  /** Registers the local username fragment of a peer; after an ICE restart it has two for a while. */
  addFragment(fragment: string, peer: Peer): void {
    if (this.#byFragment.get(fragment) === peer) return;
    this.#byFragment.set(fragment, peer);
    const { fragments } = this.#holdingsOf(peer);
    fragments.push(fragment);
    if (fragments.length > MAX_FRAGMENTS) this.#byFragment.delete(fragments.shift()!);
  }

  /**
   * Claims a remote address. With `verified` the peer becomes its owner: a check of its own to there was
   * answered, which takes more than knowing the address or writing it on a datagram.
   */
  bind(address: Address, peer: Peer, verified: boolean): void {
    const holdings = this.#holdingsOf(peer);
    if (verified) holdings.verified = address;
    let claims = this.#claims.get(address);
    if (claims === undefined) {
      retainAddress(address);
      this.#claims.set(address, claims = []);
    }
    if (!holdings.addresses.has(address)) {
      holdings.addresses.add(address);
      claims.push(peer);
      this.#giveUpOldest(peer, holdings);
    }
    if (verified && claims[0] !== peer) {
      claims.splice(claims.indexOf(peer), 1);
      claims.unshift(peer);
    }
  }

  #holdingsOf(peer: Peer): Holdings {
    let holdings = this.#holdings.get(peer);
    if (holdings === undefined) this.#holdings.set(peer, holdings = new Holdings());
    return holdings;
  }

  #giveUpOldest(peer: Peer, { addresses, verified }: Holdings): void {
    if (addresses.size <= MAX_CLAIMS) return;
    for (const address of addresses) {
      if (address !== verified) return this.unbind(address, peer);
    }
  }

  /** Takes a claim back: the peer has lost its way to the address. */
  unbind(address: Address, peer: Peer): void {
    const claims = this.#claims.get(address);
    const holdings = this.#holdings.get(peer);
    if (claims === undefined || !holdings?.addresses.delete(address)) return;
    if (holdings.verified === address) holdings.verified = undefined;
    claims.splice(claims.indexOf(peer), 1);
    if (claims.length > 0) return;
    this.#claims.delete(address);
    releaseAddress(address);
  }

  /** Forgets everything of a peer. */
  remove(peer: Peer): void {
    const holdings = this.#holdings.get(peer);
    if (holdings === undefined) return;
    for (const fragment of holdings.fragments) {
      if (this.#byFragment.get(fragment) === peer) this.#byFragment.delete(fragment);
    }
    for (const address of holdings.addresses) this.unbind(address, peer);
    this.#holdings.delete(peer);
  }

  /** The peer that is to handle a datagram, or `undefined`, counted. */
  route(datagram: Uint8Array, from: Address): Peer | undefined {
    const claims = this.#claims.get(from);
    const peer = packetKind(datagram) === "stun"
      ? this.#routeStun(datagram, claims)
      // RFC 7983: whatever is not STUN goes by address alone.
      : claims?.[0];
    if (peer === undefined) this.dropped++;
    return peer;
  }

  #routeStun(datagram: Uint8Array, claims: readonly Peer[] | undefined): Peer | undefined {
    if (!this.#reader.read(datagram)) return undefined;
    switch (this.#reader.messageClass) {
      case StunClass.REQUEST:
        return this.#byFragment.get(this.#localFragment());
      case StunClass.INDICATION:
        return claims?.[0];
      default:
        // Mostly there is one claim, and its agent looks at the response once.
        return claims === undefined || claims.length === 1
          ? claims?.[0]
          : claims.find((peer) => this.#awaits(peer, datagram));
    }
  }

  /** RFC 8445 §7.2.2: USERNAME is the receiver's fragment, a colon, and the sender's. */
  #localFragment(): string {
    const username = this.#reader.text(StunAttribute.USERNAME) ?? "";
    return username.slice(0, Math.max(0, username.indexOf(":")));
  }
}
