import type * as NodeCrypto from "node:crypto";
import { writeU32 } from "../base/mod.ts";
import { rtpSequenceNumber, rtpSsrc } from "../rtp/mod.ts";
import {
  fromIntermediate,
  sameTag,
  SRTCP_ENCRYPTED,
  SRTCP_HEADER_BYTES,
  srtcpSsrc,
  type SrtpSessionKeys,
  type SrtpTransform,
  toIntermediate,
} from "../srtp/mod.ts";
import { blocksOf, SrtpIv, takeCounters } from "./ecb_counters.ts";
import { EcbKeystream } from "./ecb_keystream.ts";
import { LookAhead } from "./ecb_look_ahead.ts";
import { asWords, xorKeystream } from "./ecb_xor.ts";
import { NativeHmac } from "./native_hmac.ts";

/** AES in counter mode with HMAC-SHA1 (RFC 3711 §4), both of node:crypto. */
export class NativeCounterMode implements SrtpTransform {
  readonly #keystream: EcbKeystream;
  readonly #iv: SrtpIv;
  readonly #ahead: LookAhead;
  readonly #hmac: NativeHmac;
  readonly #tagBytes: number;

  /** @param tagBytes length of the tag */
  constructor(crypto: typeof NodeCrypto, keys: SrtpSessionKeys, tagBytes: number) {
    this.#keystream = new EcbKeystream(crypto, keys.key);
    this.#iv = new SrtpIv(keys.salt);
    this.#ahead = new LookAhead(this.#keystream, this.#iv);
    this.#hmac = new NativeHmac(crypto, keys.authKey);
    this.#tagBytes = tagBytes;
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
    this.#crypt(bytes, at, textAt, end, roc);
    fromIntermediate(bytes, at, csrcBytes);
    this.#hmac.sign(bytes, at, end, roc);
    this.#writeTag(bytes, end);
  }

  unprotect(
    bytes: Uint8Array,
    at: number,
    textAt: number,
    end: number,
    roc: number,
    csrcBytes: number,
  ): boolean {
    this.#hmac.sign(bytes, at, end, roc);
    if (!sameTag(bytes, end, this.#hmac.mac, this.#tagBytes)) return false;
    toIntermediate(bytes, at, csrcBytes);
    this.#crypt(bytes, at, textAt, end, roc);
    fromIntermediate(bytes, at, csrcBytes);
    return true;
  }

  protectControl(bytes: Uint8Array, at: number, end: number, index: number): void {
    this.#cryptControl(bytes, at, end, index);
    const tagAt = writeU32(bytes, end, index | SRTCP_ENCRYPTED);
    this.#hmac.sign(bytes, at, tagAt);
    this.#writeTag(bytes, tagAt);
  }

  unprotectControl(bytes: Uint8Array, at: number, end: number, word: number): boolean {
    const tagAt = end + 4;
    this.#hmac.sign(bytes, at, tagAt);
    if (!sameTag(bytes, tagAt, this.#hmac.mac, this.#tagBytes)) return false;
    if ((word & SRTCP_ENCRYPTED) !== 0) this.#cryptControl(bytes, at, end, word & 0x7fffffff);
    return true;
  }

  dispose(): void {
    this.#ahead.dispose();
    this.#keystream.dispose();
    this.#iv.dispose();
    this.#hmac.dispose();
  }

  #writeTag(bytes: Uint8Array, at: number): void {
    const { mac } = this.#hmac;
    for (let i = 0; i < this.#tagBytes; i++) bytes[at + i] = mac[i]!;
  }

  /** XORs the keystream that was made ahead, or else that of this packet alone. */
  #crypt(bytes: Uint8Array, at: number, textAt: number, end: number, roc: number): void {
    if (textAt === end) return;
    const ssrc = rtpSsrc(bytes, at), sequenceNumber = rtpSequenceNumber(bytes, at);
    const blocks = blocksOf(end - textAt);
    const word = this.#ahead.find(ssrc, roc, sequenceNumber, blocks);
    if (word >= 0) xorKeystream(bytes, textAt, end, this.#ahead.words, word);
    else {
      this.#iv.setRtp(ssrc, roc, sequenceNumber);
      this.#cryptAlone(bytes, textAt, end);
    }
    this.#ahead.advance(ssrc, roc, sequenceNumber, blocks);
  }

  #cryptControl(bytes: Uint8Array, at: number, end: number, index: number): void {
    this.#iv.setRtcp(srtcpSsrc(bytes, at), index);
    this.#cryptAlone(bytes, at + SRTCP_HEADER_BYTES, end);
  }

  #cryptAlone(bytes: Uint8Array, textAt: number, end: number): void {
    if (textAt === end) return;
    const counters = takeCounters();
    counters.push(this.#iv, blocksOf(end - textAt));
    const words = asWords(this.#keystream.encrypt(counters.filled()));
    xorKeystream(bytes, textAt, end, words, 0);
    words.fill(0);
  }
}
