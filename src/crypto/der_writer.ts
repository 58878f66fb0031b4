/** Writes DER (ITU-T X.690 §10): one function per kind of element, each returning the whole element. */
import { concatBytes, utf8Encode } from "../base/mod.ts";
import { DER } from "./der_reader.ts";

/** Any element: tag, length, and the parts one behind the other. */
export function derElement(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const header = length < 0x80
    ? [tag, length]
    : length < 0x100
    ? [tag, 0x81, length]
    : [tag, 0x82, length >>> 8, length & 0xff];
  return concatBytes(Uint8Array.from(header), ...parts);
}

/** A SEQUENCE of elements. */
export function derSequence(...parts: readonly Uint8Array[]): Uint8Array {
  return derElement(DER.sequence, ...parts);
}

/** A non-negative INTEGER from its big-endian magnitude; leading zeros are dropped. */
export function derUnsigned(magnitude: Uint8Array): Uint8Array {
  let at = 0;
  while (at < magnitude.length - 1 && magnitude[at] === 0) at++;
  const digits = magnitude.length === 0 ? new Uint8Array(1) : magnitude.subarray(at);
  return digits[0]! >= 0x80
    ? derElement(DER.integer, new Uint8Array(1), digits)
    : derElement(DER.integer, digits);
}

/** A BIT STRING of whole bytes. */
export function derBitString(bytes: Uint8Array): Uint8Array {
  return derElement(DER.bitString, new Uint8Array(1), bytes);
}

/** An OCTET STRING. */
export function derOctetString(bytes: Uint8Array): Uint8Array {
  return derElement(DER.octetString, bytes);
}

/** NULL. */
export function derNull(): Uint8Array {
  return derElement(DER.null);
}

/** A UTF8String. */
export function derUtf8String(text: string): Uint8Array {
  return derElement(DER.utf8String, utf8Encode(text));
}

/** An OBJECT IDENTIFIER from dotted decimal. */
export function derOid(text: string): Uint8Array {
  const [top, second, ...rest] = text.split(".").map(Number);
  const out: number[] = [];
  for (const arc of [40 * top! + second!, ...rest]) {
    const groups = [arc & 0x7f];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) {
      groups.unshift((left & 0x7f) | 0x80);
    }
    out.push(...groups);
  }
  return derElement(DER.oid, Uint8Array.from(out));
}

/** RFC 5280 §4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050 on, whole seconds. */
export function derTime(unixMs: number): Uint8Array {
  const date = new Date(unixMs);
  const digits = date.toISOString().replace(/\.\d+Z$/, "Z").replace(/[-:T]/g, "");
  return date.getUTCFullYear() < 2050
    ? derElement(DER.utcTime, utf8Encode(digits.slice(2)))
    : derElement(DER.generalizedTime, utf8Encode(digits));
}
