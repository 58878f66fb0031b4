import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { test } from "../harness.ts";
import { withServer } from "./with_server.ts";

/** A WebSocket client text frame (RFC 6455 §5.2), masked with zeros. */
function frame(text: string): Uint8Array {
  const payload = new TextEncoder().encode(text);
  assert.ok(payload.length < 126);
  return new Uint8Array([0x81, 0x80 | payload.length, 0, 0, 0, 0, ...payload]);
}

/** Connects, joins and reads nothing more. */
async function deafMember(port: number): Promise<{ end(): void }> {
  const socket = connect(port, "127.0.0.1");
  const errors: unknown[] = [];
  socket.on("error", (error) => errors.push(error));
  await new Promise<void>((resolve) => socket.once("connect", () => resolve()));
  socket.write(
    `GET /rtc/ws HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nupgrade: websocket\r\n` +
      `connection: Upgrade\r\nsec-websocket-version: 13\r\n` +
      `sec-websocket-key: ${randomBytes(16).toString("base64")}\r\n\r\n`,
  );
  let heard = "";
  await new Promise<void>((resolve) => {
    socket.on("data", (chunk) => {
      heard += chunk.toString("latin1");
      if (heard.includes('"welcome"')) resolve();
    });
  });
  socket.write(frame('{"type":"join","version":2,"room":"r"}'));
  await new Promise<void>((resolve) => {
    socket.on("data", () => {
      if (heard.includes('"joined"')) resolve();
    });
  });
  socket.removeAllListeners("data");
  socket.pause();
  return { end: () => socket.destroy() };
}

test("A member that does not read is closed at queuedBytes; the others do not wait for it", async () => {
  const limits = {
    queuedBytes: 256 * 1024,
    messageBurst: 1e6,
    byteBurst: 1e9,
    replayLength: 100_000,
  };
  await withServer({ limits }, async (base, { board }) => {
    const port = Number(base.slice(base.lastIndexOf(":") + 1).split("/", 1)[0]);
    const deaf = await deafMember(port);
    let heard = 0;
    const speaker = board.attach();
    speaker.open({
      send: () => {
        heard++;
        return true;
      },
      close: () => {},
      bufferedAmount: () => 0,
    });
    speaker.message('{"type":"join","version":2,"room":"r"}');
    const data = "x".repeat(100_000);
    const isClosed = (): boolean => board.stats().connectionsClosed.get("slow-reader") === 1;
    for (let seq = 1; seq <= 2000 && !isClosed(); seq++) {
      speaker.message(JSON.stringify({ type: "data", seq, data }));
      // What the kernel takes it takes between tasks.
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    assert.ok(isClosed(), "closed before 200 MB waited");
    assert.equal(board.stats().connections, 1);
    assert.ok(heard > 0);
    speaker.close(1000);
    deaf.end();
  });
});
