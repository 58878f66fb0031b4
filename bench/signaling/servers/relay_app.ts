/**
 * The least that relays: two WebSockets in a room, each gets the other's text as it is. No tokens, no
 * limits, no checks: the yardstick.
 */
import { Hono } from "hono";
import type { Upgrade } from "./listen.ts";

interface Socket {
  send(text: string): void;
}

/** The relay at `/ws?room=`. */
export function relayApp(upgrade: Upgrade): Hono {
  const rooms = new Map<string, Socket[]>();
  const app = new Hono();
  app.get(
    "/ws",
    upgrade((context) => {
      const name = context.req.query("room") ?? "";
      const room = rooms.get(name) ?? [];
      rooms.set(name, room);
      let own: Socket | undefined;
      const enter = (socket: Socket): void => {
        own = socket;
        room.push(socket);
        socket.send("hello");
      };
      return {
        onOpen: (_event, socket) => enter(socket),
        onMessage: (event, socket) => {
          // The adapter of workerd does not announce the opening.
          if (own === undefined) return enter(socket);
          for (const other of room) if (other !== own) other.send(event.data as string);
        },
        onClose: () => {
          room.splice(room.findIndex((socket) => socket === own), 1);
          if (room.length === 0) rooms.delete(name);
        },
      };
    }),
  );
  return app;
}
