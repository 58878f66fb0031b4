import { type Address, releaseAddress, retainAddress } from "../base/mod.ts";

/** The remote addresses that have proven to hold the password, with the bases they came to. */
export class KnownRemotes {
  readonly #bases = new Map<Address, object[]>();

  /** Adds one; keeps the identity of the address. */
  add(address: Address, base: object): void {
    const bases = this.#bases.get(address);
    if (bases === undefined) {
      retainAddress(address);
      this.#bases.set(address, [base]);
    } else if (!bases.includes(base)) {
      bases.push(base);
    }
  }

  /** Whether it was added. One look-up by identity. */
  has(address: Address, base: object): boolean {
    const bases = this.#bases.get(address);
    return bases !== undefined && bases.includes(base);
  }

  /** How many addresses are known. */
  get size(): number {
    return this.#bases.size;
  }

  /** Forgets all. */
  clear(): void {
    for (const address of this.#bases.keys()) releaseAddress(address);
    this.#bases.clear();
  }
}
