/** Bytes of a WebAssembly module. */

/** `\0asm` and the version (WebAssembly core specification §5.5.16). */
const HEADER_BYTES = 8;

/** Sections with this number hold names and notes, which nothing needs (§5.5.3). */
const CUSTOM_SECTION = 0;

/** A module without its custom sections: they name the builder's symbols, and weigh a tenth. */
export function withoutCustomSections(module: Uint8Array): Uint8Array {
  const kept = [module.subarray(0, HEADER_BYTES)];
  for (let at = HEADER_BYTES; at < module.length;) {
    const [length, contentAt] = readUnsigned(module, at + 1);
    const end = contentAt + length;
    if (module[at] !== CUSTOM_SECTION) kept.push(module.subarray(at, end));
    at = end;
  }
  const out = new Uint8Array(kept.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of kept) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** An unsigned LEB128 number (§5.2.2), and where it ends. */
function readUnsigned(bytes: Uint8Array, at: number): [value: number, end: number] {
  let value = 0, shift = 0;
  while (bytes[at]! >= 0x80) {
    value |= (bytes[at++]! & 0x7f) << shift;
    shift += 7;
  }
  return [value | bytes[at]! << shift, at + 1];
}

/** base64 (RFC 4648 §4). */
export function encodeBase64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
