import { readU16, readU32, writeU32 } from "../base/mod.ts";
import { AesKey, HMAC_SHA1_BYTES, HmacSha1Key } from "../crypto/mod.ts";
import { rtpSequenceNumber, rtpSsrc } from "../rtp/mod.ts";
import type { SrtpSessionKeys } from "./cipher.ts";
import { fromIntermediate, toIntermediate } from "./cryptex.ts";
import {
  sameTag,
  SRTCP_ENCRYPTED,
  SRTCP_HEADER_BYTES,
  srtcpSsrc,
  type SrtpTransform,
} from "./transform.ts";

/**
 * AES in counter mode with HMAC-SHA1 (RFC 3711 §4.1.1, §4.2.1): the tag is checked before anything is
 * decrypted.
 *
 * ```text
 * | RTP packet | tag, 4 or 10 bytes |       authenticated: the packet and the rollover counter
 * | RTCP packet | E, index | tag, 10 |      authenticated: all before the tag
 * ```
 */
export class CounterModeTransform implements SrtpTransform {
  readonly #aes: AesKey;
  readonly #hmac: HmacSha1Key;
  readonly #tagBytes: number;
  readonly #tag = new Uint8Array(HMAC_SHA1_BYTES);
  /** The salt, as the first 112 bits of a counter block. */
  readonly #salt = new Int32Array(4);

  /** @param tagBytes length of the tag */
  constructor(keys: SrtpSessionKeys, tagBytes: number) {
    this.#aes = new AesKey(keys.key);
    this.#hmac = new HmacSha1Key(keys.authKey);
    this.#tagBytes = tagBytes;
    for (let i = 0; i < 3; i++) this.#salt[i] = readU32(keys.salt, 4 * i);
    this.#salt[3] = readU16(keys.salt, 12) << 16;
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
    this.#crypt(bytes, textAt, end, rtpSsrc(bytes, at), roc, rtpSequenceNumber(bytes, at));
    fromIntermediate(bytes, at, csrcBytes);
    this.#sign(bytes, at, end, roc);
    for (let i = 0; i < this.#tagBytes; i++) bytes[end + i] = this.#tag[i]!;
  }

  unprotect(
    bytes: Uint8Array,
    at: number,
    textAt: number,
    end: number,
    roc: number,
    csrcBytes: number,
  ): boolean {
    this.#sign(bytes, at, end, roc);
    if (!sameTag(bytes, end, this.#tag, this.#tagBytes)) return false;
    toIntermediate(bytes, at, csrcBytes);
    this.#crypt(bytes, textAt, end, rtpSsrc(bytes, at), roc, rtpSequenceNumber(bytes, at));
    fromIntermediate(bytes, at, csrcBytes);
    return true;
  }

  protectControl(bytes: Uint8Array, at: number, end: number, index: number): void {
    this.#cryptControl(bytes, at, end, index);
    const tagAt = writeU32(bytes, end, index | SRTCP_ENCRYPTED);
    this.#hmac.begin();
    this.#hmac.update(bytes, at, tagAt);
    this.#hmac.finish(bytes, tagAt, this.#tagBytes);
  }

  unprotectControl(bytes: Uint8Array, at: number, end: number, word: number): boolean {
    const tagAt = end + 4;
    this.#hmac.begin();
    this.#hmac.update(bytes, at, tagAt);
    this.#hmac.finish(this.#tag, 0, this.#tagBytes);
    if (!sameTag(bytes, tagAt, this.#tag, this.#tagBytes)) return false;
    if ((word & SRTCP_ENCRYPTED) !== 0) this.#cryptControl(bytes, at, end, word & 0x7fffffff);
    return true;
  }

  dispose(): void {
    this.#aes.dispose();
    this.#hmac.dispose();
    this.#salt.fill(0);
    this.#tag.fill(0);
  }

  /** RFC 3711 §4.2: the tag of an RTP packet covers the rollover counter, which is not sent. */
  #sign(bytes: Uint8Array, at: number, end: number, roc: number): void {
    this.#hmac.begin();
    this.#hmac.update(bytes, at, end);
    this.#hmac.updateWord(roc);
    this.#hmac.finish(this.#tag, 0, this.#tagBytes);
  }

  #cryptControl(bytes: Uint8Array, at: number, end: number, index: number): void {
    const ssrc = srtcpSsrc(bytes, at);
    this.#crypt(bytes, at + SRTCP_HEADER_BYTES, end, ssrc, index >>> 16, index & 0xffff);
  }

  /** RFC 3711 §4.1.1: IV = (salt · 2¹⁶) ⊕ (SSRC · 2⁶⁴) ⊕ (index · 2¹⁶); 16 bits count blocks. */
  #crypt(
    bytes: Uint8Array,
    at: number,
    end: number,
    ssrc: number,
    indexHigh: number,
    indexLow: number,
  ): void {
    const salt = this.#salt;
    this.#aes.xorKeystream(
      bytes,
      at,
      end,
      salt[0]!,
      salt[1]! ^ ssrc,
      salt[2]! ^ indexHigh,
      salt[3]! ^ (indexLow << 16),
    );
  }
}
