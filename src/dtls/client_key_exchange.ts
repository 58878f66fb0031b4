/**
 * ClientKeyExchange of the ECDHE suites (RFC 8422 §5.7): the client's share.
 *
 * ```text
 * +-----------+
 * | point <1> |
 * +-----------+
 * ```
 */
import { writeBytes } from "../base/mod.ts";
import { Reader } from "./reader.ts";

/** Parses the body into a view of the share, or returns `undefined`. */
export function parseClientKeyExchange(body: Uint8Array): Uint8Array | undefined {
  const reader = new Reader(body);
  const publicKey = reader.vector8();
  return reader.complete && publicKey.length > 0 ? publicKey : undefined;
}

/** Writes the body of the message and returns the offset behind it. */
export function writeClientKeyExchange(
  publicKey: Uint8Array,
  out: Uint8Array,
  at: number,
): number {
  out[at] = publicKey.length;
  return writeBytes(out, at + 1, publicKey);
}
