/**
 * ServerKeyExchange of the ECDHE suites (RFC 8422 §5.4).
 *
 * ```text
 * +----------------+-----------------+-----------+------------+---------------+
 * | curve type (1) | named group (2) | point <1> | scheme (2) | signature <2> |
 * +----------------+-----------------+-----------+------------+---------------+
 * |<---------------- params -------------------->|
 * ```
 */
import { writeBytes, writeU16 } from "../base/mod.ts";
import { Reader } from "./reader.ts";

/** RFC 8422 §5.4: `named_curve`, the only curve type left. */
const CURVE_TYPE_NAMED = 3;

/** The fields of a ServerKeyExchange; the byte fields of a parsed one are views. */
export interface ServerKeyExchange {
  /** Group number. */
  readonly group: number;
  /** The server's share. */
  readonly publicKey: Uint8Array;
  /** Signature scheme number. */
  readonly scheme: number;
  /** Over both randoms and the parameters (RFC 8422 §5.4). */
  readonly signature: Uint8Array;
}

/** Parses the body; another curve type than a named one counts as malformed. */
export function parseServerKeyExchange(body: Uint8Array): ServerKeyExchange | undefined {
  const reader = new Reader(body);
  const curveType = reader.u8();
  const group = reader.u16();
  const publicKey = reader.vector8();
  const scheme = reader.u16();
  const signature = reader.vector16();
  if (!reader.complete || curveType !== CURVE_TYPE_NAMED || publicKey.length === 0) {
    return undefined;
  }
  return { group, publicKey, scheme, signature };
}

/** Writes the parameters alone, as they are signed, and returns the offset behind them. */
function writeServerKeyParams(
  group: number,
  publicKey: Uint8Array,
  out: Uint8Array,
  at: number,
): number {
  out[at] = CURVE_TYPE_NAMED;
  at = writeU16(out, at + 1, group);
  out[at] = publicKey.length;
  return writeBytes(out, at + 1, publicKey);
}

/** What the signature covers: client random, server random, parameters (RFC 8422 §5.4). */
export function serverKeyExchangeContent(
  clientRandom: Uint8Array,
  serverRandom: Uint8Array,
  group: number,
  publicKey: Uint8Array,
): Uint8Array {
  const out = new Uint8Array(clientRandom.length + serverRandom.length + 4 + publicKey.length);
  let at = writeBytes(out, 0, clientRandom);
  at = writeBytes(out, at, serverRandom);
  writeServerKeyParams(group, publicKey, out, at);
  return out;
}

/** Writes the body of the message and returns the offset behind it. */
export function writeServerKeyExchange(
  message: ServerKeyExchange,
  out: Uint8Array,
  at: number,
): number {
  at = writeServerKeyParams(message.group, message.publicKey, out, at);
  at = writeU16(out, at, message.scheme);
  at = writeU16(out, at, message.signature.length);
  return writeBytes(out, at, message.signature);
}
