import { bunUdp, openBunSocket } from "./bun_socket.ts";
import { selectCrypto } from "./crypto_policy.ts";
import { denoListenDatagram, openDenoSocket } from "./deno_socket.ts";
import { openDgramSocket } from "./dgram_socket.ts";
import type { Host } from "./host.ts";
import { type RuntimeName, runtimeName } from "./runtime.ts";
import { type OpenUdp, SystemHost } from "./system.ts";

let detected: Host | undefined;

/**
 * The machine we run on, the same object at every call. In Deno the sockets are
 * `Deno.listenDatagram` when the program was started with `--unstable-net`, otherwise node:dgram at
 * half the packet rate.
 *
 * @throws {CryptoError} `unsupported` when `STERNA_CRYPTO` asks for a provider that is not there
 */
export function detectHost(): Host {
  if (detected !== undefined) return detected;
  const name = runtimeName();
  return detected = new SystemHost(name, selectCrypto(), chooseSockets(name));
}

/** Which sockets serve best, measured with 1200-byte datagrams on loopback, in 1000 per second. */
function chooseSockets(name: RuntimeName): OpenUdp {
  if (name === "deno") {
    const listen = denoListenDatagram(); // 110, against 50 of node:dgram
    if (listen !== undefined) return (...args) => openDenoSocket(listen, ...args);
    return (...args) => openDgramSocket(...args, { largeBuffers: false, warmUp: true });
  }
  const bun = name === "bun" ? bunUdp() : undefined; // 200, against 150 of node:dgram
  if (bun !== undefined) return (options, receive) => openBunSocket(bun, options, receive);
  return (...args) => openDgramSocket(...args, { largeBuffers: true, warmUp: false });
}
