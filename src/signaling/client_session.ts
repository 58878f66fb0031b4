import type { SignalingEvent } from "./client_events.ts";
import { Outbox, type Outgoing, Pace, type Unnumbered } from "./client_outbox.ts";
import { readServerMessage } from "./client_reader.ts";
import { MESSAGE_BYTES } from "./client_timing.ts";
import { SignalingError, type SignalingErrorCode } from "./errors.ts";
import {
  type JoinedMessage,
  type PeerInfo,
  type PeerMetadata,
  PROTOCOL_VERSION,
  type ServerMessage,
} from "./messages.ts";

/** Messages of one POST. */
const POST_MESSAGES = 32;

/** What resumes a session. */
interface Identity {
  readonly self: string;
  readonly secret: string;
  readonly epoch: string;
  position: number;
}

/**
 * A client's membership, whatever it is connected by: who it is, what it has seen of the room's log,
 * and what of its own the log has not confirmed.
 */
export class ClientSession {
  /** The others, by id. */
  readonly peers: Map<string, PeerInfo> = new Map();
  /** What is to be told. */
  readonly events: SignalingEvent[] = [];
  readonly outbox: Outbox = new Outbox();
  readonly pace: Pace = new Pace();
  metadata: PeerMetadata;
  /** Longest message, bytes of UTF-8. */
  messageBytes: number = MESSAGE_BYTES;
  readonly #room: string;
  /** What the last join said. */
  #toldMetadata: PeerMetadata;
  #identity: Identity | undefined;

  constructor(room: string, metadata: PeerMetadata) {
    this.#room = room;
    this.metadata = this.#toldMetadata = metadata;
  }

  /** The id of this client, once it has one. */
  get self(): string | undefined {
    return this.#identity?.self;
  }

  /** The last position that it has seen. */
  get position(): number {
    return this.#identity?.position ?? 0;
  }

  /** The first message of a connection. */
  join(token: string | undefined): string {
    const identity = this.#identity;
    this.#toldMetadata = this.metadata;
    return JSON.stringify({
      type: "join",
      version: PROTOCOL_VERSION,
      room: this.#room,
      ...this.metadata,
      token,
      resume: identity && {
        session: identity.self,
        secret: identity.secret,
        epoch: identity.epoch,
        position: identity.position,
      },
    });
  }

