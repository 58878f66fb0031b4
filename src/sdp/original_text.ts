/**
 * The text that parsed objects came from, kept beside the model and not in it: a copy made by
 * spreading has no text of its own, so a changed line can never be written as the old one.
 */
const originals = new WeakMap<object, string>();

/** Remembers `text` for `node` and freezes it, since a change in place would go unwritten. */
export function keepOriginal<T extends object>(node: T, text: string): T {
  originals.set(node, text);
  return deepFreeze(node);
}

/** The text that `node` was read from, where it differs from the usual form. */
export function originalOf(node: object): string | undefined {
  return originals.get(node);
}

function deepFreeze<T extends object>(node: T): T {
  for (const value of Object.values(node)) {
    if (typeof value === "object" && value !== null) deepFreeze(value);
  }
  return Object.freeze(node);
}
