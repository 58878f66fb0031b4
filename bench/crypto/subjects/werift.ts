/** werift's `SrtpSession`: packets in and out as new buffers, with its own count of rollovers. */
import { Buffer } from "node:buffer";
import type { SrtpProfile } from "../../../src/srtp/mod.ts";
import { HEADER_BYTES, masterKey, masterSalt, PacketSet, type PacketSpec } from "../packet_set.ts";
import { SET_PACKETS } from "../packet_set.ts";
import type { Subject } from "../subject.ts";

/** What is used of the package. */
export interface WeriftSrtp {
  /** Its session of SRTP. */
  readonly SrtpSession: new (config: { keys: WeriftKeys; profile: number }) => WeriftSession;
  /** Its header. */
  readonly RtpHeader: { deSerialize(packet: Buffer): WeriftHeader };
}

interface WeriftKeys {
  readonly localMasterKey: Buffer;
  readonly localMasterSalt: Buffer;
  readonly remoteMasterKey: Buffer;
  readonly remoteMasterSalt: Buffer;
}

interface WeriftHeader {
  sequenceNumber: number;
}

interface WeriftSession {
  encrypt(payload: Buffer, header: WeriftHeader): Buffer;
  decrypt(packet: Buffer): Buffer;
}

/** The profiles that it has, by their numbers (RFC 5764 §4.1.2, RFC 7714 §14.2). */
const PROFILE_NUMBERS: Readonly<Partial<Record<SrtpProfile, number>>> = {
  SRTP_AES128_CM_HMAC_SHA1_80: 1,
  SRTP_AEAD_AES_128_GCM: 7,
};

/** werift, or `undefined` for a profile that it lacks. */
export function weriftSubject(spec: PacketSpec, werift: WeriftSrtp): Subject | undefined {
  const profile = PROFILE_NUMBERS[spec.profile];
  return profile === undefined ? undefined : new WeriftSubject(spec, werift, profile);
}

class WeriftSubject implements Subject {
  readonly name = "werift";
  readonly batch = 1;
  readonly #session: WeriftSession;
  readonly #set: PacketSet;
  readonly #headers: readonly WeriftHeader[];
  readonly #payloads: readonly Buffer[];
  readonly #packets: Buffer[] = [];
  #first: Uint8Array = new Uint8Array(0);

  constructor(spec: PacketSpec, { SrtpSession, RtpHeader }: WeriftSrtp, profile: number) {
    const key = Buffer.from(masterKey(spec.profile)), salt = Buffer.from(masterSalt(spec.profile));
    const keys = {
      localMasterKey: key,
      localMasterSalt: salt,
      remoteMasterKey: key,
      remoteMasterSalt: salt,
    };
    this.#session = new SrtpSession({ keys, profile });
    const set = this.#set = new PacketSet(spec.payloadBytes, (length) => Buffer.alloc(length));
    const packets = Array.from(
      { length: SET_PACKETS },
      (_, i) => set.bytes.subarray(i * set.stride, i * set.stride + set.length) as Buffer,
    );
    this.#headers = packets.map((packet) => RtpHeader.deSerialize(packet));
    this.#payloads = packets.map((packet) => packet.subarray(HEADER_BYTES));
  }

  advance(): void {
    this.#set.advance();
    for (let i = 0; i < SET_PACKETS; i++) {
      this.#headers[i]!.sequenceNumber = this.#set.sequences[i]!;
    }
  }

  protect(): void {
    for (let i = 0; i < SET_PACKETS; i++) {
      this.#packets[i] = this.#session.encrypt(this.#payloads[i]!, this.#headers[i]!);
    }
  }

  unprotect(): void {
    for (let i = 0; i < SET_PACKETS; i++) {
      const plain = this.#session.decrypt(this.#packets[i]!);
      if (i === 0) this.#first = plain;
    }
  }

  firstProtected(): Uint8Array {
    return Uint8Array.from(this.#packets[0]!);
  }

  firstUnprotected(): Uint8Array {
    return Uint8Array.from(this.#first);
  }

  dispose(): void {}
}
