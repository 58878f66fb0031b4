/** Socket.IO with rooms of two: a message goes to the others in the sender's room. */
import { createServer } from "node:http";
import { announce } from "./listen.ts";

interface Socket {
  readonly handshake: { readonly query: Record<string, string | undefined> };
  join(room: string): void;
  to(room: string): { emit(event: string, value: unknown): void };
  on(event: string, listener: (value: unknown) => void): void;
}

interface SocketIoModule {
  Server: new (
    server: ReturnType<typeof createServer>,
    options: Record<string, unknown>,
  ) => { on(event: "connection", listener: (socket: Socket) => void): void };
}

const name = "socket.io";
const { Server } = await import(name) as SocketIoModule;
const server = createServer();
new Server(server, { serveClient: false, pingInterval: 300_000, pingTimeout: 300_000 })
  .on("connection", (socket) => {
    const room = socket.handshake.query["room"] ?? "";
    socket.join(room);
    socket.on("message", (value) => socket.to(room).emit("message", value));
  });
server.listen(0, "127.0.0.1", () => announce((server.address() as { port: number }).port));
