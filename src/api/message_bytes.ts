const encoder = new TextEncoder();
/** Text is encoded here, since the engine copies what it is given; three bytes per UTF-16 unit. */
const scratch = new Uint8Array(3 * 8192);

/** UTF-8 of a text, in the scratch buffer where it fits. */
export function encodeText(text: string): Uint8Array {
  if (text.length * 3 > scratch.length) return encoder.encode(text);
  return scratch.subarray(0, encoder.encodeInto(text, scratch).written);
}

/** The buffer of bytes that are ours; a copy only where they are part of a larger one. */
export function toArrayBuffer(data: Uint8Array): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = data;
  return byteLength === buffer.byteLength
    ? buffer as ArrayBuffer
    : buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
}
