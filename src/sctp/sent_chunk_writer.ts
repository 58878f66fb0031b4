import { DATA_BEGIN, writeDataHeader } from "./data_chunk.ts";
import { writeIDataHeader } from "./i_data_chunk.ts";
import type { SentChunk } from "./sent_chunks.ts";

/** Up to this length, bytes are copied one by one: a view and a call cost more. */
const SHORT_BYTES = 64;

/** Writes a chunk, for the first time or again, as DATA or I-DATA; returns its padded end. */
export function writeSentChunk(
  chunk: SentChunk,
  tsn: number,
  interleaving: boolean,
  out: Uint8Array,
  at: number,
): number {
  const { message, length, flags } = chunk;
  const { stream, number, ppid } = message;
  const end = at + chunk.size;
  if (interleaving) {
    const shared = (flags & DATA_BEGIN) !== 0 ? ppid : chunk.fragment;
    at = writeIDataHeader(out, at, length, flags, tsn, stream.id, number, shared);
  } else at = writeDataHeader(out, at, length, flags, tsn, stream.id, number, ppid);
  copyBytes(message.bytes, chunk.at, length, out, at);
  for (at += length; at < end; at++) out[at] = 0;
  return end;
}

function copyBytes(
  from: Uint8Array,
  fromAt: number,
  length: number,
  out: Uint8Array,
  at: number,
): void {
  if (length > SHORT_BYTES) {
    out.set(from.subarray(fromAt, fromAt + length), at);
    return;
  }
  for (let i = 0; i < length; i++) out[at + i] = from[fromAt + i]!;
}
