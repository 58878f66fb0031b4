/**
 * The chunks of transport-wide feedback: the status of each packet as a symbol
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1.1 … §3.1.4). A symbol is 0 for "not
 * received", 1 for a delta of one byte, 2 for one of two bytes; 3 is reserved.
 *
 * ```text
 *  0                   1
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |0| S |       run length        |   that many packets of status S
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |1|0|       14 symbols          |   of one bit
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |1|1|        7 symbols          |   of two bits
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 */

/** A packet that was received, with a delta of 0 … 255 ticks. */
export const SYMBOL_SMALL = 1;

/** A packet that was received, with a delta of −32768 … 32767 ticks. */
export const SYMBOL_LARGE = 2;

/** No status. */
export const SYMBOL_RESERVED = 3;

/** Symbols that a run holds at most. */
const MAX_RUN = 0x1fff;

/** Symbols of one bit in a chunk. */
const ONE_BIT_SYMBOLS = 14;

/** Symbols of two bits in a chunk. */
const TWO_BIT_SYMBOLS = 7;

/** Whether a chunk is one symbol and the length of its run. */
export function isRunLength(chunk: number): boolean {
  return (chunk & 0x8000) === 0;
}

/** How many symbols a chunk has, of `remaining` at most. */
export function chunkSymbolCount(chunk: number, remaining: number): number {
  const count = isRunLength(chunk)
    ? chunk & MAX_RUN
    : (chunk & 0x4000) === 0
    ? ONE_BIT_SYMBOLS
    : TWO_BIT_SYMBOLS;
  return Math.min(count, remaining);
}

/** The symbol at `index` of a chunk. */
export function symbolOf(chunk: number, index: number): number {
  if (isRunLength(chunk)) return (chunk >>> 13) & 3;
  if ((chunk & 0x4000) === 0) return (chunk >>> (ONE_BIT_SYMBOLS - 1 - index)) & 1;
  return (chunk >>> (2 * (TWO_BIT_SYMBOLS - 1 - index))) & 3;
}

/** The chunk that holds the most of `symbols[from … count)`. */
export function chunkOf(symbols: Uint8Array, from: number, count: number): number {
  const symbol = symbols[from]!;
  const longest = Math.min(MAX_RUN, count - from);
  let run = 1;
  while (run < longest && symbols[from + run] === symbol) run++;
  const isSmall = fitsOneBit(symbols, from, Math.min(count, from + ONE_BIT_SYMBOLS));
  const capacity = isSmall ? ONE_BIT_SYMBOLS : TWO_BIT_SYMBOLS;
  if (run >= capacity || run === count - from) return (symbol << 13) | run;
  const bits = isSmall ? 1 : 2;
  const end = Math.min(count, from + capacity);
  let chunk = isSmall ? 0x8000 : 0xc000;
  for (let i = from; i < end; i++) chunk |= symbols[i]! << (bits * (capacity - 1 - (i - from)));
  return chunk;
}

function fitsOneBit(symbols: Uint8Array, from: number, end: number): boolean {
  for (let i = from; i < end; i++) if (symbols[i]! > SYMBOL_SMALL) return false;
  return true;
}
