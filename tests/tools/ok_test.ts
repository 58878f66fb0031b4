import assert from "node:assert/strict";
import { realComplaints } from "../../tools/ok/doc_lint.ts";
import { test } from "../harness.ts";

test("realComplaints forgives types of dependencies, and nothing else", async () => {
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(
    file,
    'import { Hono } from "hono";\nimport type { Secret } from "./secret.ts";\n',
  );
  const block = (type: string): string =>
    `error[private-type-ref]: public type 'Routes' references private type '${type}'\n` +
    `  --> ${file}:9:1\n   |\n 9 | export interface Routes\n   | ^\n`;
  const undocumented = `error[missing-jsdoc]: exported symbol is missing JSDoc\n --> ${file}:1:1\n`;
  const summary = "error: Found 1 documentation lint error.\n";
  assert.deepEqual(await realComplaints(`${block("Hono")}\n\n${summary}`), []);
  const rest = await realComplaints(
    [block("Hono"), block("Secret"), undocumented, summary].join("\n"),
  );
  assert.equal(rest.length, 2);
  assert.match(rest[0]!, /'Secret'/);
  assert.match(rest[1]!, /missing-jsdoc/);
  const broken = 'error: Module not found "file:///mod.ts".\n';
  assert.equal((await realComplaints(broken)).length, 1);
  await Deno.remove(file);
});
