/** RTP and RTCP of every form, from a seed, for foreign stacks to protect and to open. */
import {
  concatBytes,
  type Entropy,
  randomBytes,
  randomU32,
  readU16,
  readU32,
  seededEntropy,
  writeU16,
  writeU32,
} from "../../src/base/mod.ts";
import type { SrtpProfile } from "../../src/srtp/mod.ts";

/** The four profiles of RFC 5764 and RFC 7714 that WebRTC uses. */
export const PROFILES: readonly SrtpProfile[] = [
  "SRTP_AES128_CM_HMAC_SHA1_80",
  "SRTP_AES128_CM_HMAC_SHA1_32",
  "SRTP_AEAD_AES_128_GCM",
  "SRTP_AEAD_AES_256_GCM",
];

/** Key and salt of one direction. */
export interface MasterKeys {
  readonly masterKey: Uint8Array;
  readonly masterSalt: Uint8Array;
}

/** Random keys of the lengths that `profile` asks for (RFC 5764 §4.1.2, RFC 7714 §12). */
export function randomKeys(profile: SrtpProfile, entropy: Entropy): MasterKeys {
  const aead = profile.startsWith("SRTP_AEAD");
  return {
    masterKey: randomBytes(entropy, profile === "SRTP_AEAD_AES_256_GCM" ? 32 : 16),
    masterSalt: randomBytes(entropy, aead ? 12 : 14),
  };
}

/** What a packet consists of, beside its numbers. */
interface Form {
  readonly csrcs: number;
  /** "Defined by profile" and the data of the header extension, whole words of it. */
  readonly extension?: readonly [profile: number, data: readonly number[]];
  readonly payloadBytes: number;
  readonly paddingBytes: number;
}

/** RFC 8285 §4.2: the one-byte form, with padding between its elements. */
const ONE_BYTE: NonNullable<Form["extension"]> = [0xbede, [
  0x10,
  0xaa,
  0,
  0x52,
  1,
  2,
  3,
  0xe0,
  9,
  0,
  0,
  0,
]];
/** RFC 8285 §4.3: the two-byte form, with an element of no data. */
const TWO_BYTE: NonNullable<Form["extension"]> = [0x1000, [1, 0, 200, 3, 7, 8, 9, 0]];

/** RFC 9335 §4: extensions that have an encrypted form. */
const MARKABLE: readonly Form["extension"][] = [ONE_BYTE, TWO_BYTE];

const FORMS: readonly Form[] = [
  { csrcs: 0, payloadBytes: 160, paddingBytes: 0 },
  { csrcs: 0, payloadBytes: 0, paddingBytes: 0 },
  { csrcs: 2, payloadBytes: 33, paddingBytes: 0 },
  { csrcs: 15, extension: ONE_BYTE, payloadBytes: 100, paddingBytes: 4 },
  { csrcs: 0, extension: ONE_BYTE, payloadBytes: 1200, paddingBytes: 0 },
  { csrcs: 0, extension: TWO_BYTE, payloadBytes: 999, paddingBytes: 0 },
  { csrcs: 1, extension: TWO_BYTE, payloadBytes: 1, paddingBytes: 255 },
  { csrcs: 0, extension: [0xabcd, []], payloadBytes: 15, paddingBytes: 0 },
  { csrcs: 0, extension: [0x1234, [1, 2, 3, 4]], payloadBytes: 1400, paddingBytes: 0 },
  { csrcs: 0, payloadBytes: 0, paddingBytes: 200 },
];

/** RFC 3550 §5.1. */
function rtpPacket(ssrc: number, sequence: number, form: Form, entropy: Entropy): Uint8Array {
  const { csrcs, extension, payloadBytes, paddingBytes } = form;
  const extensionBytes = extension === undefined ? 0 : 4 + extension[1].length;
  const headerBytes = 12 + 4 * csrcs + extensionBytes;
  const packet = randomBytes(entropy, headerBytes + payloadBytes + paddingBytes);
  const flags = (paddingBytes > 0 ? 0x20 : 0) | (extension === undefined ? 0 : 0x10);
  packet[0] = 0x80 | flags | csrcs;
  writeU16(packet, 2, sequence);
  writeU32(packet, 8, ssrc);
  if (extension !== undefined) {
    const at = 12 + 4 * csrcs;
    writeU16(packet, at, extension[0]);
    writeU16(packet, at + 2, extension[1].length / 4);
    packet.set(extension[1], at + 4);
  }
  if (paddingBytes > 0) packet[packet.length - 1] = paddingBytes;
  return packet;
}

