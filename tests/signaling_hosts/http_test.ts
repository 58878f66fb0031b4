import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { sign } from "hono/jwt";
import {
  type JoinedMessage,
  type ServerMessage,
  signaling,
  type SignalingOptions,
} from "../../src/signaling/mod.ts";
import { test } from "../harness.ts";
import { withServer } from "./with_server.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
const KEYS = [{ algorithm: "HS256", secret: SECRET }] as const;

async function token(claims: Record<string, unknown> = {}): Promise<string> {
  const exp = Math.floor(Date.now() / 1000) + 60;
  return await sign({ exp, sub: "ann", rooms: [{ room: "r" }], ...claims }, SECRET, "HS256");
}

/** A stream of server-sent events, read as a client would. */
class Stream {
  readonly #reader: ReadableStreamDefaultReader<string>;
  #text = "";
  /** The last event's id. */
  lastId = "";

  private constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.pipeThrough(new TextDecoderStream() as never).getReader() as never;
  }

  static async open(
    base: string,
    join: Record<string, unknown>,
    headers: Record<string, string> = {},
  ): Promise<Stream> {
    const body = JSON.stringify({ type: "join", version: 2, ...join });
    const response = await fetch(`http:${base}/events`, { method: "POST", body, headers });
    assert.equal(response.status, 200);
    assert.match(response.headers.get("content-type") ?? "", /^text\/event-stream/);
    return new Stream(response.body!);
  }

  /** The next event; `undefined` at the end. */
  async event(): Promise<{ name: string; data: unknown } | undefined> {
    while (!this.#text.includes("\n\n")) {
      const { done, value } = await this.#reader.read();
      if (done) return undefined;
      this.#text += value;
    }
    const end = this.#text.indexOf("\n\n");
    const lines = this.#text.slice(0, end).split("\n");
    this.#text = this.#text.slice(end + 2);
    const field = (name: string): string | undefined =>
      lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
    this.lastId = field("id") ?? this.lastId;
    return { name: field("event") ?? "message", data: JSON.parse(field("data") ?? "null") };
  }

  /** The next message of a type; those before it are passed over. */
  async next<Type extends ServerMessage["type"]>(
    type: Type,
  ): Promise<ServerMessage & { type: Type }> {
    for (;;) {
      const event = await this.event();
      assert.ok(event !== undefined, `the stream ended before ${type}`);
      const message = event.data as ServerMessage;
      if (message.type === type) return message as ServerMessage & { type: Type };
    }
  }

  async close(): Promise<void> {
    await this.#reader.cancel();
  }
}

async function post(
  base: string,
  { self: session, secret, room }: JoinedMessage,
  ...messages: unknown[]
): Promise<{ status: number; answers: ServerMessage[] }> {
  const act = { type: "act", room, session, secret };
  const body = [act, ...messages].map((message) => JSON.stringify(message)).join("\n");
  const response = await fetch(`http:${base}/messages`, { method: "POST", body });
  return { status: response.status, answers: await response.json() };
}

test("Without WebSockets a client hears by server-sent events and speaks by POST", async () => {
  await withServer({}, async (base) => {
    const alice = await Stream.open(base, { room: "r", name: "Alice" });
    const bob = await Stream.open(base, { room: "r" });
    const [a, b] = [await alice.next("joined"), await bob.next("joined")];
    assert.deepEqual(b.peers.map(({ id }) => id), [a.self]);
    const said = await post(base, a, { type: "data", seq: 1, data: "ü€" }, {
      type: "candidate",
      seq: 2,
      to: b.self,
      candidate: null,
    });
    assert.equal(said.status, 200);
    assert.equal((said.answers.at(-1) as { seq?: number }).seq, 2);
    assert.equal((await bob.next("data")).data, "ü€");
    const { position } = await bob.next("candidate");
    assert.equal(bob.lastId, String(position));
    // Said again because the answer might have been lost: taken once.
    await post(base, a, { type: "data", seq: 2, data: "again" }, { type: "data", seq: 3, data: 3 });
    assert.equal((await bob.next("data")).data, 3);
    await post(base, a, { type: "leave" });
    assert.equal((await bob.next("peer-left")).reason, "left");
    await bob.close();
    await alice.close();
  });
});

