import type { ForwardTsn, SkippedStream } from "./forward_tsn_chunk.ts";
import type { SentChunks } from "./sent_chunks.ts";

/**
 * What a FORWARD TSN or I-FORWARD-TSN has to say about the chunks at the cumulative point that are
 * given up (RFC 3758 §3.5 C), as far as `maxStreams` streams: the rest follows when the peer has
 * answered.
 */
export function makeForwardTsn(
  chunks: SentChunks,
  maxStreams: number,
  interleaving: boolean,
): ForwardTsn {
  const prefix = chunks.abandonedPrefix();
  const skipped = new Map<number, SkippedStream>();
  let index = 0;
  for (; index < prefix; index++) {
    const { message } = chunks.at(index);
    const { stream, unordered, number } = message;
    // RFC 3758 §3.2: unordered messages of DATA are not listed.
    if (unordered && !interleaving) continue;
    const key = 2 * stream.id + (unordered ? 1 : 0);
    if (skipped.size >= maxStreams && !skipped.has(key)) break;
    skipped.set(key, { streamId: stream.id, unordered, messageNumber: number });
  }
  const newCumulativeTsn = index > 0 ? chunks.tsnAt(index - 1) : chunks.cumulativeTsn;
  return { newCumulativeTsn, skipped: [...skipped.values()] };
}
