/** Keys, packets and batches for the tests of SRTP. @module */
import assert from "node:assert/strict";
import { type Entropy, randomBytes, randomU32, writeU16, writeU32 } from "../../src/base/mod.ts";
import {
  parseRtpRow,
  RTP_AT,
  RTP_COLUMNS,
  RTP_ELEMENT_COUNT,
  RTP_ELEMENTS,
  RTP_FLAGS,
  RTP_INDEX,
  RTP_LENGTH,
  RTP_MAX_ELEMENTS,
  RTP_STATUS,
} from "../../src/rtp/mod.ts";
import {
  PlainSrtpBatch,
  SRTP_TAILROOM_BYTES,
  type SrtpBatch,
  type SrtpCipherOptions,
  type SrtpCipherProvider,
  type SrtpProfile,
  srtpProfileParameters,
  type SrtpSessionKeys,
} from "../../src/srtp/mod.ts";

/** Whether in ordinary memory, which a provider may have to copy from, or in the provider's own. */
export const MEMORIES: readonly boolean[] = [false, true];

/** All of them. */
export const PROFILES: readonly SrtpProfile[] = [
  "SRTP_AES128_CM_HMAC_SHA1_80",
  "SRTP_AES128_CM_HMAC_SHA1_32",
  "SRTP_AEAD_AES_128_GCM",
  "SRTP_AEAD_AES_256_GCM",
];

/** 0 … `below` − 1. */
export function randomBelow(entropy: Entropy, below: number): number {
  return randomU32(entropy) % below;
}

/** Master key and salt of the profile's lengths. */
export function randomMasterKeys(
  entropy: Entropy,
  profile: SrtpProfile,
): { profile: SrtpProfile; masterKey: Uint8Array; masterSalt: Uint8Array } {
  const { keyBytes, saltBytes } = srtpProfileParameters(profile);
  return {
    profile,
    masterKey: randomBytes(entropy, keyBytes),
    masterSalt: randomBytes(entropy, saltBytes),
  };
}

function randomSessionKeys(entropy: Entropy, profile: SrtpProfile): SrtpSessionKeys {
  const { keyBytes, saltBytes, authKeyBytes } = srtpProfileParameters(profile);
  return {
    key: randomBytes(entropy, keyBytes),
    salt: randomBytes(entropy, saltBytes),
    authKey: randomBytes(entropy, authKeyBytes),
  };
}

/** Session keys of one direction. */
export function randomCipherOptions(
  entropy: Entropy,
  profile: SrtpProfile,
  cryptex = false,
): SrtpCipherOptions {
  const rtp = randomSessionKeys(entropy, profile), rtcp = randomSessionKeys(entropy, profile);
  return { profile, rtp, rtcp, cryptex };
}

/** What an RTP packet is like; the rest of it is random. */
export interface RtpShape {
  readonly payload: number;
  readonly ssrc?: number;
  readonly sequence?: number;
  readonly csrcs?: number;
  /** Length of the extension's data in words; none without it. */
  readonly extension?: number;
  /** "Defined by profile"; one-byte elements by default. */
  readonly extensionProfile?: number;
  /** Of the payload; none without it. */
  readonly padding?: number;
}

/** A well-formed RTP packet. */
export function rtpPacket(entropy: Entropy, shape: RtpShape): Uint8Array {
  const { payload, csrcs = 0, extension, padding = 0 } = shape;
  const extensionBytes = extension === undefined ? 0 : 4 + 4 * extension;
  const bytes = randomBytes(entropy, 12 + 4 * csrcs + extensionBytes + payload);
  bytes[0] = 0x80 | (padding > 0 ? 0x20 : 0) | (extension === undefined ? 0 : 0x10) | csrcs;
  if (shape.sequence !== undefined) writeU16(bytes, 2, shape.sequence);
  if (shape.ssrc !== undefined) writeU32(bytes, 8, shape.ssrc);
  if (extension !== undefined) {
    writeU16(bytes, 12 + 4 * csrcs, shape.extensionProfile ?? 0xbede);
    writeU16(bytes, 14 + 4 * csrcs, extension);
  }
  if (padding > 0) bytes[bytes.length - 1] = padding;
  return bytes;
}

/** An RTP packet of any shape. */
export function randomRtp(entropy: Entropy, maxPayload: number): Uint8Array {
  const payload = randomBelow(entropy, maxPayload + 1);
  const padding = payload > 0 && randomBelow(entropy, 4) === 0
    ? 1 + randomBelow(entropy, Math.min(payload, 255))
    : 0;
  return rtpPacket(entropy, {
    payload,
    padding,
    csrcs: randomBelow(entropy, 3) === 0 ? randomBelow(entropy, 16) : 0,
    ...(randomBelow(entropy, 2) === 0 && {
      extension: randomBelow(entropy, 6),
      extensionProfile: randomBelow(entropy, 3) === 0 ? 0x1000 : 0xbede,
    }),
  });
}

