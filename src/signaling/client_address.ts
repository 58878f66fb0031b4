import type { Context } from "hono";

/** What the servers of the runtimes hand to Hono as `env`. */
interface HostEnv {
  /** Deno: the second argument of the handler. */
  remoteAddr?: { hostname?: string };
  /** Node: `@hono/node-server`. */
  incoming?: { socket?: { remoteAddress?: string } };
  /** Bun: the server, as `hono/bun` wants it. */
  server?: BunServer;
  requestIP?: BunServer["requestIP"];
}

interface BunServer {
  requestIP?(request: Request): { address?: string } | null;
}

/** The client's network address, for limits; `undefined` where the host does not tell. */
export function clientAddress(context: Context, header: string | undefined): string | undefined {
  if (header !== undefined) {
    // A proxy appends whom it heard: the last entry is its word, those before it are anybody's.
    const said = context.req.header(header)?.split(",").at(-1)?.trim();
    return said === undefined || said === "" ? undefined : networkOf(said);
  }
  const env = (context.env ?? {}) as HostEnv;
  const address = env.remoteAddr?.hostname ?? env.incoming?.socket?.remoteAddress ??
    (env.server ?? env as BunServer).requestIP?.(context.req.raw)?.address;
  return address === undefined ? undefined : networkOf(address);
}

/** Longest text of an IPv6 address with a zone. */
const MAX_LENGTH = 64;

/**
 * An IPv4 address as it is; of an IPv6 address the network, because whoever has one address of a /64
 * has all of them (RFC 7421 §1).
 */
export function networkOf(address: string): string {
  const text = address.slice(0, MAX_LENGTH).toLowerCase().replace(/^::ffff:(?=\d+\.)/, "");
  if (!text.includes(":")) return text;
  const [head = "", tail] = text.split("%", 1)[0]!.split("::", 2);
  const groups = head === "" ? [] : head.split(":");
  if (tail !== undefined) {
    const last = tail === "" ? [] : tail.split(":");
    while (groups.length + last.length < 8) groups.push("0");
    groups.push(...last);
  }
  return groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, "")).join(":") + "::/64";
}
