import { formatIp, internAddress, parseIp } from "../base/mod.ts";
import type { Address } from "../base/mod.ts";
import type { LocalInterface } from "./host.ts";
import { builtinModule } from "./node_modules.ts";

/** Used where the runtime may not, or cannot, list the machine's addresses. */
const LOOPBACK_ONLY: readonly LocalInterface[] = [
  { name: "lo", ip: "127.0.0.1", family: 4, loopback: true, prefix: 8 },
];

/** The machine's usable addresses, by node:os. */
export function systemInterfaces(): readonly LocalInterface[] {
  const out: LocalInterface[] = [];
  for (const [name, addresses] of Object.entries(listSystem())) {
    for (const { address, cidr } of addresses ?? []) {
      const prefix = Number(cidr?.split("/")[1]);
      const found = usableInterface(name, address, prefix);
      if (found && !out.some(({ ip }) => ip === found.ip)) out.push(found);
    }
  }
  return out.length > 0 ? out : LOOPBACK_ONLY;
}

type SystemList = Record<string, { address: string; cidr: string | null }[] | undefined>;

function listSystem(): SystemList {
  try {
    return builtinModule("node:os")?.networkInterfaces() ?? {};
  } catch {
    return {}; // Deno without --allow-sys
  }
}

/**
 * RFC 8445 §5.1.1.1: no IPv4-compatible or IPv4-mapped IPv6 address, no site-local one, no link-local
 * IPv6 one (its zone means nothing to the peer); and nothing that is no unicast address.
 */
export function usableInterface(
  name: string,
  address: string,
  prefix: number = NaN,
): LocalInterface | undefined {
  const bytes = parseIp(address);
  if (bytes === undefined || !isUsable(bytes)) return undefined;
  const usable = {
    name,
    ip: formatIp(bytes),
    family: bytes.length === 4 ? 4 : 6,
    loopback: isLoopback(bytes),
  } as const;
  return Number.isInteger(prefix) ? { ...usable, prefix } : usable;
}

function isUsable(ip: Uint8Array): boolean {
  if (ip.length === 4) return ip[0] !== 0 && ip[0]! < 224;
  if (isLoopback(ip)) return true;
  // ::/80 holds the unspecified, the IPv4-compatible and the IPv4-mapped addresses (RFC 4291 §2.5).
  if (ip.subarray(0, 10).every((byte) => byte === 0)) return false;
  const linkOrSiteLocal = ip[0] === 0xfe && ip[1]! >= 0x80;
  return !linkOrSiteLocal && ip[0] !== 0xff;
}

/** 127.0.0.0/8 or ::1. */
export function isLoopback(ip: Uint8Array): boolean {
  if (ip.length === 4) return ip[0] === 127;
  return ip[15] === 1 && ip.subarray(0, 15).every((byte) => byte === 0);
}

/** The largest payloads of UDP over IPv4 and, without jumbograms, over IPv6 (RFC 768, RFC 8200). */
const MAX_UDP_PAYLOAD = { 4: 65_507, 6: 65_487 } as const;

/**
 * What {@linkcode Host.maxDatagramSize} says: between two addresses of one machine nothing is
 * fragmented that leaves a visible trace, so the socket's own limit is the limit.
 */
export function localDatagramSize(
  own: readonly LocalInterface[],
  local: Address,
  remote: Address,
): number | undefined {
  const here = isLoopback(remote.bytes) || own.some(({ ip }) => ip === remote.ip);
  return here ? MAX_UDP_PAYLOAD[local.family] : undefined;
}

/** The interned address that a socket is bound to. */
export function boundAddress(ip: string, port: number): Address {
  const address = internAddress(ip, port);
  if (address === undefined) throw new RangeError(`not an IP address: ${ip}`);
  return address;
}
