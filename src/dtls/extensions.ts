/**
 * Hello extensions (RFC 5246 §7.4.1.4).
 *
 * ```text
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-------------------------------+-------------------------------+
 * |        extension type         |            length             |
 * +-------------------------------+-------------------------------+
 * |  data …
 * +-----------
 * ```
 */
import { writeBytes, writeU16 } from "../base/mod.ts";
import { parseU16List, Reader } from "./reader.ts";

/** RFC 8422 §5.1.1. */
export const EXTENSION_SUPPORTED_GROUPS = 10;
/** RFC 8422 §5.1.2. */
export const EXTENSION_EC_POINT_FORMATS = 11;
/** RFC 5246 §7.4.1.4.1. */
export const EXTENSION_SIGNATURE_ALGORITHMS = 13;
/** RFC 5764 §4.1.1. */
export const EXTENSION_USE_SRTP = 14;
/** RFC 7627 §5.1. */
export const EXTENSION_EXTENDED_MASTER_SECRET = 23;
/** RFC 8446 §4.2.1. */
export const EXTENSION_SUPPORTED_VERSIONS = 43;
/** RFC 5746 §3.2. */
export const EXTENSION_RENEGOTIATION_INFO = 0xff01;

/** RFC 8422 §5.1.2: the only point format left. */
const POINT_FORMAT_UNCOMPRESSED = 0;

/** Extensions by type; the data are views. */
export type Extensions = ReadonlyMap<number, Uint8Array>;

/**
 * Parses an extensions block with its own length in front; nothing at all is an empty block
 * (RFC 5246 §7.4.1.2).
 *
 * @returns `undefined` when it is malformed or a type occurs twice (RFC 5246 §7.4.1.4)
 */
export function parseExtensions(reader: Reader): Extensions | undefined {
  const extensions = new Map<number, Uint8Array>();
  if (reader.remaining === 0) return extensions;
  const block = new Reader(reader.vector16());
  if (!reader.complete) return undefined;
  while (block.remaining > 0) {
    const type = block.u16();
    const data = block.vector16();
    if (block.failed || extensions.has(type)) return undefined;
    extensions.set(type, data);
  }
  return extensions;
}

/** Writes the block with its length in front. */
export function writeExtensions(extensions: Extensions, out: Uint8Array, at: number): number {
  const start = at;
  at += 2;
  for (const [type, data] of extensions) {
    at = writeU16(out, at, type);
    at = writeU16(out, at, data.length);
    at = writeBytes(out, at, data);
  }
  writeU16(out, start, at - start - 2);
  return at;
}

/** `NamedGroup list<2..2^16-1>` and `SignatureAndHashAlgorithm list<2..2^16-2>` as data. */
export function encodeU16List(values: readonly number[]): Uint8Array {
  const out = new Uint8Array(2 + 2 * values.length);
  let at = writeU16(out, 0, 2 * values.length);
  for (const value of values) at = writeU16(out, at, value);
  return out;
}

/** The counterpart of {@linkcode encodeU16List}, or `undefined`. */
export function decodeU16List(data: Uint8Array): number[] | undefined {
  const reader = new Reader(data);
  const list = parseU16List(reader.vector16());
  return reader.complete ? list : undefined;
}

/** `supported_versions` of a ClientHello has a length of one byte (RFC 8446 §4.2.1). */
export function decodeSupportedVersions(data: Uint8Array): number[] | undefined {
  const reader = new Reader(data);
  const list = parseU16List(reader.vector8());
  return reader.complete ? list : undefined;
}

/** RFC 8422 §5.1.2: uncompressed points and nothing else. */
export function encodePointFormats(): Uint8Array {
  return Uint8Array.of(1, POINT_FORMAT_UNCOMPRESSED);
}

/** Whether the list is well-formed and names uncompressed points (RFC 8422 §5.1.2: it must). */
export function acceptablePointFormats(data: Uint8Array): boolean {
  const reader = new Reader(data);
  const formats = reader.vector8();
  return reader.complete && formats.includes(POINT_FORMAT_UNCOMPRESSED);
}

/** RFC 5746 §3.2: `renegotiated_connection` of a first handshake is empty. */
export function encodeRenegotiationInfo(): Uint8Array {
  return Uint8Array.of(0);
}

/** Whether `data` says that this is a first handshake (RFC 5746 §3.4, §3.6). */
export function isFirstHandshake(data: Uint8Array): boolean {
  return data.length === 1 && data[0] === 0;
}

/** Data of use_srtp (RFC 5764 §4.1.1). */
export interface UseSrtp {
  /** Profile numbers, best first. */
  readonly profiles: readonly number[];
  /** Master key identifier; we never use one. */
  readonly mki: Uint8Array;
}

/** `SRTPProtectionProfiles<2..2^16-1>`, then `srtp_mki<0..255>`. */
export function encodeUseSrtp(value: UseSrtp): Uint8Array {
  const list = encodeU16List(value.profiles);
  const out = new Uint8Array(list.length + 1 + value.mki.length);
  const at = writeBytes(out, 0, list);
  out[at] = value.mki.length;
  writeBytes(out, at + 1, value.mki);
  return out;
}

/** Parses use_srtp, or returns `undefined`. */
export function decodeUseSrtp(data: Uint8Array): UseSrtp | undefined {
  const reader = new Reader(data);
  const profiles = parseU16List(reader.vector16());
  const mki = reader.vector8();
  return reader.complete && profiles !== undefined ? { profiles, mki } : undefined;
}
