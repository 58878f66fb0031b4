/** The reflected polynomial of ITU V.42 (RFC 8489 §14.7). */
const POLYNOMIAL = 0xedb88320;

const TABLE = makeTable();

function makeTable(): Uint32Array {
  const table = new Uint32Array(256);
  for (let i = 0; i < 256; i++) {
    let value = i;
    for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? POLYNOMIAL : 0);
    table[i] = value;
  }
  return table;
}

/** CRC-32 (ITU V.42) of the bytes from `at` to before `end`, as an unsigned number. */
export function crc32(bytes: Uint8Array, at = 0, end: number = bytes.length): number {
  let crc = 0xffffffff;
  for (let i = at; i < end; i++) crc = TABLE[(crc ^ bytes[i]!) & 0xff]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
