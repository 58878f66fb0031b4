import { PacketSet, type PacketSpec, SET_PACKETS, TAG_BYTES } from "../packet_set.ts";
import { type Subject, WrongAnswer } from "../subject.ts";

/** What handles one packet at a time, with session keys and no session. */
export interface PacketCipher {
  /** Encrypts the packet at the head of `slot` in place and puts the tag behind it. */
  protect(slot: Uint8Array, length: number, rollover: number, sequence: number): void;
  /** Checks and decrypts in place a packet of this length without its tag. */
  unprotect(slot: Uint8Array, length: number, rollover: number, sequence: number): boolean;
}

/** A {@linkcode PacketCipher} as it goes through a set. */
export class PerPacketSubject implements Subject {
  readonly name: string;
  readonly batch = 1;
  readonly #cipher: PacketCipher;
  readonly #set: PacketSet;
  readonly #slots: readonly Uint8Array[];
  readonly #tagBytes: number;

  /** @param slotOf makes the view of a packet and of the room behind it, as the cipher likes it */
  constructor(
    name: string,
    cipher: PacketCipher,
    { profile, payloadBytes }: PacketSpec,
    slotOf: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes,
  ) {
    this.name = name;
    this.#cipher = cipher;
    this.#set = new PacketSet(payloadBytes, (length) => new Uint8Array(length));
    this.#tagBytes = TAG_BYTES[profile];
    const { bytes, stride } = this.#set;
    this.#slots = Array.from(
      { length: SET_PACKETS },
      (_, i) => slotOf(bytes.subarray(i * stride, (i + 1) * stride)),
    );
  }

  advance(): void {
    this.#set.advance();
  }

  protect(): void {
    const { length, rollovers, sequences } = this.#set;
    for (let i = 0; i < SET_PACKETS; i++) {
      this.#cipher.protect(this.#slots[i]!, length, rollovers[i]!, sequences[i]!);
    }
  }

  unprotect(): void {
    const { length, rollovers, sequences } = this.#set;
    for (let i = 0; i < SET_PACKETS; i++) {
      const ok = this.#cipher.unprotect(this.#slots[i]!, length, rollovers[i]!, sequences[i]!);
      if (!ok) throw new WrongAnswer(`${this.name} refused its own packet`);
    }
  }

  firstProtected(): Uint8Array {
    return this.#slots[0]!.slice(0, this.#set.length + this.#tagBytes);
  }

  firstUnprotected(): Uint8Array {
    return this.#slots[0]!.slice(0, this.#set.length);
  }

  dispose(): void {}
}
