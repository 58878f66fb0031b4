import ts from "typescript";
import { resolveSpecifier } from "../lint/paths.ts";
import { root } from "../test/process.ts";

/** `from "./x.ts"`, `import "./x.ts"` and `import("./x.ts")`. */
const RELATIVE = /(\bfrom\s*|\bimport\s*\(?\s*)"(\.{1,2}\/[^"]+)\.ts"/g;

/**
 * Writes the declarations of the entry points and of whatever they mention, in a tree of the shape
 * of the sources. `deno task ok` has checked the types; here they are only written down, which
 * `isolatedDeclarations` makes a matter of syntax.
 *
 * @returns how many files
 */
export function writeDeclarations(entries: readonly string[], folder: string): number {
  const program = ts.createProgram({
    rootNames: entries.map((file) => root + file),
    options: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      lib: ["lib.es2024.d.ts"],
      types: [],
      allowImportingTsExtensions: true,
      verbatimModuleSyntax: true,
      isolatedDeclarations: true,
      declaration: true,
      emitDeclarationOnly: true,
      noCheck: true,
      strict: true,
      rootDir: root,
      outDir: folder,
    },
  });
  const emitted = new Map<string, string>();
  const { diagnostics } = program.emit(undefined, (path, text) => emitted.set(path, text));
  const first = diagnostics[0];
  if (first !== undefined) {
    const text = ts.flattenDiagnosticMessageText(first.messageText, "\n");
    throw new Error(`${first.file?.fileName ?? "declarations"}: ${text}`);
  }
  const start = entries.map((file) => `${folder}/${file.replace(/\.ts$/, ".d.ts")}`);
  return writeReachable(start, emitted);
}

/** Leaves out what no entry point mentions: internals have declarations, too. */
function writeReachable(start: readonly string[], emitted: ReadonlyMap<string, string>): number {
  const written = new Set<string>();
  const queue = [...start];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (written.has(path)) continue;
    written.add(path);
    const text = emitted.get(path);
    if (text === undefined) throw new Error(`${path} is mentioned but was not emitted`);
    for (const found of text.matchAll(RELATIVE)) {
      queue.push(resolveSpecifier(path, `${found[2]!}.d.ts`));
    }
    Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    Deno.writeTextFileSync(path, text.replace(RELATIVE, '$1"$2.js"'));
  }
  return written.size;
}
