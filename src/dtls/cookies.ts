import { constantTimeEqual } from "../base/mod.ts";
import type { CryptoProvider } from "../crypto/mod.ts";
import type { ClientHello } from "./client_hello.ts";
import { encodeU16List } from "./extensions.ts";

/**
 * Return-routability check of a server (RFC 6347 §4.2.1). Off where a full ICE agent has
 * verified the path with checks of its own before the first DTLS record: there a cookie would only cost
 * a round trip.
 */
export interface CookieOptions {
  /** At least 16 random bytes, shared by all connections of one server. */
  readonly secret: Uint8Array;
  /** The client's transport address in any fixed encoding; read anew for every hello. */
  readonly clientAddress: Uint8Array;
}

/** RFC 6347 §4.2.1: HMAC over the client's address and the parameters of its ClientHello. */
export function makeCookie(
  crypto: CryptoProvider,
  options: CookieOptions,
  hello: ClientHello,
): Uint8Array {
  const suites = encodeU16List(hello.cipherSuites);
  const lengths = Uint8Array.of(
    options.clientAddress.length,
    hello.sessionId.length,
    hello.compressionMethods.length,
    hello.version >> 8,
    hello.version & 0xff,
  );
  return crypto.createHmac("sha-256", options.secret).sign(
    lengths,
    options.clientAddress,
    hello.random,
    hello.sessionId,
    hello.compressionMethods,
    suites,
  );
}

/** Whether the ClientHello carries the cookie that belongs to it. */
export function cookieFits(
  crypto: CryptoProvider,
  options: CookieOptions,
  hello: ClientHello,
): boolean {
  return constantTimeEqual(makeCookie(crypto, options, hello), hello.cookie);
}
