/**
 * What the store needs of a Redis client: the part of `redis` (node-redis) that it calls. Nothing is
 * imported; the application brings its client.
 */

/** A connected client, such as `await createClient({ url }).connect()`. */
export interface RedisClient {
  /** Sends a command; rejects when Redis answers with an error or the connection breaks. */
  sendCommand(args: string[]): Promise<unknown>;
  /** Makes another client with the same options, not connected yet. */
  duplicate(): RedisSubscriber;
}

/** A client that listens to channels, and subscribes again by itself after a lost connection. */
export interface RedisSubscriber {
  /** Connects. */
  connect(): Promise<unknown>;
  /** Closes the connection at once. */
  destroy(): void;
  /** `ready`: the connection is there, again, with its subscriptions. `error`: it broke. */
  on(event: "ready" | "error", listener: () => void): unknown;
  /** Listens. Resolves when nothing that is published from now on is missed. */
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>;
  /** Stops listening. */
  unsubscribe(channel: string, listener: (message: string) => void): Promise<unknown>;
}
