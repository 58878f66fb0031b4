/**
 * A strict, bounded reader of DER (ITU-T X.690 §10): definite, minimal lengths and single-byte tags,
 * which is all that certificates and keys use. Every method returns `undefined` for what it does not
 * find and never throws; nothing is read twice, so the work is linear.
 *
 * ```
 *  +-----+------------------------------+---------------+
 *  | tag | length: 0–127, or 0x80 + n   | contents      |
 *  |     | and n bytes, no leading zero |               |
 *  +-----+------------------------------+---------------+
 * ```
 */
import { readU16, readU24 } from "../base/mod.ts";

/** X.680 §8.4: universal tags, and the constructed context tags of X.509. */
export const DER = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
  context0: 0xa0,
  context1: 0xa1,
} as const;

/** A cursor over DER elements. The bytes it returns are views. */
export class DerReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  /**
   * Starts before the first element.
   *
   * @param bytes the elements, one behind the other
   */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Whether everything has been read. */
  get done(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** The tag of the next element. */
  get tag(): number | undefined {
    return this.#bytes[this.#at];
  }

  /** The contents of the next element, if its tag is `tag`. */
  contents(tag: number): Uint8Array | undefined {
    if (this.tag !== tag) return undefined;
    const start = this.#skip();
    return start === undefined ? undefined : this.#bytes.subarray(start, this.#at);
  }

  /** The next element with its header, if its tag is `tag`. */
  element(tag: number): Uint8Array | undefined {
    const from = this.#at;
    return this.contents(tag) === undefined ? undefined : this.#bytes.subarray(from, this.#at);
  }

  /** A reader of the contents of the next element, if its tag is `tag`. */
  enter(tag: number): DerReader | undefined {
    const contents = this.contents(tag);
    return contents === undefined ? undefined : new DerReader(contents);
  }

  /** A non-negative INTEGER as its magnitude without leading zeros (zero is no bytes). */
  unsigned(): Uint8Array | undefined {
    const contents = this.contents(DER.integer);
    const first = contents?.[0];
    if (contents === undefined || first === undefined || first >= 0x80) return undefined;
    if (first !== 0) return contents;
    // X.690 §8.3.2: the shortest form; a zero byte stands only before a set top bit.
    if (contents.length > 1 && contents[1]! < 0x80) return undefined;
    return contents.subarray(1);
  }

  /** A BIT STRING of whole bytes. */
  bitString(): Uint8Array | undefined {
    const contents = this.contents(DER.bitString);
    return contents?.[0] === 0 ? contents.subarray(1) : undefined;
  }

  /** An OBJECT IDENTIFIER in dotted decimal. */
  oid(): string | undefined {
    const contents = this.contents(DER.oid);
    return contents === undefined ? undefined : formatOid(contents);
  }

  /** Moves behind the next element and returns where its contents start. */
  #skip(): number | undefined {
    const bytes = this.#bytes;
    const left = bytes.length - this.#at;
    // High tag numbers (X.690 §8.1.2.4) appear nowhere in what we read.
    if (left < 2 || (bytes[this.#at]! & 0x1f) === 0x1f) return undefined;
    let start = this.#at + 2;
    let length = bytes[this.#at + 1]!;
    if (length >= 0x80) {
      const width = length & 0x7f;
      if (width < 1 || width > 3 || left < 2 + width) return undefined;
      length = width === 1
        ? bytes[start]!
        : width === 2
        ? readU16(bytes, start)
        : readU24(bytes, start);
      if (length < 0x80 || length < 2 ** (8 * (width - 1))) return undefined;
      start += width;
    }
    if (length > bytes.length - start) return undefined;
    this.#at = start + length;
    return start;
  }
}

/** X.690 §8.19, arcs up to 2⁵³. */
function formatOid(contents: Uint8Array): string | undefined {
  const arcs: number[] = [];
  let arc = 0;
  for (let i = 0; i < contents.length; i++) {
    if (arc === 0 && contents[i] === 0x80) return undefined;
    arc = arc * 128 + (contents[i]! & 0x7f);
    if (arc > 2 ** 45) return undefined;
    if (contents[i]! >= 0x80) continue;
    if (arcs.length === 0) {
      const top = Math.min(2, Math.floor(arc / 40));
      arcs.push(top, arc - 40 * top);
    } else arcs.push(arc);
    arc = 0;
  }
  if (contents.length === 0 || contents[contents.length - 1]! >= 0x80) return undefined;
  return arcs.join(".");
}
