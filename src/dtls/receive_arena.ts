import {
  AEAD_COLUMNS,
  AEAD_TEXT_AT,
  AEAD_TEXT_LENGTH,
  type AeadBatch,
  type CryptoProvider,
  type PacketRows,
} from "../crypto/mod.ts";
import { arenaRows, MAX_ARENA_BYTES, MIN_ARENA_BYTES } from "./arena_size.ts";
import type { RecordCounters } from "./counters.ts";
import { MAX_SLOT_OVERHEAD_BYTES, type RecordProtection } from "./record_protection.ts";
import type { ReplayWindow } from "./replay_window.ts";

/**
 * Memory for staged and opened records that nobody has read yet, bytes. A reader that drains after
 * each batch of datagrams never comes near; beyond it records are dropped, as a socket would.
 */
const MAX_UNREAD_BYTES: number = 2 * 1024 * 1024;

/** Numbers that are kept of an opened text. */
const TEXT_COLUMNS = 3;

/** There is no row that describes the packet in a text. */
const NO_ROW = 0xffffffff;

/** One stretch of memory: opened texts first, staged records behind them. */
class Page {
  readonly batch: AeadBatch;
  readonly capacity: number;
  /** Sequence numbers of the staged rows. */
  readonly sequences: Float64Array;
  /** Offset and length of each opened text, and which row describes the packet in it. */
  readonly texts: Uint32Array;
  textCount = 0;
  nextText = 0;
  /** Records that were opened. */
  opened = 0;
  used = 0;

  constructor(crypto: CryptoProvider, size: number, content: "sctp" | undefined) {
    this.capacity = arenaRows(size);
    this.batch = crypto.createAeadBatch(size, this.capacity, content);
    this.sequences = new Float64Array(this.capacity);
    this.texts = new Uint32Array(TEXT_COLUMNS * this.capacity);
  }

  get drained(): boolean {
    return this.batch.count === 0 && this.nextText === this.textCount;
  }

  fits(textLength: number): boolean {
    return this.used + MAX_SLOT_OVERHEAD_BYTES + textLength <= this.batch.bytes.length &&
      this.opened + this.batch.count < this.capacity;
  }

  reset(): void {
    this.batch.count =
      this.textCount =
      this.nextText =
      this.opened =
      this.used =
        0;
  }
}

/** What a provider found out about a packet when it opened the record that held it. */
export interface PlaintextRow {
  /** Rows of numbers, one of which is meant, or `undefined`: nobody has looked. Lent as the packet is. */
  readonly packetRows: Uint32Array | undefined;
  /** Which of the rows: 0 is the first. */
  readonly packetRow: number;
}

/** Application records on their way in: staged, opened in one call per page, read as views. */
export class ReceiveArena implements PlaintextRow {
  readonly #crypto: CryptoProvider;
  readonly #content: "sctp" | undefined;
  #packets: PacketRows | undefined;
  #packetRow = 0;
  #pages: Page[] = [];
  #bytes = 0;

  /**
   * @param crypto where memory comes from that its keys work on in place
   * @param content what the texts are
   */
  constructor(crypto: CryptoProvider, content: "sctp" | undefined) {
    this.#crypto = crypto;
    this.#content = content;
  }

  get packetRows(): Uint32Array | undefined {
    return this.#packets?.rows;
  }

  get packetRow(): number {
    return this.#packetRow;
  }

  /** Takes back texts that were handed out, before new records are staged. */
  recycle(): void {
    const pages = this.#pages;
    while (pages.length > 1 && pages[0]!.drained) {
      const { batch } = pages.shift()!;
      this.#bytes -= batch.bytes.length;
      batch.release();
    }
    if (pages.length === 1 && pages[0]!.drained) pages[0]!.reset();
  }

  /** Copies a record in. Returns `false` when there is no room for it. */
  stage(
    protection: RecordProtection,
    datagram: Uint8Array,
    at: number,
    sequence: number,
    textLength: number,
  ): boolean {
    let page = this.#pages.at(-1);
    if (!page?.fits(textLength)) {
      page = this.#addPage(page);
      if (page === undefined) return false;
    }
    page.sequences[page.batch.count] = sequence;
    page.used = protection.stage(page.batch, page.used, datagram, at, sequence, textLength);
    return true;
  }

  /** Opens all staged records. Returns how many were authentic and new. */
  open(protection: RecordProtection, window: ReplayWindow, counters: RecordCounters): number {
    let accepted = 0;
    for (let i = 0; i < this.#pages.length; i++) {
      const page = this.#pages[i]!;
      if (page.batch.count > 0) accepted += openPage(page, protection, window, counters);
    }
    return accepted;
  }

  /** The next opened text, or `undefined`. */
  shift(): Uint8Array | undefined {
    for (let i = 0; i < this.#pages.length; i++) {
      const page = this.#pages[i]!;
      if (page.nextText < page.textCount) {
        const text = TEXT_COLUMNS * page.nextText++;
        const at = page.texts[text]!;
        const length = page.texts[text + 1]!;
        this.#packetRow = page.texts[text + 2]!;
        this.#packets = this.#packetRow === NO_ROW ? undefined : page.batch.packets;
        return page.batch.bytes.subarray(at, at + length);
      }
    }
    return undefined;
  }

  /** Drops everything and gives the memory back, and with it every text that was handed out. */
  clear(): void {
    for (const { batch } of this.#pages) batch.release();
    this.#pages = [];
    this.#packets = undefined;
    this.#bytes = 0;
  }

  #addPage(last: Page | undefined): Page | undefined {
    const size = last === undefined
      ? MIN_ARENA_BYTES
      : Math.min(2 * last.batch.bytes.length, MAX_ARENA_BYTES);
    if (this.#bytes + size > MAX_UNREAD_BYTES) return undefined;
    const page = new Page(this.#crypto, size, this.#content);
    this.#pages.push(page);
    this.#bytes += size;
    return page;
  }
}

function openPage(
  page: Page,
  protection: RecordProtection,
  window: ReplayWindow,
  counters: RecordCounters,
): number {
  const { batch, texts } = page;
  const { packets } = batch;
  if (packets !== undefined) {
    packets.from = page.opened;
    packets.filled = false;
  }
  protection.key.open(batch);
  let accepted = 0;
  for (let i = 0; i < batch.count; i++) {
    if (!batch.accepted(i)) {
      counters.dropped["bad-mac"]++;
    } else if (!window.accept(page.sequences[i]!)) {
      counters.dropped.replayed++;
    } else {
      accepted++;
      const row = i * AEAD_COLUMNS;
      const length = batch.rows[row + AEAD_TEXT_LENGTH]!;
      // RFC 5246 §6.2.1 allows empty fragments; they carry nothing to hand up.
      if (length > 0) {
        const text = TEXT_COLUMNS * page.textCount++;
        texts[text] = batch.rows[row + AEAD_TEXT_AT]!;
        texts[text + 1] = length;
        texts[text + 2] = packets?.filled ? packets.from + i : NO_ROW;
      }
    }
  }
  page.opened += batch.count;
  batch.count = 0;
  return accepted;
}
