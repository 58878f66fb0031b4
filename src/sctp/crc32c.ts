/**
 * CRC32c (RFC 9260 appendix A, Castagnoli polynomial), eight bytes per step: one table per byte
 * position turns eight dependent steps into eight independent look-ups ("slicing by 8").
 */

/** The polynomial 0x1EDC6F41, bits reversed. */
const POLYNOMIAL = 0x82f63b78;

const TABLES: Int32Array = makeTables();

function makeTables(): Int32Array {
  const tables = new Int32Array(8 * 256);
  for (let i = 0; i < 256; i++) {
    let crc = i;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) === 1 ? POLYNOMIAL : 0);
    tables[i] = crc;
  }
  for (let i = 256; i < tables.length; i++) {
    const previous = tables[i - 256]!;
    tables[i] = (previous >>> 8) ^ tables[previous & 0xff]!;
  }
  return tables;
}

/**
 * Feeds `b[at…end]` into a running checksum.
 *
 * @param state −1 to begin with, or what an earlier call returned
 */
export function updateCrc32c(state: number, b: Uint8Array, at: number, end: number): number {
  const t = TABLES;
  let crc = state;
  for (const last = end - 8; at <= last; at += 8) {
    crc ^= b[at]! | (b[at + 1]! << 8) | (b[at + 2]! << 16) | (b[at + 3]! << 24);
    crc = t[1792 + (crc & 0xff)]! ^ t[1536 + ((crc >>> 8) & 0xff)]! ^
      t[1280 + ((crc >>> 16) & 0xff)]! ^ t[1024 + (crc >>> 24)]! ^
      t[768 + b[at + 4]!]! ^ t[512 + b[at + 5]!]! ^ t[256 + b[at + 6]!]! ^ t[b[at + 7]!]!;
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ t[(crc ^ b[at]!) & 0xff]!;
  return crc;
}

/** The checksum of `b[at…end]`, as an unsigned number. */
export function crc32c(b: Uint8Array, at = 0, end: number = b.length): number {
  return ~updateCrc32c(-1, b, at, end) >>> 0;
}
