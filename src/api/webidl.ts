/**
 * Conversions of ECMAScript values as WebIDL prescribes them for the members and arguments of this
 * API: callers are not all TypeScript, and programs rely on the `TypeError`s.
 */

/** WebIDL §3.2.4.9 with [EnforceRange]: an integer in 0 … `max`, or a `TypeError`. */
export function enforceRange(value: unknown, max: number, name: string): number {
  const number = Number(value);
  const integer = Math.trunc(number);
  if (!Number.isFinite(number) || integer < 0 || integer > max) {
    throw new TypeError(`${name} must be an integer from 0 to ${max}, not ${String(value)}`);
  }
  return integer + 0;
}

/** As {@linkcode enforceRange}, with `undefined` left alone. */
export function optionalInteger(value: unknown, max: number, name: string): number | undefined {
  return value === undefined ? undefined : enforceRange(value, max, name);
}

/** A nullable `unsigned short` without [EnforceRange]: modulo 2^16. */
export function nullableUnsignedShort(value: unknown): number | null {
  if (value === undefined || value === null) return null;
  const number = Math.trunc(Number(value));
  return Number.isFinite(number) ? number & 0xffff : 0;
}

/** A nullable DOMString with default null. */
export function nullableString(value: unknown): string | null {
  return value === undefined || value === null ? null : String(value);
}

/** WebIDL §3.2.12: a string whose lone surrogates became U+FFFD. */
export function usvString(value: unknown): string {
  return String(value).toWellFormed();
}

/** WebIDL §3.2.18: one of the values of an enumeration, or a `TypeError`. */
export function enumeration<Value extends string>(
  value: unknown,
  values: readonly Value[],
  name: string,
): Value {
  const text = String(value);
  const found = values.find((candidate) => candidate === text);
  if (found === undefined) {
    throw new TypeError(`${name} must be one of ${values.join(", ")}, not ${JSON.stringify(text)}`);
  }
  return found;
}

/** WebIDL §3.2.17: a dictionary argument. `undefined` and `null` stand for an empty one. */
export function dictionary<Type extends object>(
  value: Type | undefined | null,
  name: string,
): Partial<Type> {
  if (value === undefined || value === null) return {};
  if (typeof value !== "object" && typeof value !== "function") {
    throw new TypeError(`${name} must be an object`);
  }
  return value;
}

/** What a constructor that scripts may not call throws. */
export function illegalConstructor(): TypeError {
  return new TypeError("Illegal constructor");
}

/** WebIDL §3.7.3, the class string: `Object.prototype.toString` and consoles name the interface. */
export function classString(interfaceObject: { readonly prototype: object }, name: string): void {
  const property = { value: name, configurable: true };
  Object.defineProperty(interfaceObject.prototype, Symbol.toStringTag, property);
}
