import type { Delivery } from "./room_state.ts";

/** What a room's members were told lately, for those who come back. Bounded by whoever trims it. */
export class ReplayRing {
  #deliveries: Delivery[] = [];
  #base: number;

  /** @param base the position behind which everything is here */
  constructor(base: number) {
    this.#base = base;
  }

  /** The position behind which everything is here. */
  get base(): number {
    return this.#base;
  }

  /** Whether nothing is kept. */
  get isEmpty(): boolean {
    return this.#deliveries.length === 0;
  }

  /** Adds what was told; positions never fall. */
  push(delivery: Delivery): void {
    this.#deliveries.push(delivery);
  }

  /** Forgets everything up to `position`. */
  trim(position: number): void {
    this.#base = position;
    this.#deliveries = this.#deliveries.slice(this.#firstAfter(position));
  }

  /** Calls `take` with what `session` was to be told after `position`, in order. */
  replay(session: string, position: number, take: (delivery: Delivery) => void): void {
    for (let i = this.#firstAfter(position); i < this.#deliveries.length; i++) {
      const delivery = this.#deliveries[i]!;
      if (concerns(delivery, session)) take(delivery);
    }
  }

  /** Index of the first delivery behind `position`: a binary search. */
  #firstAfter(position: number): number {
    let low = 0, high = this.#deliveries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#deliveries[middle]!.position <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Whether `session` is to be told. */
export function concerns(delivery: Delivery, session: string): boolean {
  return delivery.to === undefined ? delivery.except !== session : delivery.to === session;
}
