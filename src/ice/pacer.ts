/**
 * Spaces checks by Ta, with a burst after a pause (RFC 8445 §6.1.4.2, §14.2): a token bucket
 * in the form of a theoretical send time that may lie ahead of now by the burst.
 */
export class Pacer {
  readonly #paceMs: number;
  readonly #slackMs: number;
  #theoretical: number;

  constructor(now: number, paceMs: number, burst: number) {
    this.#theoretical = now;
    this.#paceMs = paceMs;
    this.#slackMs = (burst - 1) * paceMs;
  }

  /** When the next check may go out; a time that has passed means now. */
  get readyAt(): number {
    return this.#theoretical - this.#slackMs;
  }

  /** Counts one check that goes out now. */
  spend(now: number): void {
    this.#theoretical = Math.max(now, this.#theoretical) + this.#paceMs;
  }
}
