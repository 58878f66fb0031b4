/**
 * `node:test` for workerd, which has none: collects the tests and runs them one after the other,
 * because a worker may start nothing while its modules load.
 */
type Body = () => void | Promise<void>;

interface Case {
  readonly name: string;
  readonly skip: boolean;
  readonly body: Body;
}

const cases: Case[] = [];

/** The part of `node:test` that the harness uses. */
export function test(name: string, options: { skip?: boolean }, body: Body): void {
  cases.push({ name, skip: options.skip ?? false, body });
}

/** Runs everything that was registered and prints one line each; throws when one failed. */
export async function runAll(): Promise<void> {
  let failed = 0;
  for (const { name, skip, body } of cases) {
    if (skip) {
      console.log(`(skip) ${name}`);
      continue;
    }
    try {
      await body();
      console.log(`(pass) ${name}`);
    } catch (error) {
      failed++;
      console.log(`(fail) ${name}\n${error instanceof Error ? error.stack : String(error)}`);
    }
  }
  console.log(`(done) ${cases.length}`);
  if (failed > 0) throw new Error(`${failed} failed`);
}