test("A stream resumes from Last-Event-ID without loss (WHATWG HTML §9.2.4)", async () => {
  await withServer({}, async (base) => {
    const alice = await Stream.open(base, { room: "r" });
    const bob = await Stream.open(base, { room: "r" });
    const [a, b] = [await alice.next("joined"), await bob.next("joined")];
    await post(base, a, { type: "data", seq: 1, data: 1 });
    await bob.next("data");
    await bob.close();
    await post(base, a, { type: "data", seq: 2, data: 2 }, { type: "data", seq: 3, data: 3 });
    const { self: session, secret, epoch } = b;
    const resume = { session, secret, epoch, position: 0 };
    const back = await Stream.open(base, { room: "r", resume }, { "last-event-id": bob.lastId });
    assert.equal((await back.next("resumed")).self, b.self);
    assert.equal((await back.next("data")).data, 2);
    assert.equal((await back.next("data")).data, 3);
    await back.close();
    await alice.close();
  });
});

test("A stream that is refused says why and ends; so do POSTs of strangers", async () => {
  await withServer({ tokens: { keys: KEYS } }, async (base) => {
    const refused = await Stream.open(base, { room: "r" });
    assert.equal((await refused.next("error")).code, "unauthorized");
    const close = await refused.event();
    assert.deepEqual(close, { name: "close", data: { code: 4001, reason: "unauthorized" } });
    assert.equal(await refused.event(), undefined);
    const forged = { room: "r", self: "0".repeat(16), secret: "0".repeat(32) } as JoinedMessage;
    const { status, answers } = await post(base, forged, { type: "data", seq: 1, data: 1 });
    assert.equal(status, 404);
    assert.equal((answers[0] as { code?: string }).code, "unknown-session");
    const empty = await fetch(`http:${base}/messages`, { method: "POST", body: "" });
    assert.equal(empty.status, 400);
    await empty.body?.cancel();
    const long = await fetch(`http:${base}/events`, { method: "POST", body: "x".repeat(200_000) });
    assert.equal(long.status, 413);
    await long.body?.cancel();
  });
});

