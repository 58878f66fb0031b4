import assert from "node:assert/strict";
import { signaling } from "../../src/signaling/mod.ts";
import type { AdapterEvents, AdapterSocket, AdapterUpgrade } from "../../src/signaling/mod.ts";
import { test } from "../harness.ts";

/** An adapter whose socket behaves as Bun's: `send` returns 0 when it dropped the message. */
class BunLike {
  events: AdapterEvents | undefined;
  readonly sent: string[] = [];
  closed: { code: number | undefined; reason: string | undefined } | undefined;
  isFull = false;
  readonly socket: AdapterSocket = {
    raw: {
      getBufferedAmount: () => 0,
      send: (text: string) => {
        if (this.isFull) return 0;
        this.sent.push(text);
        return -1;
      },
      cork: (work: () => void) => work(),
      close: (code?: number, reason?: string) => {
        this.closed = { code, reason };
      },
    },
    send: () => assert.fail("the adapter's send does not tell whether it worked"),
    close: () => assert.fail("what waits would be lost"),
  };
  readonly upgrade: AdapterUpgrade = (_context, events) => {
    this.events = events;
    return Promise.resolve(new Response(null));
  };
}

/** Messages of a round leave when the sockets have been read; workerd has no moment for that. */
function afterReading(): Promise<void> {
  const host = globalThis as { setImmediate?: (work: () => void) => unknown };
  return new Promise((resolve) => {
    if (host.setImmediate !== undefined) host.setImmediate(resolve);
    else setTimeout(resolve, 0);
  });
}

test("A message that Bun drops without a word closes the connection as a slow reader's", async () => {
  const bun = new BunLike();
  const app = signaling({ upgradeWebSocket: bun.upgrade });
  await app.request("/ws", { headers: { upgrade: "websocket" } });
  bun.events!.onOpen(undefined, bun.socket);
  bun.events!.onMessage({ data: '{"type":"join","version":2,"room":"r"}' }, bun.socket);
  await afterReading();
  assert.deepEqual(bun.sent.map((text) => JSON.parse(text).type), ["welcome", "joined"]);
  bun.isFull = true;
  bun.events!.onMessage({ data: "{" }, bun.socket);
  await afterReading();
  assert.deepEqual(bun.closed, { code: 4013, reason: "slow-reader" });
  app.close();
});

test("A socket closed with 1000 leaves; one that is lost may resume", async () => {
  for (const [code, sessions] of [[1000, 0], [1005, 0], [1001, 1], [1006, 1]] as const) {
    const bun = new BunLike();
    const app = signaling({ upgradeWebSocket: bun.upgrade });
    await app.request("/ws", { headers: { upgrade: "websocket" } });
    bun.events!.onOpen(undefined, bun.socket);
    bun.events!.onMessage({ data: '{"type":"join","version":2,"room":"r"}' }, bun.socket);
    bun.events!.onClose({ code });
    assert.equal(app.board.stats().sessions, sessions, String(code));
    app.close();
    await afterReading();
  }
});

test("A handshake's token comes in Authorization or as a subprotocol, never in the address", async () => {
  const bun = new BunLike();
  const secret = "0123456789abcdef0123456789abcdef";
  const app = signaling({
    upgradeWebSocket: bun.upgrade,
    tokens: { keys: [{ algorithm: "HS256", secret }] },
  });
  const ask = async (path: string, headers: Record<string, string>): Promise<number> =>
    (await app.request(path, { headers: { upgrade: "websocket", ...headers } })).status;
  const forged = "e30.e30.e30";
  assert.equal(await ask("/ws", { authorization: `Bearer ${forged}` }), 401);
  assert.equal(
    await ask("/ws", { "sec-websocket-protocol": `sterna, sterna.token.${forged}` }),
    401,
  );
  // Without a token the handshake is fine: the join may bring it.
  assert.equal(await ask(`/ws?token=${forged}`, {}), 200);
});
