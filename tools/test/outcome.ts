/** What a suite came to. */
export interface Outcome {
  /** Tests that passed. */
  readonly passed: number;
  /** Tests that failed, and one for a run that broke down as a whole. */
  readonly failed: number;
  /** Tests that could not run here. */
  readonly skipped: number;
  /** What to show when something failed, or why something was skipped. */
  readonly details: string;
}

/** No tests at all. */
export const NOTHING: Outcome = { passed: 0, failed: 0, skipped: 0, details: "" };

/** Adds two outcomes. */
export function addOutcomes(a: Outcome, b: Outcome): Outcome {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
    details: [a.details, b.details].filter((text) => text !== "").join("\n"),
  };
}

/** A run that failed as a whole: it counts as one failed test. */
export function brokenOutcome(details: string): Outcome {
  return { ...NOTHING, failed: 1, details };
}

/**
 * Counts the test cases of a JUnit report, the one format that the test runners of Deno, Node and
 * Bun all write.
 */
export function countJunit(xml: string): Outcome {
  let passed = 0, failed = 0, skipped = 0;
  const reasons: string[] = [];
  for (
    const found of xml.matchAll(/<testcase\b((?:[^>"]|"[^"]*")*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g)
  ) {
    const inner = found[2] ?? "";
    if (/<(failure|error)\b/.test(inner)) failed++;
    else if (/<skipped\b/.test(inner)) {
      skipped++;
      reasons.push(unescapeXml(/\bname="([^"]*)"/.exec(found[1] ?? "")?.[1] ?? ""));
    } else passed++;
  }
  return { passed, failed, skipped, details: reasons.map((name) => `skipped: ${name}`).join("\n") };
}

function unescapeXml(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'").replaceAll("&amp;", "&");
}