test("Rooms are created, inspected and closed by holders of an admin grant alone", async () => {
  await withServer({ tokens: { keys: KEYS }, createOnJoin: false }, async (base) => {
    const admin = await token({ rooms: [{ room: "team-*", admin: true }] });
    const ask = async (
      method: string,
      path: string,
      bearer: string | undefined,
      body?: unknown,
    ): Promise<
      { status: number; answer: Record<string, unknown> & { error?: { code: string } } }
    > => {
      const response = await fetch(`http:${base}${path}`, {
        method,
        headers: bearer === undefined ? {} : { authorization: `Bearer ${bearer}` },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return { status: response.status, answer: await response.json() };
    };
    const join = { room: "team-1", token: await token({ rooms: [{ room: "team-1" }] }) };
    const early = await Stream.open(base, join);
    assert.equal((await early.next("error")).code, "unknown-room");
    await early.close();

    const room = { room: "team-1", metadata: { topic: "x" }, members: 1, emptyMs: 60_000 };
    const { status, answer } = await ask("POST", "/rooms", admin, room);
    assert.equal(status, 200);
    assert.deepEqual([answer.metadata, answer.members, answer.peers], [{ topic: "x" }, 1, []]);
    const member = await Stream.open(base, join);
    const joined = await member.next("joined");
    assert.deepEqual(joined.metadata, { topic: "x" });
    const second = await Stream.open(base, join);
    assert.equal((await second.next("error")).code, "room-full");
    await second.close();
    const inspected = await ask("GET", "/rooms/team-1", admin);
    assert.deepEqual((inspected.answer.peers as { id: string }[]).map(({ id }) => id), [
      joined.self,
    ]);
    // Whether a room exists is nobody's business.
    for (const path of ["/rooms/team-1", "/rooms/team-none"]) {
      const others = [await token(), await token({ rooms: [{ room: "team-*" }] }), undefined];
      for (const bearer of others) {
        const { status, answer } = await ask("GET", path, bearer);
        assert.equal(status, bearer === undefined ? 401 : 403);
        assert.ok(answer.error?.code === "room-forbidden" || answer.error?.code === "unauthorized");
      }
    }
    assert.equal((await ask("GET", "/rooms/team-none", admin)).status, 404);
    assert.equal((await ask("POST", "/rooms", admin, { room: "a b" })).status, 400);
    assert.equal((await ask("DELETE", "/rooms/team-1", admin)).status, 200);
    const end = await member.event();
    assert.deepEqual(end, { name: "close", data: { code: 4014, reason: "room-closed" } });
    assert.equal((await ask("GET", "/rooms/team-1", admin)).status, 404);
  });
});

test("TURN credentials are made as draft-uberti-behave-turn-rest §2.2 says, with the secret in force", async () => {
  const turn = {
    urls: ["turn:turn.example:3478?transport=udp"],
    secret: [
      { secret: "old", notBefore: 0 },
      { secret: "new", notBefore: 1000 },
      { secret: "future", notBefore: Date.now() + 1e9 },
    ],
    ttlSeconds: 600,
  };
  const app = signaling({ tokens: { keys: KEYS }, turn });
  assert.equal((await app.request("/turn")).status, 401);
  const headers = { authorization: `Bearer ${await token({ sub: "a:b" })}` };
  const response = await app.request("/turn", { headers });
  assert.equal(response.headers.get("cache-control"), "no-store");
  const { username, password, ttl, uris, iceServers } = await response.json();
  const [end, user] = username.split(":");
  assert.ok(Math.abs(Number(end) - Date.now() / 1000 - 600) < 5);
  assert.equal(user, "a_b");
  assert.equal(password, createHmac("sha1", "new").update(username).digest("base64"));
  assert.equal(ttl, 600);
  assert.deepEqual(uris, turn.urls);
  assert.deepEqual(iceServers, [{ urls: turn.urls, username, credential: password }]);
  const open = signaling({ turn: { ...turn, secret: "s" } });
  assert.equal((await open.request("/turn")).status, 200);
  assert.equal((await signaling().request("/turn")).status, 404);
});

test("The documents name every route and message, and where they are mounted", async () => {
  await withServer({ turn: { urls: ["turn:x"], secret: "s" } }, async (base) => {
    const openapi = await (await fetch(`http:${base}/openapi.json`)).json();
    assert.equal(openapi.openapi, "3.1.0");
    assert.equal(openapi.servers[0].url, "/rtc");
    for (const path of ["/ws", "/events", "/messages", "/rooms", "/rooms/{room}", "/turn"]) {
      assert.ok(path in openapi.paths, path);
    }
    const asyncapi = await (await fetch(`http:${base}/asyncapi.json`)).json();
    assert.equal(asyncapi.asyncapi, "3.0.0");
    const { toServer, toClient } = asyncapi.channels;
    assert.equal(toServer.address, "/rtc/ws");
    assert.ok(toServer.messages.join.payload.properties.room.pattern);
    assert.deepEqual(Object.keys(toClient.messages).includes("resumed"), true);
    const metrics = await (await fetch(`http:${base}/metrics`)).text();
    assert.match(metrics, /^# HELP sterna_signaling_connections /);
    assert.match(metrics, /^sterna_signaling_connections 0$/m);
  });
});

test("CORS lets allowed pages read answers and nobody else (Fetch §3.2)", async () => {
  const options: SignalingOptions = { origins: ["https://app.example"] };
  const app = signaling(options);
  for (const path of ["/events", "/messages", "/rooms", "/ws"]) {
    const preflight = await app.request(path, {
      method: "OPTIONS",
      headers: { origin: "https://app.example", "access-control-request-method": "POST" },
    });
    assert.equal(preflight.status, 204, path);
    assert.equal(preflight.headers.get("access-control-allow-origin"), "https://app.example");
    const foreign = await app.request(path, {
      method: "POST",
      headers: { origin: "https://evil.example" },
    });
    assert.equal(foreign.status, 403, path);
    assert.equal(foreign.headers.get("access-control-allow-origin"), null);
  }
});

test("A draining instance says so, asks its clients to go, and closes those who stay", async () => {
  const app = signaling({ limits: { resumeMs: 1000 } });
  const answers: string[] = [];
  let closed: { code: number; reason: string } | undefined;
  const handlers = app.board.attach();
  handlers.open({
    send: (text) => answers.push(text) > 0,
    close: (code, reason) => closed = { code, reason },
    bufferedAmount: () => 0,
  });
  handlers.message(JSON.stringify({ type: "join", version: 2, room: "r" }));
  assert.equal((await app.request("/readyz")).status, 200);
  const drained = app.drain(20);
  assert.equal((await app.request("/readyz")).status, 503);
  assert.deepEqual(JSON.parse(answers.at(-1)!), { type: "reconnect", withinMs: 20 });
  const refused = await app.request("/ws", { headers: { upgrade: "websocket" } });
  assert.equal((await refused.json()).error.code, "draining");
  await drained;
  assert.deepEqual(closed, { code: 4017, reason: "draining" });
  app.close();
});
