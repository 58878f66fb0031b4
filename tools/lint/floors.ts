import { FLOORS, HOST_FOLDER, PACKAGES, SIDEWAYS, WASM_ENTRY } from "./floors_table.ts";
import { visitImports } from "./imports.ts";
import { repositoryPath, resolveSpecifier, sourceFolder } from "./paths.ts";

/** What is wrong with an import, and what to do about it. */
export interface ImportProblem {
  /** What is wrong. */
  readonly message: string;
  /** What to do. */
  readonly hint: string;
}

/**
 * Judges one import by the table of floors: only downward, never sideways, from another folder only
 * its `mod.ts`. Files outside of `src/`, apart from the roof `mod.ts`, are free.
 *
 * @param file the importing file, relative to the repository
 */
export function judgeImport(file: string, specifier: string): ImportProblem | undefined {
  const isRoof = file === "mod.ts";
  if (!isRoof && !file.startsWith("src/")) return undefined;
  const folder = isRoof ? "mod.ts" : sourceFolder(file);
  if (folder === undefined || (!isRoof && FLOORS[folder] === undefined)) {
    return {
      message: `${file} stands on no floor.`,
      hint: "Files below src/ live in a folder that tools/lint/floors_table.ts gives a floor.",
    };
  }
  if (!/^\.{1,2}\//.test(specifier)) return judgePackage(folder, specifier);
  const target = resolveSpecifier(file, specifier);
  return isRoof ? judgeRoof(target) : judgeFolder(folder, target);
}

function judgePackage(folder: string, specifier: string): ImportProblem | undefined {
  if (specifier.startsWith("node:")) {
    return folder === HOST_FOLDER ? undefined : {
      message: `src/${folder} may not import "${specifier}".`,
      hint: "Only src/host (floor 5) touches the runtime; pass what you need in as an argument.",
    };
  }
  if (specifier === "@sterna/webrtc" || specifier.startsWith("@sterna/webrtc/")) {
    return {
      message: `The house does not import itself by name ("${specifier}").`,
      hint: "Use the relative path of the folder's mod.ts.",
    };
  }
  const allowed = PACKAGES[folder] ?? [];
  if (allowed.some((name) => specifier === name || specifier.startsWith(`${name}/`))) {
    return undefined;
  }
  return {
    message: `${folder === "mod.ts" ? "The roof" : `src/${folder}`} may not import "${specifier}".`,
    hint: allowed.length === 0
      ? "It has no dependencies; PACKAGES in tools/lint/floors_table.ts lists who has some."
      : `Its packages are ${allowed.join(", ")} (PACKAGES in tools/lint/floors_table.ts).`,
  };
}

function judgeRoof(target: string): ImportProblem | undefined {
  return /^src\/[^/]+\/mod\.ts$/.test(target) ? undefined : {
    message: `The roof may not import "${target}".`,
    hint: "mod.ts re-exports from the mod.ts of folders below src/ and does nothing else.",
  };
}

function judgeFolder(folder: string, target: string): ImportProblem | undefined {
  const other = sourceFolder(target);
  if (other === folder || (folder === HOST_FOLDER && target === WASM_ENTRY)) return undefined;
  const here = FLOORS[folder]!;
  const there = other === undefined ? undefined : FLOORS[other];
  if (other === undefined || there === undefined) {
    return {
      message: `src/${folder} (floor ${here}) may not import "${target}", outside of the floors.`,
      hint: "Nothing below src/ imports the roof, tools, tests or a folder without a floor.",
    };
  }
  if (there > here) {
    return {
      message: `src/${folder} (floor ${here}) may not import upward from src/${other} ` +
        `(floor ${there}).`,
      hint: "Move the shared part down, or let the upper floor pass it in.",
    };
  }
  if (there === here && !SIDEWAYS[folder]?.includes(other)) {
    return {
      message: `src/${folder} and src/${other} are strangers on floor ${here}.`,
      hint: "Wire them together on a higher floor, or move the shared part to a lower one.",
    };
  }
  if (target !== `src/${other}/mod.ts`) {
    return {
      message: `src/${folder} may not reach into src/${other} for "${target}".`,
      hint: `Import from src/${other}/mod.ts, and export there what is missing.`,
    };
  }
  return undefined;
}

/** `sterna/floors`: see {@linkcode judgeImport}. */
export const floors: Deno.lint.Rule = {
  create(context) {
    const file = repositoryPath(context.filename);
    return visitImports((node, specifier) => {
      const problem = judgeImport(file, specifier);
      if (problem !== undefined) context.report({ node, ...problem });
    });
  },
};
