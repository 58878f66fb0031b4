import { root } from "./process.ts";

/** Files below `folders` whose path matches, relative to the repository, sorted. */
export async function testFiles(folders: readonly string[], matches: RegExp): Promise<string[]> {
  const found: string[] = [];
  for (const folder of folders) await walk(folder, matches, found);
  return found.sort();
}

async function walk(folder: string, matches: RegExp, found: string[]): Promise<void> {
  try {
    for await (const entry of Deno.readDir(root + folder)) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory) await walk(path, matches, found);
      else if (matches.test(path)) found.push(path);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
