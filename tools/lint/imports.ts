/** One visitor for every way in which a file can name another module. */

type Report = (node: Deno.lint.Node, specifier: string) => void;

/** Calls `report` for each import, re-export, `import()` and `import("…")` type of a file. */
export function visitImports(report: Report): Deno.lint.LintVisitor {
  const check = (node: Deno.lint.Node, source: unknown): void => {
    const specifier = literalText(source);
    if (specifier !== undefined) report(node, specifier);
  };
  return {
    ImportDeclaration: (node) => check(node, node.source),
    ExportNamedDeclaration: (node) => check(node, node.source),
    ExportAllDeclaration: (node) => check(node, node.source),
    ImportExpression: (node) => check(node, node.source),
    TSImportType: (node) => check(node, node.argument),
    TSExternalModuleReference: (node) => check(node, node.expression),
  };
}

/** The text of a string literal, also when the tree wraps it in a literal type. */
function literalText(source: unknown): string | undefined {
  if (typeof source !== "object" || source === null) return undefined;
  const node = source as { value?: unknown; literal?: unknown };
  return typeof node.value === "string" ? node.value : literalText(node.literal);
}
