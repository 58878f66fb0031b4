import { root } from "./process.ts";

/** Files below `folders` whose path matches, relative to the repository, sorted. */
export async function testFiles(folders: readonly string[], matches: RegExp): Promise<string[]> {
  const found: string[] = [];
  for (const folder of folders) await walk(folder, matches, found);
  return found.sort();
}

/** Copies what tests read, and is no TypeScript, into a tree of the same shape; returns the paths. */
export async function copyFixtures(folders: readonly string[], tree: string): Promise<string[]> {
  const fixtures = await testFiles(folders, /\.(?!ts$)[^./]+$/);
  for (const file of fixtures) {
    const to = `${root}${tree}/${file}`;
    await Deno.mkdir(to.slice(0, to.lastIndexOf("/")), { recursive: true });
    await Deno.copyFile(root + file, to);
  }
  await Deno.mkdir(root + tree, { recursive: true });
  return fixtures;
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
