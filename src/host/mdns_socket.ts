/** Multicast sockets for mDNS by node:dgram: one per network interface and address family. */
import type * as NodeDgram from "node:dgram";
import type { LocalInterface } from "./host.ts";
import { builtinModule } from "./node_modules.ts";

/** RFC 6762 §3. */
export const MDNS_PORT = 5353;
const GROUPS = { 4: "224.0.0.251", 6: "ff02::fb" } as const;

/** An open multicast socket. */
export interface MdnsSocket {
  /** Sends to the group. */
  send(message: Uint8Array): void;
  /** Closes it. */
  close(): void;
}

/**
 * Opens a socket on `network`, bound to port 5353 together with every other responder and browser of
 * this machine, since many answer to the group alone.
 *
 * @returns `undefined` when the machine does not let us
 */
function openMdnsSocket(
  network: LocalInterface,
  receive: (bytes: Uint8Array, port: number) => void,
): Promise<MdnsSocket | undefined> {
  const dgram = builtinModule("node:dgram");
  if (dgram === undefined) return Promise.resolve(undefined);
  const { family, ip, name } = network;
  const socket = dgram.createSocket({ type: `udp${family}`, reuseAddr: true });
  return new Promise((resolve) => {
    let closed = false;
    const close = (): void => {
      if (closed) return;
      closed = true;
      socket.close();
    };
    socket.on("message", (bytes, { port }) => receive(bytes, port));
    const join = (): void => {
      const multicastInterface = family === 4 ? ip : `::%${name}`;
      socket.setMulticastInterface(multicastInterface);
      socket.addMembership(GROUPS[family], multicastInterface);
      socket.setMulticastTTL(255); // RFC 6762 §11
      socket.setMulticastLoopback(true);
      resolve({ close, send: (message) => sendToGroup(socket, family, message) });
    };
    const fail = (): void => {
      close();
      resolve(undefined);
    };
    socket.on("error", fail);
    try {
      socket.bind({ port: MDNS_PORT, exclusive: true }, () => {
        try {
          join();
        } catch {
          fail();
        }
      });
    } catch {
      fail(); // Deno without permission throws at once
    }
  });
}

function sendToGroup(socket: NodeDgram.Socket, family: 4 | 6, message: Uint8Array): void {
  try {
    // A query that cannot be sent is as good as one that nobody answers.
    socket.send(message, MDNS_PORT, GROUPS[family], () => {});
  } catch {
    // The socket was closed by an error; the resolver's time-out takes care of the rest.
  }
}

/** Opens a socket on every interface of `all` that can be had. */
export async function openMdnsSockets(
  all: readonly LocalInterface[],
  receive: (bytes: Uint8Array, port: number) => void,
): Promise<MdnsSocket[]> {
  const networks = multicastInterfaces(all);
  const opened = await Promise.all(networks.map((network) => openMdnsSocket(network, receive)));
  return opened.filter((socket) => socket !== undefined);
}

/** One address per interface and family; loopback only when there is nothing else. */
function multicastInterfaces(all: readonly LocalInterface[]): LocalInterface[] {
  const outward = all.filter(({ loopback }) => !loopback);
  const usable = outward.length > 0 ? outward : all;
  return usable.filter((network, i) =>
    usable.findIndex(({ name, family }) => name === network.name && family === network.family) === i
  );
}
