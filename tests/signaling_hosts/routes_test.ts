import assert from "node:assert/strict";
import { type ServerMessage, signaling } from "../../src/signaling/mod.ts";
import { test } from "../harness.ts";
import { webSocketClass } from "./serve.ts";
import { withServer } from "./with_server.ts";

const WebSocketClass = await webSocketClass();

/** A raw client: what came, in order, to be awaited. */
class Client {
  readonly socket: WebSocket;
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #messages: ServerMessage[] = [];
  #wake: () => void = () => {};

  constructor(url: string, options: { pong: boolean } = { pong: true }) {
    this.socket = new WebSocketClass(url);
    this.socket.addEventListener("message", ({ data }) => {
      const message = JSON.parse(String(data)) as ServerMessage;
      if (message.type === "ping" && options.pong) this.send({ type: "pong" });
      this.#messages.push(message);
      this.#wake();
    });
    this.closed = new Promise((resolve) => {
      this.socket.addEventListener("close", ({ code, reason }) => resolve({ code, reason }));
    });
  }

  /** The next message of a type; those before it are passed over. */
  async next<Type extends ServerMessage["type"]>(
    type: Type,
  ): Promise<ServerMessage & { type: Type }> {
    for (;;) {
      const message = this.#messages.shift();
      if (message?.type === type) return message as ServerMessage & { type: Type };
      if (message === undefined) await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  send(message: unknown): void {
    this.socket.send(JSON.stringify(message));
  }

  async join(room: string): Promise<ServerMessage & { type: "joined" }> {
    await this.next("welcome");
    this.send({ type: "join", version: 2, room });
    return await this.next("joined");
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.closed;
  }
}

test("Two WebSockets meet in a room and descriptions pass between them", async () => {
  await withServer({}, async (base) => {
    const alice = new Client(`ws:${base}/ws`), bob = new Client(`ws:${base}/ws`);
    const { self } = await alice.join("demo");
    const { peers, self: bobId } = await bob.join("demo");
    assert.deepEqual(peers.map(({ id }) => id), [self]);
    const sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=ü€😀\r\nt=0 0\r\n";
    const description = { type: "offer", sdp };
    bob.send({ type: "description", seq: 1, to: self, description });
    const relayed = await alice.next("description");
    assert.deepEqual(relayed, { position: 3, from: bobId, type: "description", description });
    await bob.close();
    assert.equal((await alice.next("peer-left")).id, bobId);
    await alice.close();
  });
});

test("Malformed text, binary messages and unknown peers are errors that leave the socket open", async () => {
  await withServer({}, async (base) => {
    const client = new Client(`ws:${base}/ws`);
    await client.join("demo");
    client.socket.send("{");
    assert.equal((await client.next("error")).code, "bad-message");
    client.socket.send(new Uint8Array([1, 2, 3]));
    assert.equal((await client.next("error")).code, "bad-message");
    client.send({ type: "candidate", seq: 1, to: "0123456789abcdef", candidate: null });
    assert.equal((await client.next("error")).code, "unknown-peer");
    await client.close();
  });
});

test("Oversized messages and floods are closed with their documented codes", async () => {
  await withServer({ limits: { messageBytes: 1000, faults: 5 } }, async (base) => {
    const large = new Client(`ws:${base}/ws`), flood = new Client(`ws:${base}/ws`);
    await large.join("a");
    large.socket.send("x".repeat(1001));
    assert.deepEqual(await large.closed, { code: 4009, reason: "too-large" });
    await flood.join("a");
    // One more than is forgiven. What is sent beyond meets a closed socket, and a reset may outrun
    // the close frame.
    for (let i = 0; i < 6; i++) flood.socket.send("x");
    assert.deepEqual(await flood.closed, { code: 4029, reason: "too-many-faults" });
  });
});

test("A silent connection is closed with idle-timeout", async () => {
  await withServer({ limits: { heartbeatMs: 20, idleMs: 40 } }, async (base) => {
    const client = new Client(`ws:${base}/ws`, { pong: false });
    await client.join("a");
    assert.deepEqual(await client.closed, { code: 4008, reason: "idle-timeout" });
  });
});

test("Requests that are no handshake, foreign origins and a full server get HTTP errors", async () => {
  const options = { origins: ["https://app.example"], limits: { connections: 1 } };
  await withServer(options, async (base) => {
    const health = await fetch(`http:${base}/healthz`);
    assert.equal(health.status, 200);
    assert.equal((await health.json()).status, "ok");
    const plain = await fetch(`http:${base}/ws`);
    assert.equal(plain.status, 426);
    assert.equal((await plain.json()).error.code, "upgrade-required");
  });
  // fetch may not set the headers of a handshake: ask the application itself.
  const app = signaling(options);
  const headers = { upgrade: "websocket", origin: "https://evil.example" };
  const foreign = await app.request("/ws", { headers });
  assert.equal(foreign.status, 403);
  assert.equal((await foreign.json()).error.code, "origin-refused");
  const full = signaling({ limits: { connections: 0 } });
  const refused = await full.request("/ws", { headers: { upgrade: "websocket" } });
  assert.equal(refused.status, 503);
  assert.equal((await refused.json()).error.code, "server-full");
});
