import assert from "node:assert/strict";
import process from "node:process";
import { randomU32, seededEntropy } from "../../src/base/mod.ts";
import { test } from "../harness.ts";
import { Member } from "./member.ts";
import { natsMissing, startNats } from "./nats_server.ts";
import { redisMissing, startRedis } from "./redis_server.ts";
import { type Program, startProgram } from "./spawn.ts";

const INSTANCE = new URL("instance.ts", import.meta.url).pathname;
/** Messages a member has on the way at most. */
const WINDOW = 64;

/** Two instances in processes of their own, on one store. */
class House {
  readonly store: Program;
  readonly instances: Program[] = [];
  /** Those that answer. */
  readonly up: Program[] = [];
  readonly members: Member[] = [];

  constructor(store: Program) {
    this.store = store;
  }

  async launch(name: string): Promise<void> {
    const args = ["run", "--allow-all", "--no-check", INSTANCE, name, String(this.store.port)];
    const instance = await startProgram(Deno.execPath(), (port) => [...args, String(port)]);
    this.instances.push(instance);
    this.up.push(instance);
  }

  url(instance: Program | undefined): string {
    return `ws://127.0.0.1:${instance?.port ?? 1}/ws`;
  }

  async join(name: string, url: () => string): Promise<Member> {
    const member = new Member({ url, room: "house", name });
    this.members.push(member);
    await member.until(() => member.isIn, "joins");
    return member;
  }

  async kill(instance: Program): Promise<void> {
    this.up.splice(this.up.indexOf(instance), 1);
    await instance.kill();
  }

  async close(): Promise<void> {
    for (const member of this.members) await member.leave();
    for (const instance of this.instances) await instance.close();
    await this.store.close();
  }
}

function instancesSuite(
  name: "redis" | "nats",
  start: () => Promise<Program>,
  skip: string | undefined,
): void {
  const withHouse = (body: (house: House) => Promise<void>) => async (): Promise<void> => {
    const house = new House(await start());
    try {
      await Promise.all([house.launch(name), house.launch(name)]);
      await body(house);
    } finally {
      await house.close();
    }
  };

  test(
    `${name}: an instance killed among 10^4 messages and drops: all resume within 2 s, none is lost or doubled`,
    withHouse(async (house) => {
      const seed = Number(process.env["STERNA_SEED"] ?? 1);
      const total = Number(process.env["STERNA_STORM"] ?? 10_000);
      const entropy = seededEntropy(seed);
      const random = (below: number): number => randomU32(entropy) % below;
      const anyUp = (): string => house.url(house.up[random(house.up.length)]);
      const members: Member[] = [];
      for (const each of ["a", "b", "c", "d"]) members.push(await house.join(each, anyUp));
      const ghost = await house.join("ghost", () => house.url(house.instances[0]));
      const ghostId = ghost.self;
      for (let said = 0; said < total; said++) {
        const index = random(4), member = members[index]!;
        await member.until(() => member.backlog < WINDOW, `goes on (seed ${seed})`);
        if (said % 10 === 9) member.offer(members[(index + 1 + random(3)) % 4]!.self);
        else member.say();
        if (random(total / 40) === 0) members[random(4)]!.drop();
        if (said === total >> 1) {
          // In the middle of everything; whoever was there has to go elsewhere.
          const gone = ghost.leave();
          await house.kill(house.instances[0]!);
          await gone;
        }
      }
      for (const member of members) {
        const others = members.filter((other) => other !== member);
        const hasAll = (): boolean =>
          others.every((other) =>
            (member.heard.get(other.self) ?? 0) === other.said &&
            (member.offers.get(other.self) ?? 0) === (other.offered.get(member.self) ?? 0)
          );
        await member.until(hasAll, `hears everything (seed ${seed})`);
        assert.deepEqual(member.errors, [], "no session was lost");
        assert.ok(member.longestGapMs < 2000, `away for ${member.longestGapMs} ms`);
        const sawGhostGo = (): boolean =>
          member.told.some((each) => each.type === "peer-left" && each.id === ghostId);
        await member.until(sawGhostGo, "sees that the ghost is gone");
      }
      assert.ok(members.some(({ resumed }) => resumed > 0));
    }),
    { skip },
  );

  test(
    `${name}: when the server of the store is killed and comes back, rooms and messages are there`,
    withHouse(async (house) => {
      const [one, two] = house.instances;
      const alice = await house.join("alice", () => house.url(one));
      const bob = await house.join("bob", () => house.url(two));
      const { epoch } = alice.joined;
      for (let i = 0; i < 50; i++) alice.say();
      await bob.until(() => bob.heard.get(alice.self) === 50, "hears the first 50");
      await house.store.kill();
      for (let i = 0; i < 50; i++) alice.say();
      for (let i = 0; i < 50; i++) bob.say();
      await house.store.start();
      await bob.until(() => bob.heard.get(alice.self) === 100, "hears the others");
      await alice.until(() => alice.heard.get(bob.self) === 50, "hears Bob");
      const carol = await house.join("carol", () => house.url(two));
      assert.equal(carol.joined.epoch, epoch, "the room is the same");
    }),
    { skip },
  );
}

instancesSuite("redis", startRedis, redisMissing);
instancesSuite("nats", startNats, natsMissing);
