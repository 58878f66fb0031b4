import ts from "typescript";
import { resolveSpecifier } from "../lint/paths.ts";
import { root } from "../test/process.ts";

/**
 * Writes the declarations of the entry points and of whatever they mention, in a tree of the shape
 * of the sources. `isolatedDeclarations` lets each file be done by itself, without a type checker.
 *
 * @returns how many files
 */
export async function writeDeclarations(
  entries: readonly string[],
  folder: string,
): Promise<number> {
  const done = new Set<string>();
  const queue = [...entries];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (done.has(file)) continue;
    done.add(file);
    const declaration = await declarationOf(file);
    for (const found of declaration.matchAll(RELATIVE)) {
      queue.push(resolveSpecifier(file, `${found[2]!}.ts`));
    }
    const path = `${folder}/${file.replace(/\.ts$/, ".d.ts")}`;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(path, declaration.replace(RELATIVE, '$1"$2.js"'));
  }
  return done.size;
}

/** `from "./x.ts"`, `import "./x.ts"` and `import("./x.ts")`. */
const RELATIVE = /(\bfrom\s*|\bimport\s*\(?\s*)"(\.{1,2}\/[^"]+)\.ts"/g;

async function declarationOf(file: string): Promise<string> {
  const { outputText, diagnostics } = ts.transpileDeclaration(
    await Deno.readTextFile(root + file),
    {
      fileName: file,
      reportDiagnostics: true,
      compilerOptions: {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.ESNext,
        isolatedDeclarations: true,
        verbatimModuleSyntax: true,
        stripInternal: true,
        declaration: true,
        strict: true,
      },
    },
  );
  const first = diagnostics?.[0];
  if (first !== undefined) {
    throw new Error(`${file}: ${ts.flattenDiagnosticMessageText(first.messageText, "\n")}`);
  }
  return outputText;
}
