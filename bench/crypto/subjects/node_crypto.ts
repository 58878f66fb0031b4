/**
 * `node:crypto`, one packet at a time, as its documentation shows it: a new cipher and a new MAC for
 * each packet. The keys are session keys, and nobody keeps count of sequence numbers.
 */
import { Buffer } from "node:buffer";
import {
  type CipherGCMTypes,
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  timingSafeEqual,
} from "node:crypto";
import type { SrtpSessionKeys } from "../../../src/srtp/mod.ts";
import { HEADER_BYTES, isGcm, type PacketSpec, TAG_BYTES } from "../packet_set.ts";
import type { Subject } from "../subject.ts";
import { counterBlock, gcmNonce, headerOf, rolloverBytes } from "./initialization_vector.ts";
import { type PacketCipher, PerPacketSubject } from "./per_packet.ts";

/** How the key is handed over; the quicker way differs among runtimes. */
export type KeyKind = "Buffer" | "KeyObject";

/** `node:crypto` with keys of one kind. */
export function nodeCryptoSubject(spec: PacketSpec, keys: SrtpSessionKeys, kind: KeyKind): Subject {
  const toKey = (bytes: Uint8Array): Buffer | KeyObject =>
    kind === "Buffer" ? Buffer.from(bytes) : createSecretKey(bytes);
  const tagBytes = TAG_BYTES[spec.profile];
  const salt = Buffer.from(keys.salt);
  const cipher = isGcm(spec.profile)
    ? gcm(keys.key.length === 16 ? "aes-128-gcm" : "aes-256-gcm", toKey(keys.key), salt, tagBytes)
    : counterMode(toKey(keys.key), toKey(keys.authKey), salt, tagBytes);
  return new PerPacketSubject(
    `node:crypto ${kind}`,
    cipher,
    spec,
    (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
  );
}

type Key = Buffer | KeyObject;

function counterMode(key: Key, authKey: Key, salt: Buffer, tagBytes: number): PacketCipher {
  const iv = Buffer.alloc(16), counter = Buffer.alloc(4);
  const tagOf = (packet: Uint8Array, rollover: number): Uint8Array =>
    createHmac("sha1", authKey).update(packet).update(rolloverBytes(counter, rollover)).digest()
      .subarray(0, tagBytes);
  const crypt = (slot: Uint8Array, length: number, rollover: number, sequence: number): void => {
    counterBlock(iv, salt, slot, rollover, sequence);
    const cipher = createCipheriv("aes-128-ctr", key, iv);
    slot.set(cipher.update(slot.subarray(HEADER_BYTES, length)), HEADER_BYTES);
  };
  return {
    protect(slot, length, rollover, sequence) {
      crypt(slot, length, rollover, sequence);
      slot.set(tagOf(slot.subarray(0, length), rollover), length);
    },
    unprotect(slot, length, rollover, sequence) {
      const tag = tagOf(slot.subarray(0, length), rollover);
      if (!timingSafeEqual(tag, slot.subarray(length, length + tagBytes))) return false;
      crypt(slot, length, rollover, sequence);
      return true;
    },
  };
}

function gcm(algorithm: CipherGCMTypes, key: Key, salt: Buffer, tagBytes: number): PacketCipher {
  const nonce = Buffer.alloc(12);
  return {
    protect(slot, length, rollover, sequence) {
      gcmNonce(nonce, salt, slot, rollover, sequence);
      const cipher = createCipheriv(algorithm, key, nonce);
      cipher.setAAD(headerOf(slot));
      slot.set(cipher.update(slot.subarray(HEADER_BYTES, length)), HEADER_BYTES);
      cipher.final();
      slot.set(cipher.getAuthTag(), length);
    },
    unprotect(slot, length, rollover, sequence) {
      gcmNonce(nonce, salt, slot, rollover, sequence);
      const decipher = createDecipheriv(algorithm, key, nonce);
      decipher.setAAD(headerOf(slot));
      decipher.setAuthTag(slot.subarray(length, length + tagBytes));
      const plain = decipher.update(slot.subarray(HEADER_BYTES, length));
      try {
        decipher.final();
      } catch {
        return false;
      }
      slot.set(plain, HEADER_BYTES);
      return true;
    },
  };
}
