/** `node:test` for pages: collects the tests and runs them one after the other. */
type Body = () => void | Promise<void>;

/** What became of one test. */
export interface CaseResult {
  readonly name: string;
  /** What was thrown. */
  readonly error?: string;
}

const cases: { readonly name: string; readonly skip: boolean; readonly body: Body }[] = [];

/** The part of `node:test` that the harness uses. */
export function test(name: string, options: { skip?: boolean }, body: Body): void {
  cases.push({ name, skip: options.skip ?? false, body });
}

/** Runs everything that was registered, letting the page breathe in between. */
export async function runAll(): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const { name, skip, body } of cases) {
    if (skip) continue;
    try {
      await body();
      results.push({ name });
    } catch (error) {
      const text = error instanceof Error
        ? `${error.message}\n${error.stack ?? ""}`
        : String(error);
      results.push({ name, error: text });
    }
    await new Promise((resolve) => setTimeout(resolve));
  }
  return results;
}
