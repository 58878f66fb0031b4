/**
 * ClientHello (RFC 5246 §7.4.1.2, with the cookie of RFC 6347 §4.2.1).
 *
 * ```text
 * +--------------+-------------+----------------+----------------+
 * | version (2)  | random (32) | session id <1> | cookie <1>     |
 * +--------------+-------------+----------------+----------------+
 * | cipher suites <2>          | compression <1>| extensions <2> |
 * +----------------------------+----------------+----------------+
 *   (n): n bytes;  <n>: a vector with a length of n bytes in front
 * ```
 */
import { writeBytes, writeU16 } from "../base/mod.ts";
import { type Extensions, parseExtensions, writeExtensions } from "./extensions.ts";
import { parseU16List, Reader } from "./reader.ts";

/** RFC 5246 §7.4.1.2. */
export const RANDOM_BYTES = 32;

/** RFC 5246 §7.4.1.2: a session id has at most this many bytes. */
export const MAX_SESSION_ID_BYTES = 32;

/** The fields of a ClientHello; the byte fields of a parsed one are views. */
export interface ClientHello {
  /** Highest version before supported_versions came to tell more. */
  readonly version: number;
  /** 32 bytes. */
  readonly random: Uint8Array;
  /** Empty unless the client wants to resume. */
  readonly sessionId: Uint8Array;
  /** From a HelloVerifyRequest, or empty. */
  readonly cookie: Uint8Array;
  /** Suite numbers in the client's order. */
  readonly cipherSuites: readonly number[];
  /** Compression methods. */
  readonly compressionMethods: Uint8Array;
  /** Extensions by type. */
  readonly extensions: Extensions;
}

/** Parses the body of the message, or returns `undefined`. */
export function parseClientHello(body: Uint8Array): ClientHello | undefined {
  const reader = new Reader(body);
  const version = reader.u16();
  const random = reader.view(RANDOM_BYTES);
  const sessionId = reader.vector8();
  const cookie = reader.vector8();
  const cipherSuites = parseU16List(reader.vector16());
  const compressionMethods = reader.vector8();
  if (reader.failed || cipherSuites === undefined) return undefined;
  if (sessionId.length > MAX_SESSION_ID_BYTES || compressionMethods.length === 0) return undefined;
  const extensions = parseExtensions(reader);
  if (extensions === undefined) return undefined;
  return { version, random, sessionId, cookie, cipherSuites, compressionMethods, extensions };
}

/** Writes the body of the message and returns the offset behind it. */
export function writeClientHello(message: ClientHello, out: Uint8Array, at: number): number {
  at = writeU16(out, at, message.version);
  at = writeBytes(out, at, message.random);
  out[at] = message.sessionId.length;
  at = writeBytes(out, at + 1, message.sessionId);
  out[at] = message.cookie.length;
  at = writeBytes(out, at + 1, message.cookie);
  at = writeU16(out, at, 2 * message.cipherSuites.length);
  for (const suite of message.cipherSuites) at = writeU16(out, at, suite);
  out[at] = message.compressionMethods.length;
  at = writeBytes(out, at + 1, message.compressionMethods);
  return writeExtensions(message.extensions, out, at);
}
