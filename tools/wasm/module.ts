/** Bytes of a WebAssembly module. */

/** `\0asm` and the version (WebAssembly core specification §5.5.16). */
const HEADER_BYTES = 8;

/** Sections with this number hold names and notes, which nothing needs (§5.5.3). */
const CUSTOM_SECTION = 0;

/** The section of function bodies (§5.5.13). */
const CODE_SECTION = 10;

/** The section of imports (§5.5.5). */
const IMPORT_SECTION = 2;

/** A body without locals that traps (§5.4.1, §5.5.13), and its length. */
const TRAP = [3, 0x00, 0x00, 0x0b];

/** What only a panic calls, to say what happened; nobody would hear it. */
const PANIC_NAMES =
  /\bfmt::|panicking::|::(slice_index_fail|do_count_chars|unwrap_failed|capacity_overflow)\b/;

/** The section of what memory begins with (§5.5.14). */
const DATA_SECTION = 11;

/** Text among the data of the core, which has words and the digits of numbers for messages only. */
const PANIC_TEXT = /[ -~]*(?:[a-z]{3}|\d{10})[ -~]*/g;

/** Shorter text might be none. */
const MIN_TEXT_BYTES = 10;

/** A section, and where it lies with its head. */
interface Section {
  readonly id: number;
  readonly start: number;
  readonly contentAt: number;
  readonly end: number;
}

function* sectionsOf(module: Uint8Array): Generator<Section> {
  for (let start = HEADER_BYTES; start < module.length;) {
    const [length, contentAt] = readUnsigned(module, start + 1);
    const end = contentAt + length;
    yield { id: module[start]!, start, contentAt, end };
    start = end;
  }
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** A module without its custom sections: they name the builder's symbols, and weigh a tenth. */
export function withoutCustomSections(module: Uint8Array): Uint8Array {
  const kept = [...sectionsOf(module)].filter(({ id }) => id !== CUSTOM_SECTION);
  return concatenate([
    module.subarray(0, HEADER_BYTES),
    ...kept.map(({ start, end }) => module.subarray(start, end)),
  ]);
}

/**
 * A module whose panics trap without composing a message first: code and texts for that are a tenth of
 * the core. Needs the names of functions, which the custom section "name" holds.
 */
export function withoutPanicMessages(module: Uint8Array): Uint8Array {
  const silent = new Set<number>();
  let imported = 0;
  for (const [index, name] of functionNames(module)) if (PANIC_NAMES.test(name)) silent.add(index);
  const parts = [module.subarray(0, HEADER_BYTES)];
  for (const { id, start, contentAt, end } of sectionsOf(module)) {
    // The core imports functions only, of which each has an index.
    if (id === IMPORT_SECTION) imported = readUnsigned(module, contentAt)[0];
    if (id === DATA_SECTION) parts.push(withoutText(module.subarray(start, end)));
    else if (id !== CODE_SECTION) parts.push(module.subarray(start, end));
    if (id !== CODE_SECTION) continue;
    const [count, firstAt] = readUnsigned(module, contentAt);
    const bodies = [module.subarray(contentAt, firstAt)];
    for (let index = imported, at = firstAt; index < imported + count; index++) {
      const [length, bodyAt] = readUnsigned(module, at);
      const whole = module.subarray(at, bodyAt + length);
      bodies.push(silent.has(index) ? Uint8Array.from(TRAP) : whole);
      at = bodyAt + length;
    }
    const content = concatenate(bodies);
    parts.push(Uint8Array.from([CODE_SECTION, ...writeUnsigned(content.length)]), content);
  }
  return concatenate(parts);
}

function withoutText(bytes: Uint8Array): Uint8Array {
  const blank = bytes.slice();
  // One character for each byte.
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  for (const { 0: found, index } of text.matchAll(PANIC_TEXT)) {
    if (found.length >= MIN_TEXT_BYTES) blank.fill(0, index, index + found.length);
  }
  return blank;
}

/** Index and name of each function (WebAssembly core specification, appendix A.2, name section). */
function* functionNames(module: Uint8Array): Generator<[index: number, name: string]> {
  const text = (at: number): [text: string, end: number] => {
    const [length, from] = readUnsigned(module, at);
    return [new TextDecoder().decode(module.subarray(from, from + length)), from + length];
  };
  for (const { id, contentAt, end } of sectionsOf(module)) {
    if (id !== CUSTOM_SECTION || text(contentAt)[0] !== "name") continue;
    for (let at = text(contentAt)[1]; at < end;) {
      const subsection = module[at]!;
      const [length, from] = readUnsigned(module, at + 1);
      at = from + length;
      if (subsection !== 1) continue;
      let [left, next] = readUnsigned(module, from);
      for (; left > 0; left--) {
        const [index, nameAt] = readUnsigned(module, next);
        const [name, nameEnd] = text(nameAt);
        yield [index, name];
        next = nameEnd;
      }
    }
  }
}

function writeUnsigned(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 0x80; value >>>= 7) bytes.push(value & 0x7f | 0x80);
  return [...bytes, value];
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
