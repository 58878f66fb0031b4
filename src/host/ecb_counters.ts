/**
 * Counter blocks of SRTP. Every packet has an initialization vector made of salt, SSRC and index; its
 * blocks count up from there.
 *
 * ```text
 *               0   1   2   3   4   5   6   7   8   9  10  11  12  13  14  15
 *             +---+---+---+---+---+---+---+---+---+---+---+---+---+---+---+---+
 * AES-CM      |                          salt                         | block |  RFC 3711 §4.1.1
 *   XOR, RTP  |               |     SSRC      |      ROC      |  SEQ  | 0 ... |
 *   XOR, RTCP |               |     SSRC      | 0   0 |     index     |       |
 *             +---+---+---+---+---+---+---+---+---+---+---+---+---+---+---+---+
 * AES-GCM     |                      salt                     |     block     |  RFC 7714 §8.1, §9.1
 *   XOR, RTP  | 0   0 |     SSRC      |      ROC      |  SEQ  | 1 is the tag's|
 *   XOR, RTCP | 0   0 |     SSRC      | 0   0 |     index     | mask, 2 ...   |
 *             +---+---+---+---+---+---+---+---+---+---+---+---+---+---+---+---+
 * ```
 */

/** Length of a block of AES, bytes. */
export const BLOCK_BYTES = 16;

/** How many blocks of keystream a text takes. */
export function blocksOf(length: number): number {
  return (length + BLOCK_BYTES - 1) >>> 4;
}

/** Makes the initialization vectors of one session key. The last 16 bits of each count blocks. */
export class SrtpIv {
  /** The vector that was made last, with the number of its first block. */
  readonly block: Uint8Array = new Uint8Array(BLOCK_BYTES);
  /** The same without the number of a block: what GCM calls the nonce. */
  readonly nonce: Uint8Array = this.block.subarray(0, 12);
  /** The same as the words of this machine. */
  readonly words: Uint32Array = new Uint32Array(this.block.buffer);
  readonly #salt: Uint8Array = new Uint8Array(BLOCK_BYTES);
  readonly #ssrcAt: 2 | 4;

  /** @param salt 14 bytes for counter mode, 12 for GCM */
  constructor(salt: Uint8Array) {
    this.#salt.set(salt);
    this.#ssrcAt = salt.length === 12 ? 2 : 4;
    if (salt.length === 12) this.#salt[15] = 1;
  }

  /** Makes the vector of an RTP packet. */
  setRtp(ssrc: number, rolloverCounter: number, sequenceNumber: number): void {
    const at = this.#start(ssrc);
    xorU32(this.block, at, rolloverCounter);
    this.block[at + 4]! ^= sequenceNumber >>> 8;
    this.block[at + 5]! ^= sequenceNumber;
  }

  /** Makes the vector of an RTCP packet. */
  setRtcp(ssrc: number, index: number): void {
    xorU32(this.block, this.#start(ssrc) + 2, index);
  }

  /** Forgets the salt. */
  dispose(): void {
    this.#salt.fill(0);
    this.block.fill(0);
  }

  #start(ssrc: number): number {
    this.block.set(this.#salt);
    xorU32(this.block, this.#ssrcAt, ssrc);
    return this.#ssrcAt + 4;
  }
}

function xorU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at]! ^= value >>> 24;
  bytes[at + 1]! ^= value >>> 16;
  bytes[at + 2]! ^= value >>> 8;
  bytes[at + 3]! ^= value;
}

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Counter blocks of packets, one behind another, in the order in which their keystream is wanted. */
export class CounterBlocks {
  /** How many there are. */
  count = 0;
  readonly #bytes: Uint8Array;
  readonly #words: Uint32Array;

  /** @param capacity room for that many blocks */
  constructor(capacity: number) {
    const memory = new ArrayBuffer(capacity * BLOCK_BYTES);
    this.#bytes = new Uint8Array(memory);
    this.#words = new Uint32Array(memory);
  }

  /** How many blocks there is room for. */
  get capacity(): number {
    return this.#words.length / 4;
  }

  /** Adds the blocks of one packet; the caller has made sure that there is room. */
  push({ words }: SrtpIv, blocks: number): void {
    const out = this.#words;
    const w0 = words[0]!, w1 = words[1]!, w2 = words[2]!, w3 = words[3]!;
    const first = LITTLE_ENDIAN ? w3 >>> 24 : w3 & 0xff;
    const rest = LITTLE_ENDIAN ? w3 & 0xffff : w3 & ~0xffff;
    let at = this.count * 4;
    for (let number = first; number < first + blocks; number++, at += 4) {
      out[at] = w0;
      out[at + 1] = w1;
      out[at + 2] = w2;
      out[at + 3] = rest | (LITTLE_ENDIAN ? (number << 24) | (number & 0xff00) << 8 : number);
    }
    this.count += blocks;
  }

  /** A view of the blocks that were added. */
  filled(): Uint8Array {
    return this.#bytes.subarray(0, this.count * BLOCK_BYTES);
  }
}

/** Blocks that are encrypted in one call at most: the largest packet that a datagram can hold. */
const MAX_BLOCKS = 4096;

let shared: CounterBlocks | undefined;

/** Room for `MAX_BLOCKS`, empty; the same one for everybody, who must be done with it in the same call. */
export function takeCounters(): CounterBlocks {
  shared ??= new CounterBlocks(MAX_BLOCKS);
  shared.count = 0;
  return shared;
}
