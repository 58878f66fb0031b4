/**
 * The packets that every subject works on: the same bytes, keys and sequence numbers for all, so that
 * what they make can be compared, too.
 */
import { add16, add32 } from "../../src/base/mod.ts";
import type { SrtpProfile } from "../../src/srtp/mod.ts";

/** Packets between two looks at the clock. */
export const SET_PACKETS = 64;

/** RFC 3550 §5.1: the header without sources and extensions, bytes. */
export const HEADER_BYTES = 12;

/** Room behind a packet for the longest tag, bytes (RFC 7714 §14.1). */
const TAG_ROOM_BYTES = 20;

const SSRC = 0x5e_ed_ca_fe;
const PAYLOAD_TYPE = 111;
const FIRST_SEQUENCE = 1;

/** The four profiles, as DTLS names them. */
export const PROFILES: readonly SrtpProfile[] = [
  "SRTP_AES128_CM_HMAC_SHA1_80",
  "SRTP_AES128_CM_HMAC_SHA1_32",
  "SRTP_AEAD_AES_128_GCM",
  "SRTP_AEAD_AES_256_GCM",
];

/** Length of what a profile appends to an RTP packet, bytes (RFC 5764 §4.1.2, RFC 7714 §14.1). */
export const TAG_BYTES: Readonly<Record<SrtpProfile, number>> = {
  SRTP_AES128_CM_HMAC_SHA1_80: 10,
  SRTP_AES128_CM_HMAC_SHA1_32: 4,
  SRTP_AEAD_AES_128_GCM: 16,
  SRTP_AEAD_AES_256_GCM: 16,
};

/** Whether a profile is one of RFC 7714. */
export function isGcm(profile: SrtpProfile): boolean {
  return profile.includes("GCM");
}

/** The master key of the benchmark: bytes that count upwards. */
export function masterKey(profile: SrtpProfile): Uint8Array {
  return Uint8Array.from({ length: profile === "SRTP_AEAD_AES_256_GCM" ? 32 : 16 }, (_, i) => i);
}

/** The master salt of the benchmark: bytes that count upwards from 128. */
export function masterSalt(profile: SrtpProfile): Uint8Array {
  return Uint8Array.from({ length: isGcm(profile) ? 12 : 14 }, (_, i) => 128 + i);
}

/** What is measured: one profile and one length of payload. */
export interface PacketSpec {
  /** The profile. */
  readonly profile: SrtpProfile;
  /** Behind the header of 12 bytes. */
  readonly payloadBytes: number;
}

/** Sixty-four packets of one stream, one behind another; each step gives them new numbers. */
export class PacketSet {
  /** From one packet to the next, bytes. */
  readonly stride: number;
  /** Header and payload, bytes. */
  readonly length: number;
  /** Rollover counter of each packet (RFC 3711 §3.3.1). */
  readonly rollovers: Uint32Array = new Uint32Array(SET_PACKETS);
  /** Sequence number of each packet. */
  readonly sequences: Uint16Array = new Uint16Array(SET_PACKETS);
  readonly bytes: Uint8Array;
  #sequence = FIRST_SEQUENCE;
  #rollover = 0;

  /**
   * Fills the memory of the subject.
   *
   * @param makeBytes lends memory of this length, all of it the set's own
   */
  constructor(payloadBytes: number, makeBytes: (length: number) => Uint8Array) {
    this.length = HEADER_BYTES + payloadBytes;
    this.stride = strideOf(payloadBytes);
    this.bytes = makeBytes(SET_PACKETS * this.stride);
    for (let i = 0; i < SET_PACKETS; i++) {
      const at = i * this.stride;
      this.bytes.set([0x80, PAYLOAD_TYPE, 0, 0, 0, 0, 0, 0], at);
      this.bytes.set([SSRC >>> 24, SSRC >>> 16 & 255, SSRC >>> 8 & 255, SSRC & 255], at + 8);
      for (let j = 0; j < payloadBytes; j++) this.bytes[at + HEADER_BYTES + j] = i + j;
    }
  }

  /** Gives every packet the next sequence number. */
  advance(): void {
    for (let i = 0; i < SET_PACKETS; i++) {
      const at = i * this.stride + 2;
      this.bytes[at] = this.#sequence >>> 8;
      this.bytes[at + 1] = this.#sequence;
      this.sequences[i] = this.#sequence;
      this.rollovers[i] = this.#rollover;
      this.#sequence = add16(this.#sequence, 1);
      if (this.#sequence === 0) this.#rollover = add32(this.#rollover, 1);
    }
  }
}

/** From one packet to the next: cache lines of 64 bytes. */
export function strideOf(payloadBytes: number): number {
  return (HEADER_BYTES + payloadBytes + TAG_ROOM_BYTES + 63) & ~63;
}

/** Memory of a whole set, bytes. */
export function setBytes(payloadBytes: number): number {
  return SET_PACKETS * strideOf(payloadBytes);
}
