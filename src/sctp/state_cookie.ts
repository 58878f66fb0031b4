import {
  constantTimeEqual,
  readU16,
  readU32,
  readU48,
  writeBytes,
  writeU16,
  writeU32,
  writeU48,
} from "../base/mod.ts";
import type { SctpExtensions } from "./init_chunk.ts";

/**
 * What an INIT ACK carries so that no control block is made before its cookie comes back
 * (RFC 9260 §5.1.3). RFC 9260 asks for a MAC, because anyone can write to an SCTP port. Here every
 * packet has passed DTLS: only the peer can send one, and the peer could put whatever it would forge
 * into its INIT. What is left to prove is that this very association issued the cookie; a random
 * secret of 128 bits, known to the peer alone and only from our INIT ACK, does that.
 *
 * ```text
 * +-----------+---------+-----------+----------+---------------+--------------+-----------+----------+
 * | secret 16 | time 6  | local tag | peer tag | local tie tag | peer tie tag | local TSN | peer TSN |
 * +-----------+---------+-----------+----------+---------------+--------------+-----------+----------+
 * | window 4  | outbound streams 2  | inbound streams 2  | extensions 1 |
 * +-----------+---------------------+--------------------+--------------+
 * ```
 */
export interface StateCookie {
  /** When it was issued, milliseconds. */
  readonly issuedAt: number;
  /** The tag that the peer's packets shall carry. */
  readonly localTag: number;
  /** The tag that our packets shall carry. */
  readonly peerTag: number;
  /** Our tag in the association that existed when it was issued, or 0 (RFC 9260 §5.2.2). */
  readonly localTieTag: number;
  /** The peer's tag in that association, or 0. */
  readonly peerTieTag: number;
  /** Our first TSN. */
  readonly localTsn: number;
  /** The peer's first TSN. */
  readonly peerTsn: number;
  /** The peer's receive window, bytes. */
  readonly peerWindow: number;
  /** Streams that the peer wants to send on. */
  readonly peerOutboundStreams: number;
  /** Streams that the peer lets us send on. */
  readonly peerInboundStreams: number;
  /** What the peer supports. */
  readonly extensions: SctpExtensions;
}

/** RFC 9260 §16: Valid.Cookie.Life, milliseconds. */
export const COOKIE_LIFE_MS = 60_000;

/** Length of the secret, bytes. */
export const COOKIE_SECRET_BYTES = 16;

const COOKIE_BYTES = COOKIE_SECRET_BYTES + 6 + 24 + 4 + 4 + 1;

/** Encodes a cookie. */
export function encodeStateCookie(secret: Uint8Array, cookie: StateCookie): Uint8Array {
  const out = new Uint8Array(COOKIE_BYTES);
  const { extensions } = cookie;
  let at = writeBytes(out, 0, secret);
  at = writeU48(out, at, Math.max(0, Math.floor(cookie.issuedAt)));
  at = writeU32(out, at, cookie.localTag);
  at = writeU32(out, at, cookie.peerTag);
  at = writeU32(out, at, cookie.localTieTag);
  at = writeU32(out, at, cookie.peerTieTag);
  at = writeU32(out, at, cookie.localTsn);
  at = writeU32(out, at, cookie.peerTsn);
  at = writeU32(out, at, cookie.peerWindow);
  at = writeU16(out, at, cookie.peerOutboundStreams);
  at = writeU16(out, at, cookie.peerInboundStreams);
  out[at] = (extensions.partialReliability ? 1 : 0) | (extensions.reConfig ? 2 : 0) |
    (extensions.interleaving ? 4 : 0) | (extensions.zeroChecksum ? 8 : 0) |
    (extensions.padding ? 16 : 0);
  return out;
}

/** Decodes a cookie that carries our secret; `undefined` for any other. */
export function decodeStateCookie(secret: Uint8Array, bytes: Uint8Array): StateCookie | undefined {
  if (bytes.length !== COOKIE_BYTES) return undefined;
  if (!constantTimeEqual(bytes.subarray(0, COOKIE_SECRET_BYTES), secret)) return undefined;
  const at = COOKIE_SECRET_BYTES + 6;
  const flags = bytes[at + 32]!;
  return {
    issuedAt: readU48(bytes, COOKIE_SECRET_BYTES),
    localTag: readU32(bytes, at),
    peerTag: readU32(bytes, at + 4),
    localTieTag: readU32(bytes, at + 8),
    peerTieTag: readU32(bytes, at + 12),
    localTsn: readU32(bytes, at + 16),
    peerTsn: readU32(bytes, at + 20),
    peerWindow: readU32(bytes, at + 24),
    peerOutboundStreams: readU16(bytes, at + 28),
    peerInboundStreams: readU16(bytes, at + 30),
    extensions: {
      partialReliability: (flags & 1) !== 0,
      reConfig: (flags & 2) !== 0,
      interleaving: (flags & 4) !== 0,
      zeroChecksum: (flags & 8) !== 0,
      padding: (flags & 16) !== 0,
    },
  };
}

/** What a valid cookie means to an association that has a control block (RFC 9260 §5.2.4, table 12). */
export type CookieAction = "restart" | "collision" | "duplicate" | "discard";

/** Decides by the tags of the control block and those of the cookie. */
export function resolveCookie(
  localTag: number,
  peerTag: number,
  cookie: StateCookie,
): CookieAction {
  const localMatches = cookie.localTag === localTag;
  const peerMatches = cookie.peerTag === peerTag;
  if (localMatches) return peerMatches ? "duplicate" : "collision";
  const tiesMatch = cookie.localTieTag === localTag && cookie.peerTieTag === peerTag;
  return !peerMatches && tiesMatch ? "restart" : "discard";
}
