import type * as NodeCrypto from "node:crypto";
import { writeU32 } from "../base/mod.ts";
import { AEAD_TAG_BYTES } from "../crypto/mod.ts";
import { rtpSequenceNumber, rtpSsrc } from "../rtp/mod.ts";
import {
  fromIntermediate,
  SRTCP_ENCRYPTED,
  SRTCP_HEADER_BYTES,
  srtcpSsrc,
  type SrtpSessionKeys,
  type SrtpTransform,
  toIntermediate,
} from "../srtp/mod.ts";
import { SrtpIv } from "./ecb_counters.ts";

const OPTIONS = { authTagLength: AEAD_TAG_BYTES };

/** AES-GCM of node:crypto (RFC 7714), a cipher object for each packet: there is no way to rewind one. */
export class NativeGcm implements SrtpTransform {
  readonly #crypto: typeof NodeCrypto;
  readonly #algorithm: NodeCrypto.CipherGCMTypes;
  /** Made once: raw bytes cost Node 24 another 12 µs per packet. */
  readonly #key: NodeCrypto.KeyObject;
  readonly #iv: SrtpIv;
  /** Additional data of SRTCP, which does not lie together. */
  #controlAad: Uint8Array = new Uint8Array(256);

  constructor(crypto: typeof NodeCrypto, { key, salt }: SrtpSessionKeys) {
    this.#crypto = crypto;
    this.#algorithm = key.length === 16 ? "aes-128-gcm" : "aes-256-gcm";
    this.#key = crypto.createSecretKey(key);
    this.#iv = new SrtpIv(salt);
  }

  protect(
    bytes: Uint8Array,
    at: number,
    textAt: number,
    end: number,
    roc: number,
    csrcBytes: number,
  ): void {
    toIntermediate(bytes, at, csrcBytes);
    this.#iv.setRtp(rtpSsrc(bytes, at), roc, rtpSequenceNumber(bytes, at));
    this.#seal(bytes, bytes.subarray(at, textAt), textAt, end);
    fromIntermediate(bytes, at, csrcBytes);
  }

  unprotect(
    bytes: Uint8Array,
    at: number,
    textAt: number,
    end: number,
    roc: number,
    csrcBytes: number,
  ): boolean {
    toIntermediate(bytes, at, csrcBytes);
    this.#iv.setRtp(rtpSsrc(bytes, at), roc, rtpSequenceNumber(bytes, at));
    const ok = this.#open(bytes, bytes.subarray(at, textAt), textAt, end);
    fromIntermediate(bytes, at, csrcBytes);
    return ok;
  }

  protectControl(bytes: Uint8Array, at: number, end: number, index: number): void {
    const textAt = at + SRTCP_HEADER_BYTES, word = index | SRTCP_ENCRYPTED;
    this.#iv.setRtcp(srtcpSsrc(bytes, at), index);
    this.#seal(bytes, this.#joinAad(bytes, at, textAt, word), textAt, end);
    writeU32(bytes, end + AEAD_TAG_BYTES, word);
  }

  unprotectControl(bytes: Uint8Array, at: number, end: number, word: number): boolean {
    // RFC 7714 §9.3: what is not encrypted is additional data.
    const textAt = (word & SRTCP_ENCRYPTED) === 0 ? end : at + SRTCP_HEADER_BYTES;
    this.#iv.setRtcp(srtcpSsrc(bytes, at), word & 0x7fffffff);
    return this.#open(bytes, this.#joinAad(bytes, at, textAt, word), textAt, end);
  }

  dispose(): void {
    // A KeyObject cannot be zeroed; its memory goes with the object.
    this.#iv.dispose();
  }

  #seal(bytes: Uint8Array, aad: Uint8Array, textAt: number, end: number): void {
    const { nonce } = this.#iv;
    const cipher = this.#crypto.createCipheriv(this.#algorithm, this.#key, nonce, OPTIONS);
    cipher.setAAD(aad);
    bytes.set(cipher.update(bytes.subarray(textAt, end)), textAt);
    cipher.final();
    bytes.set(cipher.getAuthTag(), end);
  }

  #open(bytes: Uint8Array, aad: Uint8Array, textAt: number, end: number): boolean {
    const { nonce } = this.#iv;
    const cipher = this.#crypto.createDecipheriv(this.#algorithm, this.#key, nonce, OPTIONS);
    cipher.setAAD(aad);
    cipher.setAuthTag(bytes.subarray(end, end + AEAD_TAG_BYTES));
    const text = cipher.update(bytes.subarray(textAt, end));
    try {
      cipher.final(); // throws for a wrong tag: the one way that node reports it
      bytes.set(text, textAt);
      return true;
    } catch {
      text.fill(0);
      return false;
    }
  }

  /** RFC 7714 §9.2: what is in the clear, and then E and index. */
  #joinAad(bytes: Uint8Array, at: number, clearEnd: number, word: number): Uint8Array {
    const length = clearEnd - at;
    if (this.#controlAad.length < length + 4) this.#controlAad = new Uint8Array(length + 4);
    this.#controlAad.set(bytes.subarray(at, clearEnd));
    writeU32(this.#controlAad, length, word);
    return this.#controlAad.subarray(0, length + 4);
  }
}
