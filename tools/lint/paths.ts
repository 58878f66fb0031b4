/** Paths as the rules see them: relative to the repository, with forward slashes. */

const root = decodeURIComponent(new URL("../../", import.meta.url).pathname);

/** `filename` relative to the repository; a relative name stays as it is. */
export function repositoryPath(filename: string): string {
  const path = filename.replaceAll("\\", "/").replace(/^file:\/\//, "");
  return path.startsWith(root) ? path.slice(root.length) : path.replace(/^\.\//, "");
}

/** The folder below `src/` that `path` lies in, or `undefined` outside of `src/`. */
export function sourceFolder(path: string): string | undefined {
  return /^src\/([^/]+)\//.exec(path)?.[1];
}

/** Resolves a relative specifier against the file that names it. */
export function resolveSpecifier(from: string, specifier: string): string {
  const parts = from.split("/").slice(0, -1);
  for (const step of specifier.split("/")) {
    if (step === "..") parts.pop();
    else if (step !== ".") parts.push(step);
  }
  return parts.join("/");
}