/** Packets in a row after each long step: sequence numbers that differ by one are the usual ones. */
const RUN = 7;
/** RFC 3711 §3.3.1: the index of a packet may be guessed wrong beyond 2^15; well below that. */
const STEP = 20_011;

/**
 * Packets of three sources in turn, each with every form, with sequence numbers that begin right
 * before 65535 and wrap around several times.
 */
export function rtpTraffic(seed: number): Uint8Array[] {
  return traffic(seed, FORMS);
}

/** As `rtpTraffic`, of the forms that Cryptex can encrypt (RFC 9335 §5.1). */
export function cryptexTraffic(seed: number): Uint8Array[] {
  return traffic(
    seed,
    FORMS.filter(({ extension }) => extension === undefined || MARKABLE.includes(extension)),
  );
}

/** RFC 9335 §5.1: a sender gives CSRCs an empty extension when they have none. */
export function withEmptyExtension(packet: Uint8Array): Uint8Array {
  const first = packet[0]!, at = 12 + 4 * (first & 0x0f);
  if (at === 12 || (first & 0x10) !== 0) return packet;
  const extended = concatBytes(
    packet.subarray(0, at),
    Uint8Array.of(0xbe, 0xde, 0, 0),
    packet.subarray(at),
  );
  extended[0] = first | 0x10;
  return extended;
}

function traffic(seed: number, forms: readonly Form[]): Uint8Array[] {
  const entropy = seededEntropy(seed);
  const sources = [1, 2, 3].map((n) => ({ ssrc: randomU32(entropy), sequence: 65_535 - 2 * n }));
  const packets: Uint8Array[] = [];
  for (let n = 0; n < 16 * RUN; n++) {
    for (const source of sources) {
      const form = forms[packets.length % forms.length]!;
      packets.push(rtpPacket(source.ssrc, source.sequence, form, entropy));
      source.sequence = (source.sequence + (n % RUN === RUN - 1 ? STEP : 1)) & 0xffff;
    }
  }
  return packets;
}

/** The rollover counter of each packet of `rtpTraffic`, whose sources never step back. */
export function rolloversOf(packets: readonly Uint8Array[]): number[] {
  const sources = new Map<number, { rollover: number; sequence: number }>();
  return packets.map((packet) => {
    const ssrc = readU32(packet, 8), sequence = readU16(packet, 2);
    const last = sources.get(ssrc) ?? { rollover: 0, sequence };
    const rollover = last.rollover + (sequence < last.sequence ? 1 : 0);
    sources.set(ssrc, { rollover, sequence });
    return rollover;
  });
}

/** Packets of one form and one source for tests of single bytes. */
export function shortTraffic(seed: number, count: number): Uint8Array[] {
  const entropy = seededEntropy(seed);
  const ssrc = randomU32(entropy);
  const form: Form = { csrcs: 1, extension: ONE_BYTE, payloadBytes: 20, paddingBytes: 0 };
  return Array.from({ length: count }, (_, n) => rtpPacket(ssrc, n, form, entropy));
}

/** Compound RTCP packets of three sources: a report, and feedback of many lengths (RFC 4585 §6.1). */
export function rtcpTraffic(seed: number): Uint8Array[] {
  const entropy = seededEntropy(seed);
  const sources = [1, 2, 3].map(() => randomU32(entropy));
  return Array.from({ length: 90 }, (_, n) => {
    const ssrc = sources[n % 3]!;
    const feedbackWords = n % 2 === 0 ? 0 : 3 + 4 * n;
    const packet = randomBytes(entropy, 8 + 4 * feedbackWords);
    // A receiver report without a block, and what follows it.
    packet.set([0x80, 201]);
    writeU16(packet, 2, 1);
    writeU32(packet, 4, ssrc);
    if (feedbackWords > 0) {
      packet.set([0x81, 205], 8);
      writeU16(packet, 10, feedbackWords - 1);
      writeU32(packet, 12, ssrc);
    }
    return packet;
  });
}

/** Packets between two long steps: to move across one is to be older than any replay window. */
const CHUNK = 3 * RUN;

/** The packets in another order, a few of them lost: each moves by fewer than four places. */
export function disturb<T>(items: readonly T[], seed: number): T[] {
  const entropy = seededEntropy(seed);
  const place = (index: number): number =>
    index - index % CHUNK + Math.min(index % CHUNK + randomU32(entropy) % 4, CHUNK - 1);
  return items.map((item, index) => ({ item, place: place(index) }))
    .filter(() => randomU32(entropy) % 16 !== 0)
    .sort((a, b) => a.place - b.place).map(({ item }) => item);
}