/** Something with a header of RTCP. */
export function rtcpPacket(entropy: Entropy, length: number, ssrc?: number): Uint8Array {
  const bytes = randomBytes(entropy, length);
  bytes[0] = 0x80;
  bytes[1] = 200;
  writeU16(bytes, 2, length / 4 - 1);
  if (ssrc !== undefined) writeU32(bytes, 4, ssrc);
  return bytes;
}

/** What stands between packets and must stay. */
export const GUARD = 0xa5;
const GUARD_BYTES = 13;

/** A batch of the provider's own memory, or of ordinary memory that it may have to copy from. */
export function createBatch(
  provider: SrtpCipherProvider,
  plain: boolean,
  byteLength: number,
  maxRows: number,
): SrtpBatch {
  if (!plain) return provider.createBatch(byteLength, maxRows);
  return new PlainSrtpBatch(
    new Uint8Array(byteLength),
    new Uint32Array(maxRows * RTP_COLUMNS),
  );
}

/** Lays packets out one behind the other, with their room and guards between them. */
export function batchOf(
  provider: SrtpCipherProvider,
  plain: boolean,
  packets: readonly Uint8Array[],
  indices: readonly number[] = [],
): SrtpBatch {
  let size = GUARD_BYTES;
  for (const packet of packets) size += packet.length + SRTP_TAILROOM_BYTES + GUARD_BYTES;
  const batch = createBatch(provider, plain, size, packets.length);
  batch.bytes.fill(GUARD);
  let at = GUARD_BYTES;
  packets.forEach((packet, i) => {
    batch.bytes.set(packet, at);
    batch.push(at, packet.length);
    batch.rows[i * RTP_COLUMNS + RTP_INDEX] = indices[i] ?? 0;
    at += packet.length + SRTP_TAILROOM_BYTES + GUARD_BYTES;
  });
  return batch;
}

/** Whether nothing was written outside of the slots of the packets that {@linkcode batchOf} laid out. */
export function guardsIntact(batch: SrtpBatch, packets: readonly Uint8Array[]): boolean {
  let at = 0;
  for (const packet of [...packets, new Uint8Array(0)]) {
    for (let i = 0; i < GUARD_BYTES; i++) if (batch.bytes[at + i] !== GUARD) return false;
    at += GUARD_BYTES + packet.length + SRTP_TAILROOM_BYTES;
  }
  return true;
}

/** Status of a row. */
export function statusOf(batch: SrtpBatch, index: number): number {
  return batch.rows[index * RTP_COLUMNS + RTP_STATUS]!;
}

/** Index of a row. */
export function indexOf(batch: SrtpBatch, index: number): number {
  return batch.rows[index * RTP_COLUMNS + RTP_INDEX]!;
}

/** A copy of the packet of a row. */
export function packetOf(batch: SrtpBatch, index: number): Uint8Array {
  const at = batch.rows[index * RTP_COLUMNS + RTP_AT]!;
  return batch.bytes.slice(at, at + batch.rows[index * RTP_COLUMNS + RTP_LENGTH]!);
}

/** Copies of the packets of all rows. */
export function packetsOf(batch: SrtpBatch): Uint8Array[] {
  return Array.from({ length: batch.count }, (_, i) => packetOf(batch, i));
}

/** Quick, where `assert.deepEqual` takes its time. */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

/** Whether eight bytes of the secret stand somewhere where they were, counted from `at`. */
export function isVisible(
  bytes: Uint8Array,
  at: number,
  plain: Uint8Array,
  secretAt: number,
): boolean {
  for (let from = secretAt; from + 8 <= plain.length; from += 8) {
    let same = true;
    for (let i = from; i < from + 8; i++) same &&= bytes[at + i] === plain[i];
    if (same) return true;
  }
  return false;
}

/** The columns of a row are those that `parseRtpRow` gives for its packet. */
export function assertColumns(batch: SrtpBatch, index: number, what: string): void {
  const row = index * RTP_COLUMNS;
  const at = batch.rows[row + RTP_AT]!;
  const expected = new Uint32Array(RTP_COLUMNS);
  parseRtpRow(batch.bytes, at, at + batch.rows[row + RTP_LENGTH]!, expected, 0);
  const listed = Math.min(expected[RTP_ELEMENT_COUNT]!, RTP_MAX_ELEMENTS);
  for (let column = RTP_FLAGS; column < RTP_ELEMENTS + listed; column++) {
    assert.equal(batch.rows[row + column], expected[column], `${what}: ${index}, column ${column}`);
  }
}
