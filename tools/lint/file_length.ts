import { LONG_FILES, MAX_LINES } from "./floors_table.ts";
import { repositoryPath } from "./paths.ts";

/** `sterna/file-length`: a source file past {@linkcode MAX_LINES} lines is usually two. */
export const fileLength: Deno.lint.Rule = {
  create(context) {
    const file = repositoryPath(context.filename);
    if (!/^(src|tools)\//.test(file) || file in LONG_FILES) return {};
    return {
      Program(node) {
        const lines = context.sourceCode.text.trimEnd().split("\n").length;
        if (lines <= MAX_LINES) return;
        context.report({
          node,
          message: `${file} has ${lines} lines; ${MAX_LINES} is where a file is usually two.`,
          hint: "Split it, or give the reason in LONG_FILES of tools/lint/floors_table.ts.",
        });
      },
    };
  },
};
