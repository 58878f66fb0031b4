/** What every deployment must do: one behaviour, asked of each from outside. */
import { sign } from "hono/jwt";
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { RawClient } from "./raw_client.ts";

/** The environment that {@linkcode smoke} expects a server to have. */
export const SMOKE_ENV: Readonly<Record<string, string>> = {
  JWT_SECRET: "a secret of the check, of 32 bytes or more",
  ORIGINS: "https://app.example",
  TURN_URLS: "turn:turn.example:3478,turns:turn.example:5349",
  TURN_SECRET: "shared with the TURN server",
};

const ROOM = "check";

async function tokenFor(user: string, secret = SMOKE_ENV.JWT_SECRET!): Promise<string> {
  const exp = Math.floor(Date.now() / 1000) + 60;
  return await sign({ exp, sub: user, rooms: [{ room: ROOM }] }, secret, "HS256");
}

/** Steps with the names under which they fail. */
export const smokeSteps:
  readonly (readonly [name: string, run: (base: string) => Promise<void>])[] = [
    ["tells its health, whether it is ready, and its metrics", health],
    ["lets nobody in without a good token", tokens],
    ["keeps pages of other origins out", origins],
    ["lets two clients meet and exchange, and one resume after a lost connection", meeting],
    ["makes TURN credentials for holders of a token", turn],
  ];

/** Runs every step against `//host:port/rtc`. */
export async function smoke(base: string): Promise<void> {
  for (const [name, run] of smokeSteps) {
    await run(base).catch((error: Error) => {
      throw new Error(`${name}: ${error.message}`, { cause: error });
    });
  }
}

async function health(base: string): Promise<void> {
  for (const path of ["healthz", "readyz"]) {
    const response = await fetch(`http:${base}/${path}`);
    assert.equal(response.status, 200);
    assert.equal((await response.json()).status, "ok");
  }
  const metrics = await fetch(`http:${base}/metrics`);
  assert.match(await metrics.text(), /^# HELP /m);
  const openApi = await fetch(`http:${base}/openapi.json`);
  assert.match((await openApi.json()).openapi, /^3\.1/);
}

async function tokens(base: string): Promise<void> {
  const nobody = new RawClient(base, ROOM);
  await nobody.next("welcome");
  nobody.send({ type: "join", version: 2, room: ROOM, name: "Nobody" });
  assert.equal((await nobody.next("error")).code, "unauthorized");
  await nobody.close();
  const forged = await tokenFor("mallory", "another secret, which has 32 bytes, too");
  const liar = new RawClient(base, ROOM, forged);
  await assert.rejects(liar.next("welcome"));
  await liar.close();
  const stranger = new RawClient(base, "another", await tokenFor("ann"));
  await stranger.next("welcome");
  stranger.send({ type: "join", version: 2, room: "another", name: "Ann" });
  assert.equal((await stranger.next("error")).code, "room-forbidden");
  await stranger.close();
}

async function origins(base: string): Promise<void> {
  for (const [origin, status] of [["https://app.example", 200], ["https://evil.example", 403]]) {
    const headers = {
      origin: origin as string,
      authorization: `Bearer ${await tokenFor("ann")}`,
    };
    const response = await fetch(`http:${base}/turn`, { headers });
    await response.body?.cancel();
    assert.equal(response.status, status, `${origin}`);
  }
}

async function meeting(base: string): Promise<void> {
  const ann = new RawClient(base, ROOM, await tokenFor("ann"));
  await ann.next("welcome");
  ann.send({ type: "join", version: 2, room: ROOM, name: "Ann", kind: "browser" });
  const first = await ann.next("joined");

  const ben = new RawClient(base, ROOM, await tokenFor("ben"));
  await ben.next("welcome");
  ben.send({ type: "join", version: 2, room: ROOM, name: "Ben", kind: "browser" });
  const second = await ben.next("joined");
  assert.deepEqual(second.peers.map(({ name, user }) => ({ name, user })), [
    { name: "Ann", user: "ann" },
  ]);
  assert.equal((await ann.next("peer-joined")).peer.id, second.self);

  ann.send({ type: "data", seq: 1, to: second.self, data: { text: "Hello?" } });
  const hello = await ben.next("data");
  assert.deepEqual([hello.from, hello.data], [first.self, { text: "Hello?" }]);

  await ben.drop();
  assert.equal((await ann.next("peer-updated")).peer.connected, false);
  ann.send({ type: "data", seq: 2, to: second.self, data: "meanwhile" });

  const again = new RawClient(base, ROOM, await tokenFor("ben"));
  await again.next("welcome");
  const { self: session, secret, epoch } = second;
  const resume = { session, secret, epoch, position: hello.position };
  again.send({ type: "join", version: 2, room: ROOM, name: "Ben", kind: "browser", resume });
  assert.equal((await again.next("resumed")).self, session);
  assert.equal((await again.next("data")).data, "meanwhile");
  again.send({ type: "data", seq: 1, data: "back again" });
  assert.equal((await ann.next("data")).data, "back again");

  again.send({ type: "leave" });
  await again.next("left");
  assert.equal((await ann.next("peer-left")).id, session);
  await Promise.all([ann.close(), again.close()]);
}

async function turn(base: string): Promise<void> {
  const refused = await fetch(`http:${base}/turn`);
  await refused.body?.cancel();
  assert.equal(refused.status, 401);
  const response = await fetch(`http:${base}/turn`, {
    headers: { authorization: `Bearer ${await tokenFor("ann")}` },
  });
  const { username, password, uris } = await response.json();
  assert.match(username, /^\d+:ann$/);
  const mac = createHmac("sha1", SMOKE_ENV.TURN_SECRET!).update(username).digest("base64");
  assert.equal(password, mac);
  assert.deepEqual(uris, SMOKE_ENV.TURN_URLS!.split(","));
}
