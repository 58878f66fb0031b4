/** Texts lie anywhere in their batch, and words only where words may: the work is done here. */
let words: Uint32Array<ArrayBuffer> = new Uint32Array(512);
let view: Uint8Array<ArrayBuffer> = new Uint8Array(words.buffer);

/**
 * XORs keystream over `bytes[at … end)`.
 *
 * @param key in words, at least as many as the text begins
 * @param keyAt the first word to use
 */
export function xorKeystream(
  bytes: Uint8Array,
  at: number,
  end: number,
  key: Uint32Array,
  keyAt: number,
): void {
  const length = end - at;
  if (view.length < length) {
    words = new Uint32Array(length);
    view = new Uint8Array(words.buffer);
  }
  const work = words;
  view.set(bytes.subarray(at, end));
  for (let i = 0, count = (length + 3) >>> 2; i < count; i++) work[i]! ^= key[keyAt + i]!;
  bytes.set(view.subarray(0, length), at);
}

/** Keystream as words of this machine; a copy where the runtime placed it between two words. */
export function asWords(keystream: Uint8Array): Uint32Array {
  const whole = keystream.byteOffset % 4 === 0 ? keystream : keystream.slice();
  return new Uint32Array(whole.buffer, whole.byteOffset, whole.length >>> 2);
}
