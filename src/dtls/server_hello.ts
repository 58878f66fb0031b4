/**
 * ServerHello (RFC 5246 §7.4.1.3).
 *
 * ```text
 * +--------------+-------------+----------------+
 * | version (2)  | random (32) | session id <1> |
 * +--------------+----+--------+--------+-------+--------+
 * | cipher suite (2)  | compression (1) | extensions <2> |
 * +-------------------+-----------------+----------------+
 * ```
 */
import { writeBytes, writeU16 } from "../base/mod.ts";
import { MAX_SESSION_ID_BYTES, RANDOM_BYTES } from "./client_hello.ts";
import { type Extensions, parseExtensions, writeExtensions } from "./extensions.ts";
import { Reader } from "./reader.ts";

/** The fields of a ServerHello; the byte fields of a parsed one are views. */
export interface ServerHello {
  /** Chosen version. */
  readonly version: number;
  /** 32 bytes. */
  readonly random: Uint8Array;
  /** What the server would know the session by; we never resume. */
  readonly sessionId: Uint8Array;
  /** Chosen suite. */
  readonly cipherSuite: number;
  /** Chosen compression: 0. */
  readonly compressionMethod: number;
  /** Answers to the client's extensions. */
  readonly extensions: Extensions;
}

/** Parses the body of the message, or returns `undefined`. */
export function parseServerHello(body: Uint8Array): ServerHello | undefined {
  const reader = new Reader(body);
  const version = reader.u16();
  const random = reader.view(RANDOM_BYTES);
  const sessionId = reader.vector8();
  const cipherSuite = reader.u16();
  const compressionMethod = reader.u8();
  if (reader.failed || sessionId.length > MAX_SESSION_ID_BYTES) return undefined;
  const extensions = parseExtensions(reader);
  if (extensions === undefined) return undefined;
  return { version, random, sessionId, cipherSuite, compressionMethod, extensions };
}

/** Writes the body of the message and returns the offset behind it. */
export function writeServerHello(message: ServerHello, out: Uint8Array, at: number): number {
  at = writeU16(out, at, message.version);
  at = writeBytes(out, at, message.random);
  out[at] = message.sessionId.length;
  at = writeBytes(out, at + 1, message.sessionId);
  at = writeU16(out, at, message.cipherSuite);
  out[at++] = message.compressionMethod;
  return writeExtensions(message.extensions, out, at);
}
