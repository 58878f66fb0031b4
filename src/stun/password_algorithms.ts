import { EMPTY, readU16, writeBytes, writeU16 } from "../base/mod.ts";
import type { HashAlgorithm } from "../crypto/mod.ts";

// RFC 8489 §14.11, §14.12: one or more of
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |          Algorithm            |  Algorithm Parameters Length  |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                    Algorithm Parameters (variable, padded)    |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

/** RFC 8489 §18.5: numbers of the algorithms that derive a long-term key. */
export const PASSWORD_ALGORITHM_MD5 = 1;
/** RFC 8489 §18.5: SHA-256. */
export const PASSWORD_ALGORITHM_SHA256 = 2;

/** One entry of PASSWORD-ALGORITHMS, or PASSWORD-ALGORITHM. */
export interface PasswordAlgorithm {
  /** {@linkcode PASSWORD_ALGORITHM_MD5}, {@linkcode PASSWORD_ALGORITHM_SHA256}, or unknown. */
  readonly algorithm: number;
  /** Empty for both that exist. */
  readonly parameters?: Uint8Array;
}

/** The hash of a password algorithm, or `undefined` when it is not known. */
export function passwordHash(algorithm: number): HashAlgorithm | undefined {
  if (algorithm === PASSWORD_ALGORITHM_MD5) return "md5";
  return algorithm === PASSWORD_ALGORITHM_SHA256 ? "sha-256" : undefined;
}

/** Length of the value that {@linkcode writePasswordAlgorithms} writes, bytes. */
export function passwordAlgorithmsLength(algorithms: readonly PasswordAlgorithm[]): number {
  let length = 0;
  for (const { parameters = EMPTY } of algorithms) length += 4 + ((parameters.length + 3) & ~3);
  return length;
}

/** Writes a list of algorithms at `out[at…]` and returns the offset behind it. */
export function writePasswordAlgorithms(
  out: Uint8Array,
  at: number,
  algorithms: readonly PasswordAlgorithm[],
): number {
  for (const { algorithm, parameters = EMPTY } of algorithms) {
    at = writeU16(out, writeU16(out, at, algorithm), parameters.length);
    at = writeBytes(out, at, parameters);
    for (let padding = -parameters.length & 3; padding > 0; padding--) out[at++] = 0;
  }
  return at;
}

/** Reads a list of algorithms, or `undefined` when it is malformed. Parameters are views. */
export function readPasswordAlgorithms(value: Uint8Array): PasswordAlgorithm[] | undefined {
  const algorithms: PasswordAlgorithm[] = [];
  for (let at = 0; at < value.length;) {
    if (at + 4 > value.length) return undefined;
    const end = at + 4 + readU16(value, at + 2);
    if (end > value.length) return undefined;
    algorithms.push({ algorithm: readU16(value, at), parameters: value.subarray(at + 4, end) });
    at = (end + 3) & ~3;
  }
  return algorithms;
}
