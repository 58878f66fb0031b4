/**
 * How large an arena is. It begins with room for one record of the largest size (RFC 5246 §6.2.1:
 * 2^14 bytes and overhead), which is 16 records of 1200 bytes, and doubles when a batch does not fit,
 * up to 160 KiB: 128 records of 1200 bytes or nine of the largest. An idle connection so costs
 * 20 KiB per direction, a busy one stays within a core's second-level cache.
 */
export const MIN_ARENA_BYTES: number = 20 * 1024;
/** See {@linkcode MIN_ARENA_BYTES}. */
export const MAX_ARENA_BYTES: number = 160 * 1024;

/** Rows for an arena of `bytes`: a batch of records under 256 bytes is full of rows before bytes. */
export function arenaRows(bytes: number): number {
  return bytes >> 8;
}
