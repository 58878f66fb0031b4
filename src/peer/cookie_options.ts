import { concatBytes, EMPTY } from "../base/mod.ts";
import type { CookieOptions } from "../dtls/mod.ts";
import type { IceAgent } from "../ice/mod.ts";

/**
 * A lite agent has verified no path: a peer could forge a victim's address in its checks and have a
 * whole flight sent there, again and again. The cookie of RFC 6347 §4.2.1 is shorter than the hello.
 *
 * @param secret 16 random bytes
 */
export function cookieOptions(ice: IceAgent, secret: Uint8Array): CookieOptions {
  return {
    secret,
    get clientAddress(): Uint8Array {
      const to = ice.selectedPair?.address;
      return to === undefined ? EMPTY : concatBytes(to.bytes, Uint8Array.of(to.port >> 8, to.port));
    },
  };
}
