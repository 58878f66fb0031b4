import { Link } from "./link.ts";
import type { Peer } from "./peer.ts";
import { channelScenarios } from "./scenarios/channels.ts";
import {
  connectionScenarios,
  offeredMediaScenario,
  renegotiationScenarios,
} from "./scenarios/connections.ts";
import { exchange } from "./scenarios/exchange.ts";
import { messageScenarios } from "./scenarios/messages.ts";
import type { LinkScenario, Pairing, PairScenario } from "./scenarios/scenario.ts";

const linkScenarios: readonly LinkScenario[] = [
  ...messageScenarios,
  ...channelScenarios,
  ...renegotiationScenarios,
];

/** The scenarios, each reported as it ends; throws at the end when any failed. */
class Run {
  readonly #pairing: Pairing;
  readonly #only: RegExp;
  readonly #failures: Error[] = [];

  constructor(pairing: Pairing, only: RegExp) {
    this.#pairing = pairing;
    this.#only = only;
  }

  async step(name: string, body: () => Promise<void>): Promise<boolean> {
    const { a, b, foreign } = this.#pairing;
    const title = `${a.name} → ${b.name}: ${name}`;
    const side = foreign === a ? "offerer" : "answerer";
    const reason = foreign.traits.cannot?.[name] ?? foreign.traits.cannot?.[`${name} [${side}]`];
    if (reason !== undefined) {
      console.log(`${title} … skipped: ${reason}`);
      return false;
    }
    if (!this.#only.test(name)) return false;
    const start = performance.now();
    try {
      await body();
      console.log(`${title} … passed (${Math.round(performance.now() - start)} ms)`);
      return true;
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      console.log(`${title} … FAILED: ${failure.message}`);
      this.#failures.push(new Error(`${title}: ${failure.message}`, { cause: failure }));
      return false;
    }
  }

  finish(): void {
    const [first] = this.#failures;
    if (first === undefined) return;
    const names = this.#failures.map(({ message }) => message).join("\n");
    throw new Error(`${this.#failures.length} scenarios failed\n${names}`, { cause: first.cause });
  }
}

/** Runs every scenario that two stacks can do; `a` offers. Throws when one of them failed. */
export async function runMatrix(
  a: Peer,
  b: Peer,
  foreign: Peer,
  only: RegExp = /./,
): Promise<void> {
  const pairing: Pairing = { a, b, foreign };
  const run = new Run(pairing, only);
  for (const quirk of quirksOf(foreign)) console.log(`${foreign.name} ${quirk}`);
  let link: Link | undefined;
  await run.step("connection with trickled candidates", async () => {
    const connected = await Link.connect(a, b);
    link = connected.link;
    await exchange(connected.channel, [{ text: "connected" }]);
  });
  // The others would only wait in vain.
  if (link === undefined) return run.finish();
  for (const scenario of linkScenarios) {
    await run.step(scenario.name, async () => {
      const used = link!;
      await scenario.run(used, pairing);
      if (used.errors.length > 0) throw used.errors.splice(0)[0];
    });
  }
  await link.close();
  await runPairScenarios(run, pairing);
  run.finish();
}

function quirksOf({ traits }: Peer): string[] {
  const { sendsNoEmpty, opensAscii, opensOrdered, misreportsKind } = traits;
  return [sendsNoEmpty, opensAscii, opensOrdered, misreportsKind].filter((quirk) =>
    quirk !== undefined
  );
}

async function runPairScenarios(run: Run, pairing: Pairing): Promise<void> {
  const offersMedia = pairing.foreign === pairing.a;
  const scenarios: PairScenario[] = [...connectionScenarios];
  if (offersMedia) scenarios.push(offeredMediaScenario);
  for (const scenario of scenarios) await run.step(scenario.name, () => scenario.run(pairing));
}
