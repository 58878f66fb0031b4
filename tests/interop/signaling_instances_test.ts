/**
 * Chromium, Firefox and Deno in one room that two instances share through a store, or that is a Durable
 * Object: all connect, and one instance is killed while they negotiate or talk.
 */
import assert from "node:assert/strict";
import { RTCPeerConnection } from "../../mod.ts";
import { packageMissing } from "../../tools/packages.ts";
import { test } from "../harness.ts";
import { natsMissing, startNats } from "../signaling_stores/nats_server.ts";
import { redisMissing, startRedis } from "../signaling_stores/redis_server.ts";
import { type Program, startProgram } from "../signaling_stores/spawn.ts";
import { buildWorker, startWorkerd } from "../signaling_stores/workerd.ts";
import { browserMissing, chromium, firefox, openBrowser } from "./peers/browser.ts";
import { Caller, type CallReport, type Release, type Stage } from "./signaling/caller.ts";
import { Front } from "./signaling/front.ts";
import { bundleCallPage, Meeting } from "./signaling/meeting.ts";

const INSTANCE = decodeURIComponent(
  new URL("../signaling_stores/instance.ts", import.meta.url).pathname,
);
/** Longest time without the server, milliseconds. */
const AWAY_MS = 2000;

const BROWSERS = [chromium, firefox];
const MEMBERS = ["chromium", "firefox", "deno"] as const;
type Name = typeof MEMBERS[number];

const page = await bundleCallPage();
const missing = (await Promise.all(BROWSERS.map(browserMissing))).find((reason) => reason);

/** Opens the page in both browsers and calls from Deno, each by an address of its own. */
async function call(
  url: (name: Name) => string,
  onStage: (stage: Stage) => Promise<Release>,
): Promise<Map<string, CallReport>> {
  const meeting = new Meeting(MEMBERS, page, onStage), name = "deno";
  const othersOf = (name: string): string[] => MEMBERS.filter((other) => other !== name);
  const closing: (() => Promise<void>)[] = [];
  try {
    await Promise.all(BROWSERS.map(async (browser) => {
      const name = browser.name as Name;
      const query = new URLSearchParams({ url: url(name), name, others: othersOf(name).join() });
      const open = await openBrowser(browser, `${meeting.url}?${query}`, { mdns: false });
      closing.push(() => open.close());
    }));
    const caller = new Caller({
      ...{ url: url(name), name, others: othersOf(name) },
      createConnection: () => new RTCPeerConnection(),
      arrive: (stage, arrival) => meeting.arrive(stage, name, arrival),
    });
    closing.push(() => caller.close());
    caller.run().catch((error) => meeting.fail(error));
    return await meeting.reports;
  } finally {
    for (const close of closing.reverse()) await close();
    await meeting.close();
  }
}

interface Store {
  readonly name: "redis" | "nats";
  readonly skip: string | undefined;
  start(): Promise<Program>;
}

/** Which instance each comes in by: the first or the second. */
type Seats = Readonly<Record<Name, 0 | 1>>;

