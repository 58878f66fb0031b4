import { stripVTControlCharacters } from "node:util";

/**
 * What `deno doc --lint` complains about, without its demand that the types of a dependency (a
 * `Hono` application) be exported from here: they are public where they come from.
 */
export async function realComplaints(output: string): Promise<string[]> {
  const complaints: string[] = [];
  for (const block of stripVTControlCharacters(output).split(/\n(?=error)/)) {
    const isSummary = /^error: Found \d+ documentation lint error/.test(block);
    if (!block.startsWith("error") || isSummary || await namesDependency(block)) continue;
    complaints.push(block.trim());
  }
  return complaints;
}

async function namesDependency(block: string): Promise<boolean> {
  const type = /references private type '([\w.]+)'/.exec(block)?.[1];
  const file = /--> (.+?):\d+:\d+/.exec(block)?.[1];
  if (type === undefined || file === undefined) return false;
  const source = await Deno.readTextFile(file);
  for (const found of source.matchAll(/^import ([^;]*?) from "([^".][^"]*)";$/gm)) {
    if (new RegExp(`\\b${type}\\b`).test(found[1]!)) return true;
  }
  return false;
}
