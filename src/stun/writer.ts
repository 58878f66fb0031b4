import { type Address, EMPTY, utf8Encode, writeBytes, writeU16, writeU32 } from "../base/mod.ts";
import type { HmacKey } from "../crypto/mod.ts";
import { addressValueLength, writeAddressValue } from "./address_attributes.ts";
import { StunAttribute } from "./attribute_types.ts";
import { StunError } from "./errors.ts";
import {
  STUN_HEADER_BYTES,
  STUN_MAGIC_COOKIE,
  STUN_TRANSACTION_ID_BYTES,
  type StunClass,
  stunMessageType,
} from "./header.ts";
import {
  fingerprintOf,
  INTEGRITY_BYTES,
  INTEGRITY_SHA256_BYTES,
  integrityMac,
  MIN_INTEGRITY_SHA256_BYTES,
} from "./integrity.ts";
import {
  type PasswordAlgorithm,
  passwordAlgorithmsLength,
  writePasswordAlgorithms,
} from "./password_algorithms.ts";

/**
 * The most bytes of a value of text: USERNAME 508 (RFC 8489 §14.3); REALM, NONCE, SOFTWARE and the
 * reason of ERROR-CODE 763 (§14.8–10, §14.14).
 */
const MAX_USERNAME_BYTES = 508;
const MAX_TEXT_BYTES = 763;
const MAX_VALUE_BYTES = 0xffff;

/** How far the message has come: what may still be added behind integrity and FINGERPRINT. */
type Stage = "attributes" | "integrity" | "integrity-sha256" | "fingerprint";

/**
 * Writes one STUN message into a lent buffer, attribute by attribute. One writer is reused for
 * message after message. The result of each call is the writer, so that calls can be chained; the
 * last one, {@linkcode StunWriter.finish}, returns where the message ends.
 *
 * Every method throws a {@linkcode StunError}: `buffer-too-small`, `invalid-value`, or
 * `misplaced-attribute` for an attribute that a receiver would ignore where it stands.
 */
export class StunWriter {
  #out: Uint8Array = EMPTY;
  #start = 0;
  #at = 0;
  #stage: Stage = "attributes";

  /**
   * Starts a message at `out[at…]`.
   *
   * @param transactionId 12 bytes, random for a request, those of the request for a response
   */
  begin(
    out: Uint8Array,
    at: number,
    method: number,
    messageClass: StunClass,
    transactionId: Uint8Array,
  ): this {
    if (transactionId.length !== STUN_TRANSACTION_ID_BYTES) {
      throw new StunError("invalid-value", "A transaction ID has 12 bytes");
    }
    if (at + STUN_HEADER_BYTES > out.length) throw tooSmall();
    this.#out = out;
    this.#start = at;
    this.#stage = "attributes";
    at = writeU16(out, at, stunMessageType(method, messageClass));
    at = writeU32(out, at + 2, STUN_MAGIC_COOKIE);
    this.#at = writeBytes(out, at, transactionId);
    return this;
  }

  /** An attribute with these bytes as its value. */
  bytes(type: number, value: Uint8Array): this {
    if (type === StunAttribute.USERNAME && value.length > MAX_USERNAME_BYTES) throw tooLong(type);
    const at = this.#open(type, value.length);
    return this.#close(writeBytes(this.#out, at, value));
  }

  /** An attribute with UTF-8 text as its value. */
  text(type: number, text: string): this {
    const value = utf8Encode(text);
    if (value.length > MAX_TEXT_BYTES) throw tooLong(type);
    return this.bytes(type, value);
  }

  /** An attribute without a value: USE-CANDIDATE. */
  flag(type: number): this {
    return this.#close(this.#open(type, 0));
  }

  /** An attribute of 32 bits: PRIORITY. */
  u32(type: number, value: number): this {
    return this.#close(writeU32(this.#out, this.#open(type, 4), value));
  }

