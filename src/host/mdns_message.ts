/**
 * The little of DNS that resolving a `.local` name takes (RFC 1035 §4.1, RFC 6762): a query with one
 * question, and the addresses in a response.
 *
 * ```
 *  +--------------------+----------------------------------------------------+
 *  | id, flags          | 0 in queries; QR set in responses                  |
 *  | qdcount … arcount  | four counts                                        |
 *  +--------------------+----------------------------------------------------+
 *  | questions          | name, type, class                                  |
 *  | answers, …         | name, type, class, TTL, length, data               |
 *  +--------------------+----------------------------------------------------+
 * ```
 */
import { formatIp, readU16, utf8Decode, utf8Encode, writeU16 } from "../base/mod.ts";

/** RFC 1035 §3.2.2 and RFC 3596 §2.1. */
const TYPES = { A: 1, AAAA: 28 } as const;
const CLASS_IN = 1;
/** RFC 1035 §2.3.4. */
const MAX_NAME_BYTES = 255;
const HEADER_BYTES = 12;
/** Our bound on the records read from one response; RFC 6762 §17 keeps messages below 9000 bytes. */
const MAX_RECORDS = 64;

/** An address that a response gives to a name. */
export interface MdnsAnswer {
  /** Lower case, without the last dot. */
  readonly name: string;
  /** Canonical text of the address. */
  readonly ip: string;
}

/** Whether `name` can be asked for: labels of 1 to 63 bytes, ending in `local` (RFC 6762 §3). */
export function isMdnsName(name: string): boolean {
  const labels = name.toLowerCase().split(".");
  return labels.length >= 2 && labels.at(-1) === "local" && name.length <= MAX_NAME_BYTES - 2 &&
    labels.every((label) => label.length > 0 && utf8Encode(label).length <= 63);
}

/**
 * A query for one name and type. One question each, and none that asks for a unicast answer (RFC 6762
 * §5.4): Chromium's responder reads neither of them.
 */
export function writeMdnsQuery(name: string, type: keyof typeof TYPES): Uint8Array {
  const labels = name.split(".").map(utf8Encode);
  const out = new Uint8Array(HEADER_BYTES + MAX_NAME_BYTES + 65 + 4);
  let at = writeU16(out, 4, 1) + 6;
  for (const label of labels) {
    out[at++] = label.length;
    out.set(label, at);
    at += label.length;
  }
  out[at++] = 0;
  at = writeU16(out, at, TYPES[type]);
  at = writeU16(out, at, CLASS_IN);
  return out.subarray(0, at);
}

/** The addresses in a response, in its order; none when it is malformed or not a response. */
export function parseMdnsResponse(bytes: Uint8Array): MdnsAnswer[] {
  const out: MdnsAnswer[] = [];
  if (bytes.length < HEADER_BYTES || (bytes[2]! & 0xf8) !== 0x80) return out;
  let at: number | undefined = HEADER_BYTES;
  const questions = readU16(bytes, 4);
  const records = readU16(bytes, 6) + readU16(bytes, 8) + readU16(bytes, 10);
  if (questions + records > MAX_RECORDS) return out;
  for (let i = 0; i < questions; i++) {
    at = skipName(bytes, at);
    if (at === undefined) return out;
    at += 4;
  }
  for (let i = 0; i < records; i++) {
    const nameAt: number = at;
    const fixedAt = skipName(bytes, at);
    if (fixedAt === undefined || fixedAt + 10 > bytes.length) return out;
    const dataAt: number = fixedAt + 10, length = readU16(bytes, fixedAt + 8);
    at = dataAt + length;
    if (at > bytes.length) return out;
    const ip = readAddress(bytes, fixedAt, dataAt, length);
    const name = ip && readName(bytes, nameAt);
    if (ip !== undefined && name !== undefined) out.push({ name, ip });
  }
  return out;
}

function readAddress(
  bytes: Uint8Array,
  fixedAt: number,
  dataAt: number,
  length: number,
): string | undefined {
  const type = readU16(bytes, fixedAt);
  // RFC 6762 §10.2: the top bit of a record's class says that it replaces what was cached.
  if ((readU16(bytes, fixedAt + 2) & 0x7fff) !== CLASS_IN) return undefined;
  const known = (type === TYPES.A && length === 4) || (type === TYPES.AAAA && length === 16);
  return known ? formatIp(bytes.subarray(dataAt, dataAt + length)) : undefined;
}

/** Moves behind a name: labels up to the root, or to a pointer (RFC 1035 §4.1.4). */
function skipName(bytes: Uint8Array, at: number): number | undefined {
  while (at < bytes.length) {
    const length = bytes[at]!;
    if (length === 0) return at + 1;
    if (length >= 0xc0) return at + 2 <= bytes.length ? at + 2 : undefined;
    if (length > 63) return undefined;
    at += 1 + length;
  }
  return undefined;
}

/** Reads a name, lower case. A pointer must point backwards, so the work is bounded. */
function readName(bytes: Uint8Array, at: number): string | undefined {
  const labels: string[] = [];
  let total = 0, limit = at;
  while (at < bytes.length) {
    const length = bytes[at]!;
    if (length === 0) return labels.join(".").toLowerCase();
    if (length >= 0xc0) {
      if (at + 2 > bytes.length) return undefined;
      const target = readU16(bytes, at) & 0x3fff;
      if (target >= limit) return undefined;
      limit = at = target;
      continue;
    }
    total += 1 + length;
    if (length > 63 || total > MAX_NAME_BYTES || at + 1 + length > bytes.length) return undefined;
    labels.push(utf8Decode(bytes.subarray(at + 1, at + 1 + length)));
    at += 1 + length;
  }
  return undefined;
}
