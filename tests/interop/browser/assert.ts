/** As much of `node:assert/strict` as the vector tests use, for pages. */

function fail(message: string | undefined, fallback: string): never {
  throw new Error(message === undefined ? fallback : `${message}: ${fallback}`);
}

function show(value: unknown): string {
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

function ok(value: unknown, message?: string): void {
  if (!value) fail(message, `${show(value)} is not true`);
}

function equal(actual: unknown, expected: unknown, message?: string): void {
  if (!Object.is(actual, expected)) fail(message, `${show(actual)} is not ${show(expected)}`);
}

function notEqual(actual: unknown, expected: unknown, message?: string): void {
  if (Object.is(actual, expected)) fail(message, `both are ${show(actual)}`);
}

function deepEqual(actual: unknown, expected: unknown, message?: string): void {
  if (!same(actual, expected)) fail(message, `${show(actual)} is not ${show(expected)}`);
}

type Validator = (error: unknown) => boolean;

/** `expected` is as of Node: members that the error has, what its text matches, class or validator. */
function throws(body: () => unknown, expected?: RegExp | object | Validator): void {
  let error: unknown;
  try {
    body();
  } catch (thrown) {
    error = thrown;
  }
  if (error === undefined) throw new Error("nothing was thrown");
  if (expected instanceof RegExp) ok(expected.test(String(error)), String(error));
  else if (typeof expected === "function") {
    const right = expected.prototype === undefined ? expected(error) : error instanceof expected;
    ok(right === true, String(error));
  } else {
    for (const [name, value] of Object.entries(expected ?? {})) {
      const actual = (error as Record<string, unknown>)[name];
      if (value instanceof RegExp) ok(value.test(String(actual)), String(error));
      else deepEqual(actual, value, String(error));
    }
  }
}

function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Object.prototype.toString.call(a) !== Object.prototype.toString.call(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) =>
    Object.hasOwn(b, key) &&
    same((a as Record<string, unknown>)[key], (b as typeof a)[key as never])
  );
}

interface Assert {
  (value: unknown, message?: string): void;
  readonly ok: typeof ok;
  readonly equal: typeof equal;
  readonly notEqual: typeof notEqual;
  readonly deepEqual: typeof deepEqual;
  readonly throws: typeof throws;
}

const assert: Assert = Object.assign(ok, { ok, equal, notEqual, deepEqual, throws });
export default assert;
