/** A token bucket: `rate` tokens a second flow in, at most `burst` are kept. */
export class TokenBucket {
  readonly #ratePerMs: number;
  readonly #burst: number;
  #tokens: number;
  #at: number;

  /** Starts full. @param rate tokens per second @param now monotonic milliseconds */
  constructor(rate: number, burst: number, now: number) {
    this.#ratePerMs = rate / 1000;
    this.#burst = burst;
    this.#tokens = burst;
    this.#at = now;
  }

  /** Takes `count` tokens, or none and returns `false` when fewer are left. */
  take(now: number, count: number): boolean {
    const flowed = Math.max(0, now - this.#at) * this.#ratePerMs;
    this.#tokens = Math.min(this.#burst, this.#tokens + flowed);
    this.#at = now;
    if (this.#tokens < count) return false;
    this.#tokens -= count;
    return true;
  }
}
