import { NEVER } from "../../../base/mod.ts";
import type { SwitchboardClock } from "../../switchboard_clock.ts";

/** The clock of an object that sleeps: wall time, and one alarm instead of timers. */
export class SleepingClock implements SwitchboardClock {
  readonly #setAlarm: (timeMs: number) => void;
  readonly #onArm: () => void;
  #latest = 0;
  #past: number | undefined;
  #alarmAt = NEVER;

  /** @param setAlarm wakes the object @param onArm called when a step is done */
  constructor(setAlarm: (timeMs: number) => void, onArm: () => void) {
    this.#setAlarm = setAlarm;
    this.#onArm = onArm;
  }

  /** Milliseconds since 1970; never goes back but in {@linkcode SleepingClock.at}. */
  now(): number {
    return this.#past ?? (this.#latest = Math.max(this.#latest, Date.now()));
  }

  /** Does something as it would have been done then: what slept has waited since. */
  at(timeMs: number, work: () => void): void {
    this.#past = timeMs;
    try {
      work();
    } finally {
      this.#past = undefined;
    }
  }

  /** See {@linkcode SwitchboardClock.arm}. Alarms are moved only nearer; one too many is harmless. */
  arm(deadline: number): void {
    if (this.#past !== undefined) return;
    this.#onArm();
    if (deadline >= this.#alarmAt) return;
    this.#alarmAt = deadline;
    this.#setAlarm(Math.ceil(deadline));
  }

  /** The alarm has rung. */
  rang(): void {
    this.#alarmAt = NEVER;
  }
}
