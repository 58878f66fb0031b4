/**
 * Hashes and HMAC (RFC 2104) over @noble/hashes. A MAC key keeps both padded states, so that a MAC
 * costs two compressions less than from scratch, and clones them into one scratch state.
 */
import { hmac } from "@noble/hashes/hmac.js";
import { md5, sha1 } from "@noble/hashes/legacy.js";
import { sha224, sha256, sha384, sha512 } from "@noble/hashes/sha2.js";
import type { HashAlgorithm, HmacKey, RunningHash } from "./provider.ts";

/** What is used of a hash state of noble's. */
interface HashState {
  update(bytes: Uint8Array): unknown;
  digest(): Uint8Array;
  clone(): HashState;
}

/** What is used of a MAC state of noble's. */
interface MacState extends HashState {
  _cloneInto(to?: MacState): MacState;
}

const HASHES = {
  "md5": md5,
  "sha-1": sha1,
  "sha-224": sha224,
  "sha-256": sha256,
  "sha-384": sha384,
  "sha-512": sha512,
} as const;

class TsRunningHash implements RunningHash {
  readonly #state: HashState;

  constructor(algorithm: HashAlgorithm) {
    this.#state = HASHES[algorithm].create() as HashState;
  }

  update(bytes: Uint8Array): void {
    this.#state.update(bytes);
  }

  digest(): Uint8Array {
    // noble's digest ends a state; the transcript goes on, so a clone ends instead.
    return this.#state.clone().digest();
  }
}

class TsHmacKey implements HmacKey {
  readonly #keyed: MacState;
  readonly #scratch: MacState;

  constructor(algorithm: HashAlgorithm, key: Uint8Array) {
    this.#keyed = hmac.create(HASHES[algorithm], key) as unknown as MacState;
    this.#scratch = this.#keyed._cloneInto();
  }

  sign(...parts: readonly Uint8Array[]): Uint8Array {
    const state = this.#keyed._cloneInto(this.#scratch);
    for (const part of parts) state.update(part);
    return state.digest();
  }
}

/** Starts a running hash. */
export function tsCreateHash(algorithm: HashAlgorithm): RunningHash {
  return new TsRunningHash(algorithm);
}

/** The digest of `data`. */
export function tsHash(algorithm: HashAlgorithm, data: Uint8Array): Uint8Array {
  return HASHES[algorithm](data);
}

/** Prepares a MAC key. */
export function tsCreateHmac(algorithm: HashAlgorithm, key: Uint8Array): HmacKey {
  return new TsHmacKey(algorithm, key);
}
