import { readU32, writeU32 } from "../base/mod.ts";
import { AEAD_TAG_BYTES, AesKey, Ghash } from "../crypto/mod.ts";
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

const BLOCK = 16;
/** SP 800-38D §7.1: counter of the block that masks the tag; texts begin with the next. */
const MASK_COUNTER = 1;
/** RFC 7714 §9.2: what is authenticated beside the text: the header, the E flag and the index. */
const CONTROL_AAD_BYTES = SRTCP_HEADER_BYTES + 4;

/**
 * AES-GCM (RFC 7714): the tag is checked before anything is decrypted.
 *
 * ```text
 * | RTP header | text | tag, 16 |               authenticated beside the text: the header
 * | RTCP header, 8 | text | tag, 16 | E, index |  authenticated beside it: the header, E and index
 * ```
 */
export class GcmTransform implements SrtpTransform {
  readonly #aes: AesKey;
  readonly #ghash: Ghash;
  readonly #mask = new Uint8Array(BLOCK);
  readonly #tag = new Uint8Array(AEAD_TAG_BYTES);
  readonly #controlAad = new Uint8Array(CONTROL_AAD_BYTES);
  readonly #salt = new Int32Array(3);

  constructor(keys: SrtpSessionKeys) {
    this.#aes = new AesKey(keys.key);
    const hashKey = new Uint8Array(BLOCK);
    this.#aes.encryptBlock(0, 0, 0, 0, hashKey, 0);
    this.#ghash = new Ghash(hashKey);
    hashKey.fill(0);
    for (let i = 0; i < 3; i++) this.#salt[i] = readU32(keys.salt, 4 * i);
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
    const ssrc = rtpSsrc(bytes, at), sequence = rtpSequenceNumber(bytes, at);
    this.#crypt(bytes, textAt, end, ssrc, roc, sequence);
    this.#sign(bytes, at, textAt - at, bytes, textAt, end, ssrc, roc, sequence);
    fromIntermediate(bytes, at, csrcBytes);
    for (let i = 0; i < AEAD_TAG_BYTES; i++) bytes[end + i] = this.#tag[i]!;
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
    const ssrc = rtpSsrc(bytes, at), sequence = rtpSequenceNumber(bytes, at);
    this.#sign(bytes, at, textAt - at, bytes, textAt, end, ssrc, roc, sequence);
    const ok = sameTag(bytes, end, this.#tag, AEAD_TAG_BYTES);
    if (ok) this.#crypt(bytes, textAt, end, ssrc, roc, sequence);
    fromIntermediate(bytes, at, csrcBytes);
    return ok;
  }

  protectControl(bytes: Uint8Array, at: number, end: number, index: number): void {
    const textAt = at + SRTCP_HEADER_BYTES;
    const ssrc = srtcpSsrc(bytes, at), high = index >>> 16, low = index & 0xffff;
    this.#crypt(bytes, textAt, end, ssrc, high, low);
    this.#signControl(bytes, at, end, index | SRTCP_ENCRYPTED, ssrc, high, low);
    for (let i = 0; i < AEAD_TAG_BYTES; i++) bytes[end + i] = this.#tag[i]!;
    writeU32(bytes, end + AEAD_TAG_BYTES, index | SRTCP_ENCRYPTED);
  }

  unprotectControl(bytes: Uint8Array, at: number, end: number, word: number): boolean {
    const encrypted = (word & SRTCP_ENCRYPTED) !== 0;
    const ssrc = srtcpSsrc(bytes, at), high = (word >>> 16) & 0x7fff, low = word & 0xffff;
    if (encrypted) this.#signControl(bytes, at, end, word, ssrc, high, low);
    else this.#signClear(bytes, at, end, word, ssrc, high, low);
    if (!sameTag(bytes, end, this.#tag, AEAD_TAG_BYTES)) return false;
    if (encrypted) this.#crypt(bytes, at + SRTCP_HEADER_BYTES, end, ssrc, high, low);
    return true;
  }

  dispose(): void {
    this.#aes.dispose();
    this.#ghash.dispose();
    this.#salt.fill(0);
    this.#mask.fill(0);
    this.#tag.fill(0);
  }

  /** RFC 7714 §9.2. */
  #signControl(
    bytes: Uint8Array,
    at: number,
    end: number,
    word: number,
    ssrc: number,
    high: number,
    low: number,
  ): void {
    const aad = this.#controlAad, textAt = at + SRTCP_HEADER_BYTES;
    for (let i = 0; i < SRTCP_HEADER_BYTES; i++) aad[i] = bytes[at + i]!;
    writeU32(aad, SRTCP_HEADER_BYTES, word);
    this.#sign(aad, 0, CONTROL_AAD_BYTES, bytes, textAt, end, ssrc, high, low);
  }

  /**
   * RFC 7714 §9.3: of a packet that is not encrypted, all is additional data: it and the word behind
   * its tag. They are hashed as one stretch, which the word takes the tag's place for.
   */
  #signClear(
    bytes: Uint8Array,
    at: number,
    end: number,
    word: number,
    ssrc: number,
    high: number,
    low: number,
  ): void {
    const covered = readU32(bytes, end);
    writeU32(bytes, end, word);
    this.#sign(bytes, at, end + 4 - at, bytes, end, end, ssrc, high, low);
    writeU32(bytes, end, covered);
  }

  /** Leaves the tag over additional data and ciphertext in `#tag`. */
  #sign(
    aad: Uint8Array,
    aadAt: number,
    aadLength: number,
    bytes: Uint8Array,
    textAt: number,
    end: number,
    ssrc: number,
    high: number,
    low: number,
  ): void {
    const salt = this.#salt, ghash = this.#ghash;
    this.#aes.encryptBlock(
      salt[0]! ^ (ssrc >>> 16),
      salt[1]! ^ ((ssrc << 16) | (high >>> 16)),
      salt[2]! ^ ((high << 16) | low),
      MASK_COUNTER,
      this.#mask,
      0,
    );
    ghash.reset();
    ghash.update(aad, aadAt, aadLength);
    ghash.update(bytes, textAt, end - textAt);
    ghash.finish(aadLength, end - textAt, this.#mask, this.#tag);
  }

  /**
   * RFC 7714 §8.1 and §9.1: the nonce is the salt XORed with this; the SRTCP index has its upper half
   * in the lower one of ROC.
   *
   * ```text
   *   0  0  0  0  0  0  0  0  0  0  1  1
   *   0  1  2  3  4  5  6  7  8  9  0  1
   * +--+--+--+--+--+--+--+--+--+--+--+--+
   * |00|00|    SSRC   |     ROC   | SEQ |
   * +--+--+--+--+--+--+--+--+--+--+--+--+
   * ```
   */
  #crypt(
    bytes: Uint8Array,
    at: number,
    end: number,
    ssrc: number,
    high: number,
    low: number,
  ): void {
    const salt = this.#salt;
    this.#aes.xorKeystream(
      bytes,
      at,
      end,
      salt[0]! ^ (ssrc >>> 16),
      salt[1]! ^ ((ssrc << 16) | (high >>> 16)),
      salt[2]! ^ ((high << 16) | low),
      MASK_COUNTER + 1,
    );
  }
}
