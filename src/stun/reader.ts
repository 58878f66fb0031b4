import { type Address, EMPTY, readU16, readU32, utf8DecodeStrict } from "../base/mod.ts";
import type { HmacKey } from "../crypto/mod.ts";
import { readAddressValue, xorAddressValueEquals } from "./address_attributes.ts";
import {
  COMPREHENSION_OPTIONAL_FROM,
  isBindingAttribute,
  StunAttribute,
} from "./attribute_types.ts";
import {
  isStunMessage,
  STUN_HEADER_BYTES,
  STUN_TRANSACTION_ID_AT,
  STUN_TRANSACTION_ID_BYTES,
  StunClass,
  stunClassOf,
  stunMethodOf,
} from "./header.ts";
import {
  INTEGRITY_BYTES,
  INTEGRITY_SHA256_BYTES,
  MIN_INTEGRITY_SHA256_BYTES,
  verifyFingerprint,
  verifyMac,
} from "./integrity.ts";
import { type PasswordAlgorithm, readPasswordAlgorithms } from "./password_algorithms.ts";

/**
 * More attributes than this make a message malformed. Browsers send fewer than twelve; the largest
 * message that RFC 8656 describes holds fewer than twenty.
 */
export const MAX_STUN_ATTRIBUTES = 64;

/** What ERROR-CODE says (RFC 8489 §14.8). */
export interface StunErrorCodeValue {
  /** 300 … 699. */
  readonly code: number;
  /** For people; not to be trusted. */
  readonly reason: string;
}

/**
 * A checked view of one STUN message. One reader is reused for message after message; what it
 * returns are views of the bytes given to {@linkcode StunReader.read} and live as long as those.
 *
 * Only attributes that count are found: the first of each type, and nothing behind
 * MESSAGE-INTEGRITY but MESSAGE-INTEGRITY-SHA256 and FINGERPRINT (RFC 8489 §9, §14).
 *
 * @example
 * ```ts
 * import { StunAttribute, StunClass, StunMethod, StunReader, StunWriter } from "@sterna/webrtc/stun";
 *
 * const out = new Uint8Array(64);
 * const writer = new StunWriter();
 * writer.begin(out, 0, StunMethod.BINDING, StunClass.REQUEST, new Uint8Array(12));
 * writer.text(StunAttribute.SOFTWARE, "Sterna");
 * const end = writer.fingerprint().finish();
 *
 * const reader = new StunReader();
 * console.log(reader.read(out.subarray(0, end))); // true
 * console.log(reader.text(StunAttribute.SOFTWARE), reader.verifyFingerprint()); // Sterna true
 * ```
 */
export class StunReader {
  /** The message that is being viewed. */
  bytes: Uint8Array = EMPTY;
  /** The method, such as `StunMethod.BINDING`. */
  method = 0;
  /** Request, indication, success or error response. */
  messageClass: StunClass = StunClass.REQUEST;
  /** How many attributes count. */
  attributeCount = 0;
  readonly #types = new Uint16Array(MAX_STUN_ATTRIBUTES);
  /** Where the value of each attribute starts. */
  readonly #at = new Uint32Array(MAX_STUN_ATTRIBUTES);
  readonly #lengths = new Uint16Array(MAX_STUN_ATTRIBUTES);

