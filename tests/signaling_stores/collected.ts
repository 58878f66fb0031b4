/** `node:test` for a Worker that runs its tests when it is asked to. */
type Body = () => void | Promise<void>;

const cases: { name: string; body: Body }[] = [];

/** The part of `node:test` that the harness uses. */
export function test(name: string, _options: object, body: Body): void {
  cases.push({ name, body });
}

/** Runs everything that was registered, one after the other. */
export async function runCollected(): Promise<{ name: string; error?: string }[]> {
  const results: { name: string; error?: string }[] = [];
  for (const { name, body } of cases) {
    try {
      await body();
      results.push({ name });
    } catch (error) {
      results.push({ name, error: String((error as Error).stack ?? error) });
    }
  }
  return results;
}
