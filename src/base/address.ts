/**
 * Transport addresses as interned objects: the same address and port are the same object, compared
 * with `===` and used as a `Map` key. Nothing on the packet path builds a string to find a peer.
 */

/** An IP address and a UDP (or TCP) port. Never construct one: {@linkcode internAddress} does. */
export interface Address {
  /** Canonical text: dotted decimal, or RFC 5952 for IPv6 (lower case, no zone). */
  readonly ip: string;
  /** 0 … 65535. */
  readonly port: number;
  /** 4 or 6. */
  readonly family: 4 | 6;
  /** The 4 or 16 bytes of the IP address. Not to be written to. */
  readonly bytes: Uint8Array;
  /** How many holders rely on this object's identity: see {@linkcode retainAddress}. */
  pins: number;
}

/**
 * Addresses that nobody retains are forgotten in generations of this many, so that a sender of
 * spoofed packets cannot make the table grow. Roughly 200 bytes each.
 */
const GENERATION = 8192;

type Table = Map<string, Map<number, Address>>;

let young: Table = new Map();
let old: Table = new Map();
let youngCount = 0;

/**
 * The one object for `ip` and `port`. Its identity holds for as long as someone retains it, and
 * otherwise until some thousand other addresses were seen since its last use.
 *
 * @param ip text of an IPv4 or IPv6 address in any valid form; a zone (`%eth0`) is ignored
 * @returns `undefined` when `ip` is not an IP address
 */
export function internAddress(ip: string, port: number): Address | undefined {
  return young.get(ip)?.get(port) ?? internSlow(ip, port);
}

/** Keeps the identity of `address` until the matching {@linkcode releaseAddress}. */
export function retainAddress(address: Address): void {
  address.pins++;
}

/** Undoes one {@linkcode retainAddress}. */
export function releaseAddress(address: Address): void {
  address.pins--;
}

/** `192.0.2.1:3478` or `[2001:db8::1]:3478`: for people and logs, never a key. */
export function formatAddress(address: Address): string {
  return address.family === 6 ? `[${address.ip}]:${address.port}` : `${address.ip}:${address.port}`;
}

function internSlow(ip: string, port: number): Address | undefined {
  const bytes = parseIp(ip);
  if (bytes === undefined) return undefined;
  const canonical = formatIp(bytes);
  let address = young.get(canonical)?.get(port);
  if (address === undefined) {
    address = old.get(canonical)?.get(port) ??
      { ip: canonical, port, family: bytes.length === 4 ? 4 : 6, bytes, pins: 0 };
    remember(address, canonical);
  }
  return address;
}

function remember(address: Address, ip: string): void {
  if (youngCount >= GENERATION) turnGeneration();
  let ports = young.get(ip);
  if (ports === undefined) young.set(ip, ports = new Map());
  ports.set(address.port, address);
  youngCount++;
}

/** The young become the old; of the old, those that are pinned move on and the rest are forgotten. */
function turnGeneration(): void {
  const dying = old;
  old = young;
  young = new Map();
  youngCount = 0;
  for (const [ip, ports] of dying) {
    for (const [port, address] of ports) {
      if (address.pins > 0 && !old.get(ip)?.has(port)) {
        let kept = old.get(ip);
        if (kept === undefined) old.set(ip, kept = new Map());
        kept.set(port, address);
      }
    }
  }
}

/** Parses IPv4 or IPv6 text into 4 or 16 bytes, or `undefined`. A zone (`%…`) is ignored. */
export function parseIp(text: string): Uint8Array<ArrayBuffer> | undefined {
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): Uint8Array<ArrayBuffer> | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  const out = new Uint8Array(4);
  for (let i = 0; i < 4; i++) {
    const part = parts[i]!;
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    out[i] = Number(part);
  }
  return out;
}

/** RFC 4291 §2.2, all three text forms. */
function parseIpv6(text: string): Uint8Array<ArrayBuffer> | undefined {
  const zone = text.indexOf("%");
  if (zone >= 0) text = text.slice(0, zone);
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0]!, halves.length === 1);
  if (head === undefined) return undefined;
  const out = new Uint8Array(16);
  if (halves.length === 1) {
    if (head.length !== 16) return undefined;
    out.set(head);
    return out;
  }
  const tail = parseGroups(halves[1]!, true);
  // RFC 5952 §4.2.2 would rather not shorten one group, RFC 4291 allows it.
  if (tail === undefined || head.length + tail.length > 14) return undefined;
  out.set(head);
  out.set(tail, 16 - tail.length);
  return out;
}

function parseGroups(text: string, mayEndInIpv4: boolean): number[] | undefined {
  const out: number[] = [];
  if (text === "") return out;
  const groups = text.split(":");
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i]!;
    if (mayEndInIpv4 && i === groups.length - 1 && group.includes(".")) {
      const v4 = parseIpv4(group);
      if (v4 === undefined) return undefined;
      out.push(...v4);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
      const value = parseInt(group, 16);
      out.push(value >> 8, value & 0xff);
    }
  }
  return out;
}

/** Canonical text of 4 or 16 bytes: dotted decimal, or RFC 5952 §4 for IPv6. */
export function formatIp(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push((bytes[i]! << 8) | bytes[i + 1]!);
  // RFC 5952 §5: IPv4-mapped addresses end in dotted decimal.
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return `::ffff:${bytes.subarray(12).join(".")}`;
  }
  // RFC 5952 §4.2.3: the longest run of zero groups is shortened, the first one among equals.
  let runAt = -1, runLength = 1;
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (end < 8 && groups[end] === 0) end++;
    if (end - i > runLength) {
      runAt = i;
      runLength = end - i;
    }
    i = Math.max(i, end - 1);
  }
  const hex = groups.map((group) => group.toString(16));
  if (runAt < 0) return hex.join(":");
  return `${hex.slice(0, runAt).join(":")}::${hex.slice(runAt + runLength).join(":")}`;
}