  /** Looks at `bytes`, one whole datagram. `false`: not a well-formed STUN message. Never throws. */
  read(bytes: Uint8Array): boolean {
    this.bytes = bytes;
    this.attributeCount = 0;
    if (!isStunMessage(bytes)) return false;
    const type = readU16(bytes, 0);
    this.method = stunMethodOf(type);
    this.messageClass = stunClassOf(type);
    if (this.#index(bytes)) return true;
    this.attributeCount = 0;
    return false;
  }

  #index(bytes: Uint8Array): boolean {
    const end = bytes.length;
    /** The integrity attribute behind which almost nothing counts. */
    let sealedBy = 0;
    for (let at = STUN_HEADER_BYTES; at < end;) {
      const type = readU16(bytes, at);
      const length = readU16(bytes, at + 2);
      const next = at + 4 + ((length + 3) & ~3);
      if (next > end || !hasFittingLength(type, length)) return false;
      // RFC 8489 §14.7: FINGERPRINT is the last attribute.
      if (type === StunAttribute.FINGERPRINT && next !== end) return false;
      if (countsBehind(sealedBy, type)) {
        if (this.attributeCount === MAX_STUN_ATTRIBUTES) return false;
        this.#types[this.attributeCount] = type;
        this.#at[this.attributeCount] = at + 4;
        this.#lengths[this.attributeCount++] = length;
        if (isIntegrity(type)) sealedBy = type;
      }
      at = next;
    }
    return true;
  }

  /** The type of the attribute at `index`, in the order of the message. */
  typeAt(index: number): number {
    return this.#types[index]!;
  }

  /** Whether there is an attribute of that type. */
  has(type: number): boolean {
    return this.#find(type) >= 0;
  }

