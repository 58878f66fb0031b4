/** The part of WebSocket that the client uses. */
export interface WebSocketLike {
  /** See the WebSocket standard. */
  readonly readyState: number;
  /** Queues a text message. */
  send(text: string): void;
  /** Starts the closing handshake. */
  close(code?: number, reason?: string): void;
  /** `open`, `message`, `close` and `error` are listened to. */
  addEventListener(type: string, listener: (event: Event) => void): void;
}

/** A WebSocket class. */
export type WebSocketClass = new (url: string) => WebSocketLike;

/** The part of fetch that the client uses. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** What a link tells. */
export interface LinkEvents {
  /** The server sent a message. */
  text(text: string): void;
  /** Nothing follows; `reason` is the server's, or empty. */
  closed(reason: string): void;
  /** A POST was answered: its status, 0 where there is none, and the messages of the answer. */
  posted(status: number, texts: readonly string[]): void;
}

/** One way to the server. */
export interface Link {
  /** Resolves when nothing of it is left. */
  readonly gone: Promise<void>;
  /** Sends a message; on a stream, the body of a POST. */
  send(text: string): void;
  /** Ends it, with a close code. */
  close(code: number): void;
}

/** WebSocket `readyState` (WHATWG WebSockets §3.1). */
const OPEN = 1;

/** Opens a WebSocket and sends `join` over it. */
export function openWebSocket(
  url: string,
  join: string,
  events: LinkEvents,
  Class: WebSocketClass,
): Link {
  let resolve = (): void => {};
  const gone = new Promise<void>((done) => resolve = done);
  const socket = new Class(url);
  const send = (text: string): void => {
    // One that is closing tells so itself.
    if (socket.readyState === OPEN) socket.send(text);
  };
  const end = (reason: string): void => {
    events.closed(reason);
    resolve();
  };
  let closeCode: number | undefined;
  socket.addEventListener("open", () => {
    if (closeCode === undefined) send(join);
    else socket.close(closeCode);
  });
  socket.addEventListener("message", (event) => {
    const { data } = event as MessageEvent<unknown>;
    if (typeof data === "string") events.text(data);
  });
  socket.addEventListener("close", (event) => end((event as CloseEvent).reason ?? ""));
  // Some runtimes report a failed handshake by an error alone.
  socket.addEventListener("error", () => {
    if (socket.readyState !== OPEN) end("");
  });
  return {
    gone,
    send,
    close(code) {
      closeCode = code;
      try {
        socket.close(code);
      } catch {
        // Not every runtime can close what is not open yet; `open` does it then.
      }
    },
  };
}
