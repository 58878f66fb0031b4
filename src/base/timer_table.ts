/** A machine without a deadline: `pollTimeout()` returns this. */
export const NEVER: number = Infinity;

/**
 * The timers of one machine, in named slots: at most one deadline per name. The machine sets and
 * clears them by name, asks for the earliest in `pollTimeout()`, and in `handleTimeout(now)` calls
 * {@linkcode TimerTable.expire} once for each of its slots.
 */
export class TimerTable<Slot extends string> {
  readonly #deadlines: Record<Slot, number>;
  readonly #slots: readonly Slot[];

  /** @param slots the names, fixed for the life of the table */
  constructor(slots: readonly Slot[]) {
    this.#slots = slots;
    this.#deadlines = Object.fromEntries(slots.map((slot) => [slot, NEVER])) as Record<
      Slot,
      number
    >;
  }

  /** Arms `slot` for `atMs`, milliseconds of the monotonic clock; replaces an earlier deadline. */
  set(slot: Slot, atMs: number): void {
    this.#deadlines[slot] = atMs;
  }

  /** Disarms `slot`. */
  clear(slot: Slot): void {
    this.#deadlines[slot] = NEVER;
  }

  /** Disarms every slot. */
  clearAll(): void {
    for (const slot of this.#slots) this.#deadlines[slot] = NEVER;
  }

  /** Whether `slot` is armed. */
  armed(slot: Slot): boolean {
    return this.#deadlines[slot] !== NEVER;
  }

  /** The deadline of `slot`, or {@linkcode NEVER}. */
  deadline(slot: Slot): number {
    return this.#deadlines[slot];
  }

  /** Disarms `slot` and returns `true` when its deadline has come. */
  expire(slot: Slot, now: number): boolean {
    if (this.#deadlines[slot] > now) return false;
    this.#deadlines[slot] = NEVER;
    return true;
  }

  /** The earliest deadline of all slots, or {@linkcode NEVER}. */
  next(): number {
    let next = NEVER;
    for (const slot of this.#slots) {
      if (this.#deadlines[slot] < next) next = this.#deadlines[slot];
    }
    return next;
  }
}