  /** An attribute of 64 bits, given as two unsigned halves: ICE-CONTROLLED, ICE-CONTROLLING. */
  u64(type: number, high: number, low: number): this {
    const at = writeU32(this.#out, this.#open(type, 8), high);
    return this.#close(writeU32(this.#out, at, low));
  }

  /** MAPPED-ADDRESS and ALTERNATE-SERVER (RFC 8489 §14.1, §14.15). */
  address(type: number, address: Address): this {
    const at = this.#open(type, addressValueLength(address));
    return this.#close(writeAddressValue(this.#out, at, this.#start, address, false));
  }

  /** XOR-MAPPED-ADDRESS and TURN's two (RFC 8489 §14.2). */
  xorAddress(type: number, address: Address): this {
    const at = this.#open(type, addressValueLength(address));
    return this.#close(writeAddressValue(this.#out, at, this.#start, address, true));
  }

  /** ERROR-CODE (RFC 8489 §14.8). @param code 300 … 699 @param reason for people */
  errorCode(code: number, reason: string): this {
    if (!(code >= 300 && code <= 699)) {
      throw new StunError("invalid-value", `An error code lies between 300 and 699, not ${code}`);
    }
    const text = utf8Encode(reason);
    if (text.length > MAX_TEXT_BYTES) throw tooLong(StunAttribute.ERROR_CODE);
    const at = this.#open(StunAttribute.ERROR_CODE, 4 + text.length);
    writeU16(this.#out, at, 0);
    this.#out[at + 2] = Math.floor(code / 100);
    this.#out[at + 3] = code % 100;
    return this.#close(writeBytes(this.#out, at + 4, text));
  }

  /** UNKNOWN-ATTRIBUTES (RFC 8489 §14.13), for a response with error code 420. */
  unknownAttributes(types: readonly number[]): this {
    let at = this.#open(StunAttribute.UNKNOWN_ATTRIBUTES, 2 * types.length);
    for (const type of types) at = writeU16(this.#out, at, type);
    return this.#close(at);
  }

  /** PASSWORD-ALGORITHMS, or PASSWORD-ALGORITHM with one entry (RFC 8489 §14.11, §14.12). */
  passwordAlgorithms(type: number, algorithms: readonly PasswordAlgorithm[]): this {
    const at = this.#open(type, passwordAlgorithmsLength(algorithms));
    return this.#close(writePasswordAlgorithms(this.#out, at, algorithms));
  }

  /** MESSAGE-INTEGRITY with an HMAC-SHA-1 key (RFC 8489 §14.5). */
  integrity(key: HmacKey): this {
    const typeAt = this.#at;
    const at = this.#open(StunAttribute.MESSAGE_INTEGRITY, INTEGRITY_BYTES);
    const mac = integrityMac(key, this.#out, this.#start, typeAt, INTEGRITY_BYTES);
    this.#stage = "integrity";
    return this.#close(writeBytes(this.#out, at, mac));
  }

  /**
   * MESSAGE-INTEGRITY-SHA256 with an HMAC-SHA-256 key (RFC 8489 §14.6).
   *
   * @param length bytes of the MAC to send: 16, 20, 24, 28 or 32
   */
  integritySha256(key: HmacKey, length: number = INTEGRITY_SHA256_BYTES): this {
    if (!(length >= MIN_INTEGRITY_SHA256_BYTES && length <= 32 && length % 4 === 0)) {
      throw new StunError("invalid-value", `A MAC is 16, 20, 24, 28 or 32 bytes, not ${length}`);
    }
    const typeAt = this.#at;
    const at = this.#open(StunAttribute.MESSAGE_INTEGRITY_SHA256, length);
    const mac = integrityMac(key, this.#out, this.#start, typeAt, length);
    this.#stage = "integrity-sha256";
    return this.#close(writeBytes(this.#out, at, mac.subarray(0, length)));
  }

  /** FINGERPRINT, the last attribute (RFC 8489 §14.7). */
  fingerprint(): this {
    const typeAt = this.#at;
    const at = this.#open(StunAttribute.FINGERPRINT, 4);
    this.#stage = "fingerprint";
    this.#writeLength(at + 4);
    return this.#close(writeU32(this.#out, at, fingerprintOf(this.#out, this.#start, typeAt)));
  }

  /** Completes the header and returns the offset behind the message. */
  finish(): number {
    this.#writeLength(this.#at);
    const end = this.#at;
    this.#out = EMPTY;
    return end;
  }

  #writeLength(end: number): void {
    writeU16(this.#out, this.#start + 2, end - this.#start - STUN_HEADER_BYTES);
  }

  /** Writes type and length and returns where the value goes; the padded value is sure to fit. */
  #open(type: number, length: number): number {
    if (!mayFollow(this.#stage, type)) {
      throw new StunError(
        "misplaced-attribute",
        `Attribute 0x${type.toString(16)} would be ignored behind ${this.#stage}`,
      );
    }
    const end = this.#at + 4 + ((length + 3) & ~3);
    if (end > this.#out.length) throw tooSmall();
    if (end - this.#start - STUN_HEADER_BYTES > MAX_VALUE_BYTES) throw tooLong(type);
    return writeU16(this.#out, writeU16(this.#out, this.#at, type), length);
  }

  /** Pads with zeros (RFC 8489 §14: of no meaning; zero leaks nothing). */
  #close(at: number): this {
    while ((at - this.#start) % 4 !== 0) this.#out[at++] = 0;
    this.#at = at;
    return this;
  }
}

function mayFollow(stage: Stage, type: number): boolean {
  switch (stage) {
    case "attributes":
      return true;
    case "integrity":
      return type === StunAttribute.MESSAGE_INTEGRITY_SHA256 || type === StunAttribute.FINGERPRINT;
    case "integrity-sha256":
      return type === StunAttribute.FINGERPRINT;
    case "fingerprint":
      return false;
  }
}

function tooSmall(): StunError {
  return new StunError("buffer-too-small", "The lent buffer cannot hold the STUN message");
}

function tooLong(type: number): StunError {
  return new StunError(
    "invalid-value",
    `The value of attribute 0x${type.toString(16)} is too long`,
  );
}
