import { type ImportedKey, importSetKey } from "./token_keys.ts";

/** How a {@linkcode KeySet} is fetched. */
export interface KeySetOptions {
  /** Address of the JWK set (RFC 7517 §5). */
  url: string | URL;
  /** How long a fetched set is used without looking again, milliseconds; 10 minutes. */
  cacheMs?: number;
  /** Shortest time between two fetches, milliseconds; 30 seconds. */
  cooldownMs?: number;
  /** Fetches it, where that is not the global `fetch`. */
  fetch?: (request: Request) => Promise<Response>;
}

const CACHE_MS = 600_000;
const COOLDOWN_MS = 30_000;
/** A set of keys is small; what is longer is none. */
const MAX_LENGTH = 128 * 1024;
const MAX_KEYS = 64;
/** A server of keys that does not answer, milliseconds. */
const PATIENCE_MS = 5000;

/**
 * The keys of an issuer, fetched when they are needed and again when a token names a key that is not
 * among them: so issuers can rotate. An issuer that cannot be reached does not take known keys away.
 */
export class KeySet {
  readonly #options: KeySetOptions;
  readonly #now: () => number;
  #keys: readonly ImportedKey[] = [];
  #fetchedAt = -Infinity;
  #triedAt = -Infinity;
  #fetching: Promise<void> | undefined;

  /** @param now monotonic milliseconds; another clock for tests */
  constructor(options: KeySetOptions, now: () => number = () => performance.now()) {
    this.#options = options;
    this.#now = now;
  }

  /**
   * The keys as they are known now; those of a token without `id` when none is given.
   *
   * @throws when there are none and the issuer cannot be reached
   */
  async keys(id: string | undefined): Promise<readonly ImportedKey[]> {
    const { cacheMs = CACHE_MS, cooldownMs = COOLDOWN_MS } = this.#options;
    const isUnknown = id !== undefined && !this.#keys.some((key) => key.id === id);
    const isOld = this.#now() - this.#fetchedAt >= cacheMs;
    const mayTry = this.#now() - this.#triedAt >= cooldownMs;
    if (this.#fetching !== undefined || ((isUnknown || isOld) && mayTry)) {
      this.#fetching ??= this.#fetch().finally(() => this.#fetching = undefined);
      try {
        await this.#fetching;
      } catch (error) {
        if (this.#keys.length === 0) throw error;
      }
    }
    return this.#keys;
  }

  async #fetch(): Promise<void> {
    this.#triedAt = this.#now();
    const ask = this.#options.fetch ?? fetch;
    const request = new Request(this.#options.url, {
      headers: { accept: "application/json" },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const response = await ask(request);
    const text = await response.text();
    if (!response.ok || text.length > MAX_LENGTH) throw new Error("the key set cannot be fetched");
    const { keys } = JSON.parse(text) as { keys?: unknown };
    if (!Array.isArray(keys)) throw new Error("the key set has no keys");
    const imported = await Promise.all(keys.slice(0, MAX_KEYS).map(importSetKey));
    this.#keys = imported.filter((key) => key !== undefined);
    this.#fetchedAt = this.#now();
  }
}
