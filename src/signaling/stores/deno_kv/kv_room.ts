/**
 * One room in Deno KV. A value has at most 64 KiB, so entries and snapshots are kept in pieces.
 *
 * ```
 * …, "room", room                               the log's head: epoch, position, base
 * …, "kept", room                               until when it is kept
 * …, "log", room, epoch, first position, piece  the entries of one append
 * …, "snapshot", room, epoch, base, piece
 * ```
 */
import type { KvClient, KvKey, KvSelector, KvTransaction } from "./kv_client.ts";
import type { RoomEntry, RoomSnapshot } from "../../room_entry.ts";

/** The head of a log. */
export interface Head {
  /** Names this life of the log. */
  readonly epoch: string;
  /** Position of the last entry. */
  readonly position: number;
  /** Position of the snapshot; 0 without one. */
  readonly base: number;
}

/** A head with its version. */
export interface VersionedHead {
  readonly head: Head | undefined;
  readonly versionstamp: string | null;
}

/** A log as it was read. */
export interface Loaded {
  readonly snapshot: RoomSnapshot | undefined;
  readonly entries: RoomEntry[];
}

/** A piece: with the position of the last entry of the whole. */
interface Piece {
  readonly last: number;
  readonly bytes: Uint8Array;
}

/** Bytes of one value; Deno KV takes 64 KiB with everything. */
const PIECE_BYTES = 60_000;
/** Deletions of one transaction. */
const MAX_DELETIONS = 100;

/** The keys of one room. */
export class KvRoom {
  readonly #kv: KvClient;
  readonly #prefix: KvKey;
  readonly name: string;

  /** @param prefix begins every key */
  constructor(kv: KvClient, prefix: KvKey, name: string) {
    this.#kv = kv;
    this.#prefix = prefix;
    this.name = name;
  }

  get headKey(): KvKey {
    return [...this.#prefix, "room", this.name];
  }

  get keptKey(): KvKey {
    return [...this.#prefix, "kept", this.name];
  }

  /** Reads the head. */
  async head(): Promise<VersionedHead> {
    const { value, versionstamp } = await this.#kv.get(this.headKey);
    return { head: (value ?? undefined) as Head | undefined, versionstamp };
  }

  /** Sets pieces of entries in a transaction that makes `head` the head. */
  setEntries(transaction: KvTransaction, head: Head, texts: readonly string[]): void {
    const key = this.#logKey(head.epoch, head.position + 1 - texts.length);
    setPieces(transaction, key, `[${texts.join(",")}]`, head.position);
  }

  /** Sets pieces of a snapshot. */
  setSnapshot(transaction: KvTransaction, epoch: string, snapshot: RoomSnapshot): void {
    const { position } = snapshot;
    setPieces(transaction, this.#snapshotKey(epoch, position), JSON.stringify(snapshot), position);
  }

  /** Reads what a head speaks of, and what came after; `undefined` when it was trimmed meanwhile. */
  async load({ epoch, position, base }: Head): Promise<Loaded | undefined> {
    let snapshot: RoomSnapshot | undefined;
    if (base > 0) {
      const [text] = await this.#read({ prefix: this.#snapshotKey(epoch, base) });
      if (text === undefined) return undefined;
      snapshot = JSON.parse(text.text);
    }
    const entries = await this.#entries({ prefix: this.#logKey(epoch) }, base + 1);
    return base + entries.length >= position ? { snapshot, entries } : undefined;
  }

  /** Every entry behind `position`, with which an append ended. */
  entriesBehind(epoch: string, position: number): Promise<RoomEntry[]> {
    const start = this.#logKey(epoch, position + 1);
    return this.#entries({ prefix: this.#logKey(epoch), start }, position + 1);
  }

  /** Every entry from position `from` on; what stands before it in its append is left out. */
  async #entries(selector: KvSelector, from: number): Promise<RoomEntry[]> {
    const entries: RoomEntry[] = [];
    for (const { last, text } of await this.#read(selector)) {
      if (last < from) continue;
      const all = JSON.parse(text) as RoomEntry[], first = last + 1 - all.length;
      const next = from + entries.length;
      if (first > next) break;
      for (const entry of all.slice(next - first)) entries.push(entry);
    }
    return entries;
  }

  /** Deletes what a snapshot at `base` stands for. */
  async deleteUntil(epoch: string, base: number): Promise<void> {
    const start = this.#logKey(epoch), keys: KvKey[] = [];
    for await (const each of this.#kv.list({ start, end: [...start, base + 1] })) {
      if ((each.value as Piece).last <= base) keys.push(each.key as KvKey);
    }
    const old = this.#snapshotKey(epoch);
    for await (const { key } of this.#kv.list({ start: old, end: [...old, base] })) {
      keys.push(key as KvKey);
    }
    await this.#delete(keys);
  }

  /** Deletes everything of an epoch but the head. */
  async deleteAll(epoch: string): Promise<void> {
    const keys: KvKey[] = [];
    for (const prefix of [this.#logKey(epoch), this.#snapshotKey(epoch)]) {
      for await (const { key } of this.#kv.list({ prefix })) keys.push(key as KvKey);
    }
    await this.#delete(keys);
  }

  #logKey(epoch: string, ...rest: number[]): KvKey {
    return [...this.#prefix, "log", this.name, epoch, ...rest];
  }

  #snapshotKey(epoch: string, ...rest: number[]): KvKey {
    return [...this.#prefix, "snapshot", this.name, epoch, ...rest];
  }

  /** Puts pieces together, in the order of their keys. */
  async #read(selector: KvSelector): Promise<{ last: number; text: string }[]> {
    const texts: { last: number; text: string }[] = [];
    let pieces: Uint8Array[] = [], last = 0;
    const finish = (): void => {
      if (pieces.length > 0) texts.push({ last, text: decode(pieces) });
      pieces = [];
    };
    for await (const { key, value } of this.#kv.list(selector)) {
      const piece = value as Piece;
      if (key.at(-1) === 0) finish();
      pieces.push(piece.bytes);
      last = piece.last;
    }
    finish();
    return texts;
  }

  async #delete(keys: readonly KvKey[]): Promise<void> {
    for (let at = 0; at < keys.length; at += MAX_DELETIONS) {
      const transaction = this.#kv.atomic();
      for (const key of keys.slice(at, at + MAX_DELETIONS)) transaction.delete(key);
      await transaction.commit();
    }
  }
}

function setPieces(transaction: KvTransaction, key: KvKey, text: string, last: number): void {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0, i = 0; at < bytes.length; at += PIECE_BYTES, i++) {
    const piece: Piece = { last, bytes: bytes.slice(at, at + PIECE_BYTES) };
    transaction.set([...key, i], piece);
  }
}

function decode(pieces: readonly Uint8Array[]): string {
  const decoder = new TextDecoder();
  let text = "";
  for (const piece of pieces) text += decoder.decode(piece, { stream: true });
  return text + decoder.decode();
}