/** Two instances on a store, with a front for each seat. */
async function withInstances(
  { name, start }: Store,
  body: (house: { fronts: Front[]; kill(seat: 0 | 1): Promise<void> }) => Promise<void>,
): Promise<void> {
  const store = await start(), closing = [() => store.close()];
  const launch = async (): Promise<Program> => {
    const args = ["run", "--allow-all", "--no-check", INSTANCE, name, String(store.port)];
    const instance = await startProgram(Deno.execPath(), (port) => [...args, String(port)]);
    closing.push(() => instance.close());
    return instance;
  };
  try {
    const instances = await Promise.all([launch(), launch()]);
    const living = new Set(instances);
    const fronts = instances.map((instance) =>
      new Front(() => (living.has(instance) ? instance : [...living][0]!).port)
    );
    for (const front of fronts) closing.push(() => front.close());
    const kill = async (seat: 0 | 1): Promise<void> => {
      living.delete(instances[seat]!);
      await instances[seat]!.kill();
    };
    await body({ fronts, kill });
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

/** Who is killed when: before a description could pass, or among numbers. */
type Moment = "negotiate" | "talk";

/** Does as told at the moment; answers who resumes then. */
function killAt(
  moment: Moment,
  front: Front,
  resumes: readonly string[],
  kill: () => Promise<void>,
): { onStage(stage: Stage): Promise<Release>; killed: Promise<void> } {
  const { promise: killed, resolve, reject } = Promise.withResolvers<void>();
  const killNow = (): Promise<void> => kill().then(resolve, reject);
  const onStage = async (stage: Stage): Promise<Release> => {
    if (stage !== (moment === "talk" ? "talking" : "seen")) return {};
    if (moment === "talk") await killNow();
    else front.cut(() => void killNow());
    return { resumes };
  };
  return { onStage, killed };
}

/** Those in `resumes` were away, once and not for long; nobody else was. */
function assertReports(
  reports: Map<string, CallReport>,
  moment: Moment,
  resumes: readonly string[],
  limitMs: number,
): void {
  for (const [name, { awayMs, heard, heardMeanwhile, openAtLoss }] of reports) {
    const times = awayMs.map(Math.round).join(", ");
    // Both others, over data channels and by way of the server.
    assert.equal(Object.keys(heard).length, 4);
    assert.equal(awayMs.length, resumes.includes(name) ? 1 : 0, `${name} was away: ${times}`);
    if (awayMs.length === 0) continue;
    assert.ok(awayMs[0]! < limitMs, `${name} was away for ${times} ms`);
    assert.equal(openAtLoss, moment === "talk" ? 2 : 0, `data channels of ${name}`);
    if (moment === "talk") assert.ok(heardMeanwhile > 0, `data channels of ${name} went on`);
  }
}

const STORES: Store[] = [
  { name: "redis", skip: redisMissing, start: startRedis },
  { name: "nats", skip: natsMissing, start: startNats },
];

function testKill(store: Store, moment: Moment, seats: Seats, seat: 0 | 1): void {
  const resumes = MEMBERS.filter((name) => seats[name] === seat);
  test(
    `${store.name}: Chromium, Firefox and Deno meet across instances; one is killed while they ` +
      `${moment}: ${resumes.join(" and ")} resume by the other, nothing is lost or doubled`,
    () =>
      withInstances(store, async ({ fronts, kill }) => {
        const { onStage, killed } = killAt(moment, fronts[seat]!, resumes, () => kill(seat));
        const url = (name: Name): string => `http://127.0.0.1:${fronts[seats[name]]!.port}/`;
        const reports = await call(url, onStage);
        await killed;
        assertReports(reports, moment, resumes, AWAY_MS);
      }),
    { skip: missing ?? store.skip },
  );
}

for (const store of STORES) {
  testKill(store, "talk", { chromium: 0, firefox: 1, deno: 0 }, 0);
  testKill(store, "negotiate", { chromium: 0, firefox: 1, deno: 1 }, 1);
}

const workerdMissing = missing ?? await packageMissing("workerd");
const worker = workerdMissing === undefined ? await buildWorker() : "";

for (const moment of ["talk", "negotiate"] as const) {
  test(
    "Chromium, Firefox and Deno meet in a Durable Object; it dies with its sockets while they " +
      `${moment}: all resume in the next one, nothing is lost or doubled`,
    async () => {
      const workerd = await startWorkerd(worker);
      let up: Promise<void> = Promise.resolve(), downMs = 0;
      // An edge holds a request until the object that it is for runs.
      const front = new Front(async () => {
        await up;
        return workerd.port;
      });
      const restart = async (): Promise<void> => {
        const start = performance.now();
        await (up = workerd.kill().then(() => workerd.start()));
        downMs = performance.now() - start;
      };
      try {
        const { onStage, killed } = killAt(moment, front, MEMBERS, restart);
        const reports = await call(() => `http://127.0.0.1:${front.port}/rtc`, onStage);
        await killed;
        assertReports(reports, moment, MEMBERS, AWAY_MS + downMs);
      } finally {
        await front.close();
        await workerd.close();
      }
    },
    { skip: workerdMissing },
  );
}