  /** The first message of a POST. */
  act(): string {
    const { self: session, secret } = this.#identity!;
    return JSON.stringify({ type: "act", room: this.#room, session, secret });
  }

  /** Says something; returns its number. */
  add(message: Unnumbered, body: string, bytes: number): number {
    const to = "to" in message ? message.to : "id" in message ? message.id : undefined;
    return this.outbox.add({ body, bytes, type: message.type, to, wasSent: false });
  }

  /** Others are to see something else of this client. */
  update(metadata: PeerMetadata): void {
    this.metadata = metadata;
    if (this.#identity !== undefined) this.#tellMetadata();
  }

  /** The body of a POST: below the two longest messages that servers take at once. */
  takePost(now: number): string {
    const { outbox, pace } = this, lines = [this.act()];
    let room = this.messageBytes;
    do {
      room -= outbox.nextBytes;
      lines.push(outbox.take());
      pace.spend(now);
    } while (
      lines.length <= POST_MESSAGES && outbox.isReady && outbox.nextBytes < room &&
      now >= pace.readyAt
    );
    return lines.join("\n");
  }

  /** In the room, with a new session or after messages were lost. */
  joined(message: JoinedMessage): void {
    const { self, secret, epoch, position, ack, roles, metadata, peers } = message;
    const isNew = this.self !== self;
    this.#identity = { self, secret, epoch, position };
    this.peers.clear();
    for (const peer of peers) this.peers.set(peer.id, peer);
    if (isNew) this.#restartOutbox();
    else this.outbox.acknowledge(ack);
    this.outbox.rewind();
    this.emit({ type: "joined", detail: { self, isNew, roles, metadata, peers } });
    // Changed while the answer to the join was under way.
    if (isNew && this.#toldMetadata !== this.metadata) this.#tellMetadata();
  }

  /** Back in the room; what was missed follows. Returns `false` for another's session. */
  resumed({ self, ack, position }: ServerMessage & { type: "resumed" }): boolean {
    if (this.self !== self) return false;
    this.outbox.acknowledge(ack);
    this.outbox.rewind();
    this.emit({ type: "resumed", detail: { position } });
    return true;
  }

  /** Notes where a message stands; `false` for one that was told before the connection was lost. */
  isNews(message: ServerMessage): boolean {
    const identity = this.#identity;
    if (identity === undefined || !("position" in message)) return true;
    const { position = 0, type } = message;
    const isOld = position !== 0 && position <= identity.position;
    identity.position = Math.max(identity.position, position);
    return !isOld || type === "ack" || type === "ping";
  }

  /** Tells what happened in the room. */
  tell(message: ServerMessage): void {
    switch (message.type) {
      case "peer-joined":
        this.peers.set(message.peer.id, message.peer);
        return this.emit({ type: "peer", detail: message.peer });
      case "peer-updated":
        this.peers.set(message.peer.id, message.peer);
        return this.emit({ type: "peer-updated", detail: message.peer });
      case "peer-left": {
        const { id, reason } = message, peer = this.peers.get(id);
        this.peers.delete(id);
        if (peer !== undefined) this.emit({ type: "peer-left", detail: { peer, reason } });
        return;
      }
      case "room-updated":
        return this.emit({ type: "room", detail: message.metadata });
      case "description":
      case "candidate":
        return this.emit({ type: "signal", detail: { from: message.from, signal: message } });
      case "data": {
        const { from, data, broadcast: isBroadcast = false, position } = message;
        return this.emit({ type: "message", detail: { from, data, isBroadcast, position } });
      }
    }
  }

  /** What a POST was answered. Positions in it say nothing about what has come on the stream. */
  answered(texts: readonly string[]): "understood" | "failed" | "unknown-session" {
    let verdict: "understood" | "failed" = "failed";
    for (const text of texts) {
      const message = readServerMessage(text);
      if (message?.type === "ack") this.outbox.acknowledge(message.seq);
      if (message?.type === "ack") verdict = "understood";
      if (message?.type !== "error") continue;
      const { code } = message;
      if (code === "unknown-session") return code;
      if (code === "rate-limited") verdict = "understood";
      else this.emit({ type: "error", detail: new SignalingError(code, message.message) });
    }
    return verdict;
  }

  /** The log took the message `seq` and refused it. */
  refuse(seq: number, code: SignalingErrorCode, message: string): void {
    this.outbox.acknowledge(seq);
    const error = new SignalingError(code, message);
    this.emit({ type: "refused", detail: { seq, error } });
  }

  /** The server dropped a message for its rate, and what was sent behind it. */
  slow(now: number, seq: number | undefined): void {
    if (seq !== undefined) this.outbox.acknowledge(seq - 1);
    this.outbox.rewind();
    this.pace.slow(now);
  }

  /** The session is not worth resuming. */
  forget(): void {
    this.#identity = undefined;
  }

  /** Queues an event. */
  emit(event: SignalingEvent): void {
    this.events.push(event);
  }

  /** The old session is gone, and with it the certainty about what was on its way. */
  #restartOutbox(): void {
    const hasSense = ({ type, to }: Outgoing): boolean =>
      type === "room" ||
      (type === "data" || type === "remove") && (to === undefined || this.peers.has(to));
    const lost = this.outbox.restart(hasSense).filter(({ type }) => type === "data");
    if (lost.length === 0) return;
    const detail = lost.map(({ body, to = "all" }) => ({ to, data: JSON.parse(body).data }));
    this.emit({ type: "lost", detail });
  }

  #tellMetadata(): void {
    const message: Unnumbered = { type: "update", ...this.metadata };
    const body = JSON.stringify(message);
    this.add(message, body, body.length);
  }
}
