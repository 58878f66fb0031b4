/**
 * HelloVerifyRequest (RFC 6347 §4.2.1).
 *
 * ```text
 * +--------------+------------+
 * | version (2)  | cookie <1> |
 * +--------------+------------+
 * ```
 */
import { writeBytes, writeU16 } from "../base/mod.ts";
import { Reader } from "./reader.ts";

/** The fields of a HelloVerifyRequest. */
export interface HelloVerifyRequest {
  /** Says nothing about the version to come (RFC 6347 §4.2.1). */
  readonly version: number;
  /** To be repeated in the next ClientHello; a view. */
  readonly cookie: Uint8Array;
}

/** Parses the body of the message, or returns `undefined`. */
export function parseHelloVerifyRequest(body: Uint8Array): HelloVerifyRequest | undefined {
  const reader = new Reader(body);
  const version = reader.u16();
  const cookie = reader.vector8();
  return reader.complete ? { version, cookie } : undefined;
}

/** Writes the body of the message and returns the offset behind it. */
export function writeHelloVerifyRequest(
  message: HelloVerifyRequest,
  out: Uint8Array,
  at: number,
): number {
  at = writeU16(out, at, message.version);
  out[at] = message.cookie.length;
  return writeBytes(out, at + 1, message.cookie);
}