  /** The value without its padding, or `undefined`. */
  value(type: number): Uint8Array | undefined {
    const i = this.#find(type);
    return i < 0 ? undefined : this.bytes.subarray(this.#at[i]!, this.#at[i]! + this.#lengths[i]!);
  }

  /** The value as text, or `undefined` when it is absent or not well-formed UTF-8. */
  text(type: number): string | undefined {
    const value = this.value(type);
    return value && utf8DecodeStrict(value);
  }

  /**
   * The 32-bit word number `index` of a value that is `words` long, or −1: PRIORITY (one word),
   * ICE-CONTROLLING (two). No allocation.
   */
  word(type: number, index = 0, words = 1): number {
    const i = this.#find(type);
    return i < 0 || this.#lengths[i] !== 4 * words
      ? -1
      : readU32(this.bytes, this.#at[i]! + 4 * index);
  }

  /** MAPPED-ADDRESS and ALTERNATE-SERVER; interned, `undefined` when absent or malformed. */
  address(type: number): Address | undefined {
    const i = this.#find(type);
    return i < 0 ? undefined : readAddressValue(this.bytes, this.#at[i]!, this.#lengths[i]!, false);
  }

  /** XOR-MAPPED-ADDRESS and TURN's two; interned, `undefined` when absent or malformed. */
  xorAddress(type: number): Address | undefined {
    const i = this.#find(type);
    return i < 0 ? undefined : readAddressValue(this.bytes, this.#at[i]!, this.#lengths[i]!, true);
  }

  /** Whether a XORed address is `address`: for the packet path, builds nothing. */
  xorAddressEquals(type: number, address: Address): boolean {
    const i = this.#find(type);
    return i >= 0 && xorAddressValueEquals(this.bytes, this.#at[i]!, this.#lengths[i]!, address);
  }

  /** ERROR-CODE, or `undefined` when it is absent or malformed. */
  errorCode(): StunErrorCodeValue | undefined {
    // RFC 8489 §14.8: 21 reserved bits, class (3 … 6), number (0 … 99), reason phrase.
    const value = this.value(StunAttribute.ERROR_CODE);
    if (value === undefined || value.length < 4) return undefined;
    const hundreds = value[2]! & 7, number = value[3]!;
    if (hundreds < 3 || hundreds > 6 || number > 99) return undefined;
    return { code: 100 * hundreds + number, reason: utf8DecodeStrict(value.subarray(4)) ?? "" };
  }

  /** UNKNOWN-ATTRIBUTES: the types that the peer did not understand; empty when absent. */
  unknownAttributes(): number[] {
    const value = this.value(StunAttribute.UNKNOWN_ATTRIBUTES) ?? EMPTY;
    const types: number[] = [];
    for (let at = 0; at + 2 <= value.length; at += 2) types.push(readU16(value, at));
    return types;
  }

  /** PASSWORD-ALGORITHMS or PASSWORD-ALGORITHM, or `undefined` when absent or malformed. */
  passwordAlgorithms(type: number): PasswordAlgorithm[] | undefined {
    const value = this.value(type);
    return value && readPasswordAlgorithms(value);
  }

  /**
   * Comprehension-required attributes that the receiver does not understand: a request that has some
   * is answered with 420, a response is discarded (RFC 8489 §6.3). `undefined` when there are none.
   */
  unknownRequired(
    isKnown: (type: number) => boolean = isBindingAttribute,
  ): number[] | undefined {
    let unknown: number[] | undefined;
    for (let i = 0; i < this.attributeCount; i++) {
      const type = this.#types[i]!;
      if (type < COMPREHENSION_OPTIONAL_FROM && !isKnown(type)) (unknown ??= []).push(type);
    }
    return unknown;
  }

  /** Word 0, 1 or 2 of the transaction ID. */
  transactionWord(index: number): number {
    return readU32(this.bytes, STUN_TRANSACTION_ID_AT + 4 * index);
  }

  /** The transaction ID, 12 bytes. */
  transactionId(): Uint8Array {
    return this.bytes.subarray(
      STUN_TRANSACTION_ID_AT,
      STUN_TRANSACTION_ID_AT + STUN_TRANSACTION_ID_BYTES,
    );
  }

  /** Checks MESSAGE-INTEGRITY with an HMAC-SHA-1 key. `false` when it is absent or wrong. */
  verifyIntegrity(key: HmacKey): boolean {
    const i = this.#find(StunAttribute.MESSAGE_INTEGRITY);
    return i >= 0 && verifyMac(key, this.bytes, this.#at[i]! - 4);
  }

  /**
   * Checks MESSAGE-INTEGRITY-SHA256 with an HMAC-SHA-256 key. `false` when it is absent or wrong.
   *
   * @param minLength the shortest truncation that the usage of STUN allows, 16 … 32 bytes
   */
  verifyIntegritySha256(key: HmacKey, minLength: number = INTEGRITY_SHA256_BYTES): boolean {
    const i = this.#find(StunAttribute.MESSAGE_INTEGRITY_SHA256);
    return i >= 0 && this.#lengths[i]! >= minLength &&
      verifyMac(key, this.bytes, this.#at[i]! - 4);
  }

  /** Checks FINGERPRINT. `false` when it is absent or wrong. */
  verifyFingerprint(): boolean {
    const i = this.#find(StunAttribute.FINGERPRINT);
    return i >= 0 && verifyFingerprint(this.bytes, this.#at[i]! - 4);
  }

  #find(type: number): number {
    for (let i = 0; i < this.attributeCount; i++) if (this.#types[i] === type) return i;
    return -1;
  }
}

function isIntegrity(type: number): boolean {
  return type === StunAttribute.MESSAGE_INTEGRITY ||
    type === StunAttribute.MESSAGE_INTEGRITY_SHA256;
}

/** RFC 8489 §9: what counts behind an integrity attribute (0 for none). */
function countsBehind(integrity: number, type: number): boolean {
  if (integrity === 0 || type === StunAttribute.FINGERPRINT) return true;
  return integrity === StunAttribute.MESSAGE_INTEGRITY &&
    type === StunAttribute.MESSAGE_INTEGRITY_SHA256;
}

/** The lengths that the checks above rely on; all others are checked where they are read. */
function hasFittingLength(type: number, length: number): boolean {
  switch (type) {
    case StunAttribute.MESSAGE_INTEGRITY:
      return length === INTEGRITY_BYTES;
    case StunAttribute.MESSAGE_INTEGRITY_SHA256:
      return length >= MIN_INTEGRITY_SHA256_BYTES && length <= INTEGRITY_SHA256_BYTES &&
        length % 4 === 0;
    case StunAttribute.FINGERPRINT:
      return length === 4;
    default:
      return true;
  }
}
