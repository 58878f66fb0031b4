/** The files of the Deno peer: samples made on the fly, and what visitors sent, kept in memory. */
import type { FileInfo } from "./shared/types.ts";
import { type FileSink, type FileSource, sha256Hex } from "./shared/transfer.ts";

/** All stored files together; the oldest make room for new ones. */
export const MAX_STORED_BYTES: number = 256 * 1024 * 1024;
const SAMPLE_BLOCK_BYTES = 1 << 20;

/** Files that the peer offers in every room. */
export class Shelf {
  readonly #samples: FileSource[] = [sample("10 MB", 10e6), sample("100 MB", 100e6)];
  readonly #stored = new Map<string, FileSource[]>();
  #storedBytes = 0;
  #nextId = 1;

  /** What is on offer in `room`. */
  files(room: string): FileSource[] {
    return [...this.#samples, ...(this.#stored.get(room) ?? [])];
  }

  /** Where a visitor's file goes; `keep` puts it on the shelf of `room` once it is complete. */
  receive(room: string, file: FileInfo): { sink: FileSink; keep(): void } {
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    let bytes = new Uint8Array(0);
    const sink: FileSink = {
      write: (chunk) => void chunks.push(chunk),
      hash: () => {
        bytes = join(chunks, file.size);
        chunks.length = 0;
        return sha256Hex(bytes.buffer);
      },
    };
    const info = { ...file, id: `f${this.#nextId++}` };
    return { sink, keep: () => this.#store(room, memoryFile(info, bytes)) };
  }

  /** Drops the files of a room that is empty. */
  forget(room: string): void {
    for (const { info } of this.#stored.get(room) ?? []) this.#storedBytes -= info.size;
    this.#stored.delete(room);
  }

  #store(room: string, file: FileSource): void {
    const files = this.#stored.get(room) ?? [];
    this.#stored.set(room, files);
    files.push(file);
    this.#storedBytes += file.info.size;
    for (const others of this.#stored.values()) {
      while (this.#storedBytes > MAX_STORED_BYTES && others.length > 0 && others[0] !== file) {
        this.#storedBytes -= others.shift()!.info.size;
      }
    }
  }
}

function join(chunks: Uint8Array<ArrayBuffer>[], size: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    out.set(chunk, at);
    at += chunk.length;
  }
  return out;
}

function memoryFile(info: FileInfo, bytes: Uint8Array<ArrayBuffer>): FileSource {
  return {
    info,
    read: (start, end) => Promise.resolve(bytes.subarray(start, end)),
    hash: () => sha256Hex(bytes.buffer),
  };
}

/** Bytes that are easy to make, hard to compress, and the same every time. */
function sample(label: string, size: number): FileSource {
  const name = `sample-${label.replace(" ", "-").toLowerCase()}.bin`;
  let hash: Promise<string | null> | undefined;
  const read = (start: number, end: number): Uint8Array<ArrayBuffer> => {
    const out = new Uint8Array(end - start);
    for (let at = start; at < end;) {
      const block = Math.floor(at / SAMPLE_BLOCK_BYTES);
      const from = at - block * SAMPLE_BLOCK_BYTES;
      const length = Math.min(end - at, SAMPLE_BLOCK_BYTES - from);
      out.set(sampleBlock(block).subarray(from, from + length), at - start);
      at += length;
    }
    return out;
  };
  return {
    info: { id: name, name, size, mime: "application/octet-stream" },
    read: (start, end) => Promise.resolve(read(start, end)),
    hash: () => hash ??= sha256Hex(read(0, size).buffer),
  };
}

/** One xorshift32 stream per block (Marsaglia 2003), seeded with the block's number. */
function sampleBlock(block: number): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(SAMPLE_BLOCK_BYTES / 4);
  let x = (block + 1) * 0x9e3779b1 | 1;
  for (let i = 0; i < words.length; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    words[i] = x;
  }
  return new Uint8Array(words.buffer);
}
