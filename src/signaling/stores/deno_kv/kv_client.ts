/** What the store needs of Deno KV: a part of `Deno.Kv`, so that other runtimes can type-check it. */

/** A key. */
export type KvKey = readonly (string | number)[];

/** Which keys are meant. */
export type KvSelector =
  | { prefix: KvKey }
  | { prefix: KvKey; start: KvKey }
  | { start: KvKey; end: KvKey };

/** A value with its version. */
export interface KvEntry {
  /** Where it is. */
  readonly key: readonly unknown[];
  /** What it is; `null` where there is nothing. */
  readonly value: unknown;
  /** Changes whenever the value does; `null` where there is nothing. */
  readonly versionstamp: string | null;
}

/** Several changes at once, or none. */
export interface KvTransaction {
  /** Nothing happens unless these are the versions. */
  check(...checks: { key: KvKey; versionstamp: string | null }[]): this;
  /** Sets a value; it goes by itself after `expireIn` milliseconds. */
  set(key: KvKey, value: unknown, options?: { expireIn?: number }): this;
  /** Deletes a value. */
  delete(key: KvKey): this;
  /** Does it. */
  commit(): Promise<{ ok: boolean }>;
}

/** `await Deno.openKv()`. */
export interface KvClient {
  /** Reads one value. */
  get(key: KvKey): Promise<KvEntry>;
  /** Reads values in the order of their keys. */
  list(selector: KvSelector, options?: { limit?: number }): AsyncIterable<KvEntry>;
  /** Begins a transaction. */
  atomic(): KvTransaction;
  /** Tells the latest value whenever it changed. */
  watch(keys: readonly [KvKey]): ReadableStream<readonly KvEntry[]>;
}
