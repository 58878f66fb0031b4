import type { PeerInfo } from "./messages.ts";

/** A connection's place in a room. */
export interface Member {
  /** The connection, as the machine numbers it. */
  readonly connection: number;
  /** What the others see. */
  info: PeerInfo;
}

/** The members of one room. */
export class Room {
  /** The room's name. */
  readonly name: string;
  readonly #members = new Map<string, Member>();

  /** @param name as the first member gave it */
  constructor(name: string) {
    this.name = name;
  }

  /** How many members there are. */
  get size(): number {
    return this.#members.size;
  }

  /** Every member, in the order of joining. */
  members(): IterableIterator<Member> {
    return this.#members.values();
  }

  /** The member that `id` names. */
  find(id: string): Member | undefined {
    return this.#members.get(id);
  }

  /** Takes a member in. */
  add(member: Member): void {
    this.#members.set(member.info.id, member);
  }

  /** Lets a member go. */
  remove(member: Member): void {
    this.#members.delete(member.info.id);
  }
}
