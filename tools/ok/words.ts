import { testFiles } from "../test/files.ts";
import { root } from "../test/process.ts";

/** Words and what to do instead. Written in two halves, so that this file passes its own check. */
const WORDS: readonly (readonly [word: string, advice: string])[] = [
  ["TO" + "DO", "do it, or open an issue"],
  ["FIX" + "ME", "fix it, or open an issue"],
  ["deno-lint-" + "ignore", "follow the rule, or change it for everybody"],
  ["deno-fmt-" + "ignore", "let the formatter have its way"],
  ["@ts-" + "ignore", "say it in types"],
  ["@ts-" + "nocheck", "say it in types"],
  ["@ts-expect-" + "error", "say it in types"],
];

const FOLDERS = ["src", "tests", "tools", "examples", "bench", ".ci"];

/** Looks through everything that people wrote for words that must not be committed. */
export async function findForbiddenWords(): Promise<string | undefined> {
  const found: string[] = [];
  for (const file of ["mod.ts", ...await testFiles(FOLDERS, /\.(ts|md|html|css|sh)$|\/run$/)]) {
    const lines = (await Deno.readTextFile(root + file).catch(() => "")).split("\n");
    lines.forEach((line, index) => {
      for (const [word, advice] of WORDS) {
        if (line.includes(word)) found.push(`${file}:${index + 1}: "${word}": ${advice}`);
      }
    });
  }
  return found.length === 0 ? undefined : found.join("\n");
}
