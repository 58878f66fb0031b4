/** What is used of a Durable Object's host: a part of Cloudflare's types, so that none are imported. */

/** Rows of a query. */
export interface SqlCursor {
  /** All of them. */
  toArray(): Record<string, unknown>[];
}

/** SQL storage of an object; it answers at once. */
export interface SqlStorage {
  /** Runs one statement. */
  exec(query: string, ...bindings: (string | number)[]): SqlCursor;
}

/** A WebSocket that stays open while its object sleeps. */
export interface HibernatingSocket {
  /** 1 while it is open. */
  readonly readyState: number;
  /** Queues a text message. */
  send(text: string): void;
  /** Starts the closing handshake. */
  close(code?: number, reason?: string): void;
  /** Keeps a value with the socket, for the time after a sleep. */
  serializeAttachment(value: unknown): void;
  /** What was kept. */
  deserializeAttachment(): unknown;
}

/** `DurableObjectState`. */
export interface DurableState {
  /** Names the object: 64 hexadecimal digits. */
  readonly id: { toString(): string };
  /** Its storage: of a class in `new_sqlite_classes`. */
  readonly storage: {
    readonly sql: SqlStorage;
    setAlarm(timeMs: number): Promise<void>;
  };
  /** Takes a socket that may sleep. */
  acceptWebSocket(socket: HibernatingSocket): void;
  /** Every socket that was taken and is open. */
  getWebSockets(): HibernatingSocket[];
}

/** `DurableObjectNamespace`. */
export interface DurableNamespace {
  /** The object of this name. */
  getByName?(name: string): DurableStub;
  /** The id of a name. */
  idFromName(name: string): unknown;
  /** The object with this id. */
  get(id: never): DurableStub;
}

/** An object, from outside. */
export interface DurableStub {
  /** Sends it a request. */
  fetch(request: Request): Promise<Response>;
}
