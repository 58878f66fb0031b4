/** The audited TypeScript primitives of noble, one packet at a time, with session keys. */
import { ctr, gcm } from "@noble/ciphers/aes.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha1 } from "@noble/hashes/legacy.js";
import { constantTimeEqual } from "../../../src/base/mod.ts";
import type { SrtpSessionKeys } from "../../../src/srtp/mod.ts";
import { HEADER_BYTES, isGcm, type PacketSpec, TAG_BYTES } from "../packet_set.ts";
import type { Subject } from "../subject.ts";
import { counterBlock, gcmNonce, headerOf, rolloverBytes } from "./initialization_vector.ts";
import { type PacketCipher, PerPacketSubject } from "./per_packet.ts";

/** noble's ciphers and hashes. */
export function nobleSubject(spec: PacketSpec, keys: SrtpSessionKeys): Subject {
  const cipher = isGcm(spec.profile) ? gcmCipher(keys) : counterMode(keys, TAG_BYTES[spec.profile]);
  return new PerPacketSubject("noble", cipher, spec);
}

function counterMode({ key, salt, authKey }: SrtpSessionKeys, tagBytes: number): PacketCipher {
  const iv = new Uint8Array(16), counter = new Uint8Array(4);
  const tagOf = (packet: Uint8Array, rollover: number): Uint8Array =>
    hmac.create(sha1, authKey).update(packet).update(rolloverBytes(counter, rollover)).digest()
      .subarray(0, tagBytes);
  const crypt = (slot: Uint8Array, length: number, rollover: number, sequence: number): void => {
    counterBlock(iv, salt, slot, rollover, sequence);
    slot.set(ctr(key, iv).encrypt(slot.subarray(HEADER_BYTES, length)), HEADER_BYTES);
  };
  return {
    protect(slot, length, rollover, sequence) {
      crypt(slot, length, rollover, sequence);
      slot.set(tagOf(slot.subarray(0, length), rollover), length);
    },
    unprotect(slot, length, rollover, sequence) {
      const tag = tagOf(slot.subarray(0, length), rollover);
      if (!constantTimeEqual(tag, slot.subarray(length, length + tagBytes))) return false;
      crypt(slot, length, rollover, sequence);
      return true;
    },
  };
}

function gcmCipher({ key, salt }: SrtpSessionKeys): PacketCipher {
  const nonce = new Uint8Array(12);
  return {
    protect(slot, length, rollover, sequence) {
      gcmNonce(nonce, salt, slot, rollover, sequence);
      const sealed = gcm(key, nonce, headerOf(slot)).encrypt(slot.subarray(HEADER_BYTES, length));
      slot.set(sealed, HEADER_BYTES);
    },
    unprotect(slot, length, rollover, sequence) {
      gcmNonce(nonce, salt, slot, rollover, sequence);
      const sealed = slot.subarray(HEADER_BYTES, length + 16);
      try {
        slot.set(gcm(key, nonce, headerOf(slot)).decrypt(sealed), HEADER_BYTES);
        return true;
      } catch {
        return false;
      }
    },
  };
}
