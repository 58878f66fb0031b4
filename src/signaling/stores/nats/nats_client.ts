/**
 * What the store needs of a NATS client: the part of `@nats-io/transport-node`, `@nats-io/nats-core`
 * and `nats` that it calls. Nothing is imported; the application brings its connection.
 */

/** A message as the clients hand it over. */
export interface NatsMessage {
  /** The payload. */
  readonly data: Uint8Array;
  /** Where to answer; JetStream writes here what it knows of the message. */
  readonly reply?: string;
  /** Present in messages of JetStream that carry no payload, such as heartbeats. */
  readonly headers?: { readonly code: number } | undefined;
}

/** Something that is being listened to. */
export interface NatsSubscription {
  /** Stops listening. */
  unsubscribe(): void;
}

/** A connection, such as `await connect({ servers, maxReconnectAttempts: -1 })`. */
export interface NatsClient {
  /** Asks; rejects after `timeout` milliseconds or when nobody answers. */
  request(subject: string, payload: string, options: { timeout: number }): Promise<NatsMessage>;
  /** Listens. */
  subscribe(
    subject: string,
    options: { callback(error: Error | null, message: NatsMessage): void },
  ): NatsSubscription;
  /** Tells of `reconnect` and of other things. */
  status(): AsyncIterable<{ type: string }>;
}
