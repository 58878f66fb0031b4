import { type SrtpIv, takeCounters } from "./ecb_counters.ts";
import type { Keystream } from "./ecb_keystream.ts";
import { asWords } from "./ecb_xor.ts";

/** A block of AES in words. */
const BLOCK_WORDS = 4;

/** Packets whose keystream is made together: from about this many on, more save next to nothing. */
const MAX_PACKETS = 64;

/** Bounds the keystream of one stream: 64 packets of audio, or 20 of full size. */
const MAX_WINDOW_BLOCKS: number = 24 * 64;

/** Streams of one session that have keystream at a time: audio, video, their retransmissions. */
const MAX_STREAMS = 4;

const NOTHING = new Uint32Array(0);

/** The keystream of consecutive packets of one stream. */
interface Window {
  readonly ssrc: number;
  /** Index (RFC 3711 §3.3.1: ROC · 2¹⁶ + SEQ) of the first packet that there is keystream of. */
  first: number;
  /** How many packets there is keystream of. */
  count: number;
  /** Blocks for each of them. */
  blocks: number;
  words: Uint32Array;
  /** The index that comes next when the packets come in order. */
  next: number;
  /** The largest packet since the keystream was made, blocks. */
  largest: number;
  /** The largest one before that. */
  largestBefore: number;
}

/**
 * Keystream of packets before there are any. Sequence numbers go up by one, so that after two packets
 * in a row the next ones can be told, and one call makes the keystream of many: the economy of
 * batches for packets that come one at a time. A jump of the sequence number or the rollover counter,
 * or a packet of unusual size, costs a new window; other streams than the latest four are forgotten.
 */
export class LookAhead {
  readonly #keystream: Keystream;
  readonly #iv: SrtpIv;
  /** Least recently used first. */
  readonly #windows: Window[] = [];
  #words: Uint32Array = NOTHING;

  constructor(keystream: Keystream, iv: SrtpIv) {
    this.#keystream = keystream;
    this.#iv = iv;
  }

  /** The keystream in which {@linkcode LookAhead.find} found something; lent until `advance`. */
  get words(): Uint32Array {
    return this.#words;
  }

  /** The same as bytes. */
  get bytes(): Uint8Array {
    const { buffer, byteOffset, byteLength } = this.#words;
    return new Uint8Array(buffer, byteOffset, byteLength);
  }

  /**
   * Where in `words` the keystream of a packet begins, or −1 when it was not to be expected.
   *
   * @param blocks how many blocks the packet needs
   */
  find(ssrc: number, roc: number, sequenceNumber: number, blocks: number): number {
    const window = this.#windows[this.#position(ssrc)];
    const index = roc * 0x1_0000 + sequenceNumber;
    if (window === undefined || !contains(window, index, blocks)) return -1;
    this.#words = window.words;
    return (index - window.first) * window.blocks * BLOCK_WORDS;
  }

  /**
   * Makes ready for the packet after this one, which is authentic, or our own: strangers must not
   * move the windows.
   */
  advance(ssrc: number, roc: number, sequenceNumber: number, blocks: number): void {
    const window = this.#touch(ssrc);
    const next = roc * 0x1_0000 + sequenceNumber + 1;
    const inOrder = next === window.next + 1;
    window.next = next;
    window.largest = Math.max(window.largest, blocks);
    if (inOrder && !contains(window, next, blocks)) this.#fill(window, next);
  }

  /** Wipes all keystream. */
  dispose(): void {
    for (const { words } of this.#windows) words.fill(0);
    this.#windows.length = 0;
    this.#words = NOTHING;
  }

  /** Where in the list the window of a stream is, or −1. */
  #position(ssrc: number): number {
    let at = this.#windows.length - 1;
    while (at >= 0 && this.#windows[at]!.ssrc !== ssrc) at--;
    return at;
  }

  /** The window of a stream, moved to the end of the list. */
  #touch(ssrc: number): Window {
    const windows = this.#windows;
    const last = windows.length - 1, at = this.#position(ssrc);
    if (at === last && at >= 0) return windows[at]!;
    if (at >= 0) {
      const window = windows[at]!;
      for (let next = at; next < last; next++) windows[next] = windows[next + 1]!;
      return windows[last] = window;
    }
    if (windows.length === MAX_STREAMS) windows.shift()!.words.fill(0);
    const fresh: Window = {
      ssrc,
      first: 0,
      count: 0,
      blocks: 0,
      words: NOTHING,
      next: -1,
      largest: 0,
      largestBefore: 0,
    };
    windows.push(fresh);
    return fresh;
  }

  /** Makes the keystream of the packets from `index` on, all as long as the longest one lately. */
  #fill(window: Window, index: number): void {
    const largest = Math.max(window.largest, window.largestBefore);
    if (largest > MAX_WINDOW_BLOCKS) return;
    // Some room for the next longest.
    const blocks = Math.min((largest + 3) & ~3, MAX_WINDOW_BLOCKS);
    window.words.fill(0);
    window.first = index;
    window.blocks = blocks;
    window.largestBefore = window.largest;
    window.largest = 0;
    // What lies behind the last sequence number belongs to another rollover counter.
    const ahead = 0x1_0000 - index % 0x1_0000;
    window.count = Math.min(MAX_PACKETS, ahead, Math.floor(MAX_WINDOW_BLOCKS / blocks));
    const roc = Math.floor(index / 0x1_0000);
    const counters = takeCounters();
    for (let i = 0; i < window.count; i++) {
      this.#iv.setRtp(window.ssrc, roc, (index + i) % 0x1_0000);
      counters.push(this.#iv, blocks);
    }
    window.words = asWords(this.#keystream.encrypt(counters.filled()));
  }
}

function contains({ first, count, blocks }: Window, index: number, needed: number): boolean {
  return index >= first && index < first + count && needed <= blocks;
}
