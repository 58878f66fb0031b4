/** Tells a use of a name from a mere property or member that is called the same. */

interface Keyed {
  readonly key?: Deno.lint.Node;
  readonly computed?: boolean;
  readonly shorthand?: boolean;
}

/** Nodes whose `key` is a name of their own and refers to nothing. */
const KEYED: ReadonlySet<string> = new Set([
  "AccessorProperty",
  "MethodDefinition",
  "Property",
  "PropertyDefinition",
  "TSAbstractMethodDefinition",
  "TSAbstractPropertyDefinition",
  "TSMethodSignature",
  "TSPropertySignature",
]);

function same(a: Deno.lint.Node | undefined, b: Deno.lint.Node): boolean {
  return a !== undefined && a.range[0] === b.range[0] && a.range[1] === b.range[1];
}

/**
 * Whether an identifier stands for a variable or a type of that name. Declaring such a name counts
 * as well: a local `Date` would hide the next use of the global one from the reader.
 */
export function isReference(node: Deno.lint.Identifier): boolean {
  const parent = node.parent;
  if (parent.type === "MemberExpression") return parent.computed || !same(parent.property, node);
  if (parent.type === "TSQualifiedName") return !same(parent.right, node);
  if (parent.type === "ImportSpecifier") return same(parent.local, node);
  if (parent.type === "ExportSpecifier") return same(parent.local, node);
  if (parent.type === "MetaProperty") return false;
  if (!KEYED.has(parent.type)) return true;
  const keyed = parent as Keyed;
  return keyed.computed === true || keyed.shorthand === true || !same(keyed.key, node);
}
