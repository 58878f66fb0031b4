import assert from "node:assert/strict";
import { findExamples } from "../../tools/test/docs.ts";
import { countJunit } from "../../tools/test/outcome.ts";
import { runProcess } from "../../tools/test/process.ts";
import { test } from "../harness.ts";

const reports: [runner: string, xml: string][] = [
  [
    "Deno",
    `<testsuite name="./a_test.ts" tests="3" disabled="1" errors="0" failures="1">
      <testcase name="good" classname="./a.ts" time="0.016" line="1" col="6">
      </testcase>
      <testcase name="bad -> &quot;a&quot;" classname="./a.ts" time="0.001">
        <failure message="x > y">Leaks detected</failure>
      </testcase>
      <testcase name="tired (skipped: no &lt;browser&gt;)" classname="./a.ts" time="0.000">
        <skipped/>
      </testcase>
    </testsuite>`,
  ],
  [
    "Node",
    `<testsuites>
      <testcase name="good" time="0.001033" classname="test"/>
      <testcase name="tired (skipped: no &lt;browser>)" time="0.000100" classname="test">
        <skipped type="skipped" message="true"/>
      </testcase>
      <testcase name="bad -> more" time="0.000277" classname="test" failure="a > b">
        <failure type="testCodeFailure" message="x">[Error]</failure>
      </testcase>
    </testsuites>`,
  ],
  [
    "Bun",
    `<testsuite name="a" file="a" tests="3" assertions="0" failures="1" skipped="1">
      <testcase name="good" classname="" time="0.001285" file="a" line="1" assertions="0" />
      <testcase name="tired (skipped: no &lt;browser&gt;)" classname="" time="0" file="a">
        <skipped />
      </testcase>
      <testcase name="bad" classname="" time="0.000193" file="a" line="1" assertions="0">
        <failure type="Error" message="x">Error: x&#10;</failure>
      </testcase>
    </testsuite>`,
  ],
];

for (const [runner, xml] of reports) {
  test(`countJunit reads what ${runner} writes, and names what was skipped`, () => {
    assert.deepEqual(countJunit(xml), {
      passed: 1,
      failed: 1,
      skipped: 1,
      details: "skipped: tired (skipped: no <browser>)",
    });
  });
}

test("countJunit finds nothing in an empty or broken report", () => {
  assert.equal(countJunit("").passed, 0);
  assert.equal(countJunit("<testsuites><testcase").failed, 0);
});

test("findExamples takes ts blocks of docstrings and documents, and leaves others alone", () => {
  const docstring = [
    "/**",
    " * @example",
    " * ```ts",
    " * const a = 1; /* *\\/",
    " * ```",
    " * ```ts ignore",
    " * nonsense(",
    " * ```",
    " */",
  ].join("\n");
  assert.deepEqual(findExamples("src/a.ts", docstring), [
    { file: "src/a.ts", line: 3, source: "const a = 1; /* */" },
  ]);
  const document = "Text\n```sh\ndeno task ok\n```\n```ts\nlet b;\n```\n";
  assert.deepEqual(findExamples("README.md", document), [
    { file: "README.md", line: 5, source: "let b;" },
  ]);
});

test("runProcess kills what hangs, together with everything that it started", async () => {
  // The grandchild holds the output open: that this ends at all shows that it is gone.
  const args = ["-c", "(sleep 600; echo late) & echo early; sleep 600"];
  const result = await runProcess({ command: "sh", args, limitMs: 300 });
  assert.deepEqual(result, { code: 137, timedOut: true, output: "early" });
});

test("runProcess ends what outlives its parent, and reports code and lines", async () => {
  const lines: string[] = [];
  const result = await runProcess({
    command: "sh",
    args: ["-c", "sleep 600 & printf 'one\\ntwo'; exit 3"],
    limitMs: 60_000,
    onLine: (line) => lines.push(line),
  });
  assert.deepEqual(result, { code: 3, timedOut: false, output: "one\ntwo" });
  assert.deepEqual(lines, ["one", "two"]);
});
