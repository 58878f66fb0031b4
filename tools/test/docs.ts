import { testFiles } from "./files.ts";
import { root } from "./process.ts";

const FOLDER = ".cache/docs";

/** One fenced TypeScript block that readers may copy. */
interface Example {
  readonly file: string;
  readonly line: number;
  readonly source: string;
}

/**
 * Turns every TypeScript block of the documents and of the docstrings into a test file of its own
 * and returns their paths: what a reader copies type-checks, runs and leaves nothing open. A block
 * marked `ts ignore` is prose.
 */
export async function writeDocTests(): Promise<string[]> {
  await Deno.remove(root + FOLDER, { recursive: true }).catch(() => {});
  await Deno.mkdir(root + FOLDER, { recursive: true });
  const documents = await testFiles(["docs"], /\.md$/);
  const sources = await testFiles(["src"], /\.ts$/);
  const files: string[] = [];
  for (const file of ["README.md", ...documents, "mod.ts", ...sources]) {
    const text = await Deno.readTextFile(root + file).catch(() => "");
    for (const example of findExamples(file, text)) {
      const name = `${file.replaceAll("/", "_").replaceAll(".", "_")}_${example.line}_test.ts`;
      await Deno.writeTextFile(`${root}${FOLDER}/${name}`, exampleTest(example));
      files.push(`${FOLDER}/${name}`);
    }
  }
  return files;
}

/** The blocks of a Markdown file, or of the docstrings of a source file. */
export function findExamples(file: string, text: string): Example[] {
  const isMarkdown = file.endsWith(".md");
  const fence = isMarkdown ? /^\s*```(\S.*)?$/ : /^\s*\*\s?```(\S.*)?$/;
  const found: Example[] = [];
  let open: { line: number; take: boolean; lines: string[] } | undefined;
  text.split("\n").forEach((raw, index) => {
    const tag = fence.exec(raw);
    if (tag === null) {
      open?.lines.push(isMarkdown ? raw : raw.replace(/^\s*\*\s?/, "").replaceAll("*\\/", "*/"));
    } else if (open === undefined) {
      const language = (tag[1] ?? "").trim();
      open = { line: index + 1, take: /^(ts|typescript)$/.test(language), lines: [] };
    } else {
      if (open.take) found.push({ file, line: open.line, source: open.lines.join("\n") });
      open = undefined;
    }
  });
  return found;
}

/** Imports stay on top, the rest becomes the body of a test with leak sanitizers. */
function exampleTest(example: Example): string {
  const imports: string[] = [];
  const body = example.source.replace(
    /^import\s[^;]*?from\s+"[^"]+";$|^import\s+"[^"]+";$/gm,
    (statement) => {
      imports.push(statement);
      return "";
    },
  );
  // A name that an example only introduces is no mistake there.
  const names = [...body.matchAll(/^(?:export )?(?:const|let|function|class) (\w+)/gm)]
    .map((found) => found[1]).join(", ");
  return `${imports.join("\n")}
import { test } from "../../tests/harness.ts";

test(${JSON.stringify(`${example.file}:${example.line} runs`)}, async () => {
await Promise.resolve();
${body.replace(/^export default /gm, "void ").replace(/^export /gm, "")}
void [${names}];
});
`;
}
