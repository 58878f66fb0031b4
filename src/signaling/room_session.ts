import {
  SignalingClient,
  type SignalingClientOptions,
  type SignalingState,
} from "./signaling_client.ts";
import type { PeerInfo, PeerMetadata } from "./messages.ts";
import { Negotiator, type PeerConnectionLike } from "./negotiator.ts";

/** Another member of the room and the connection to it. */
export interface RoomPeer<Connection extends PeerConnectionLike> {
  /** What it says about itself; replaced when it says something else. */
  info: PeerInfo;
  /** The connection; add channels and tracks as you like, negotiation follows. */
  readonly connection: Connection;
  /** Whether this side came later: by custom the newcomer creates the first channel. */
  readonly isNewcomer: boolean;
}

/** What {@linkcode joinRoom} needs. */
export interface RoomSessionOptions<Connection extends PeerConnectionLike>
  extends
    Partial<PeerMetadata>,
    Pick<SignalingClientOptions, "url" | "room" | "WebSocket" | "onError"> {
  /** Makes the connection to one member: `() => new RTCPeerConnection(configuration)`. */
  createConnection(peer: PeerInfo): Connection;
  /** Somebody is here. Listen for channels and create some before you return. */
  onPeer(peer: RoomPeer<Connection>): void;
  /** Somebody changed name or kind. */
  onPeerUpdated?(peer: RoomPeer<Connection>): void;
  /** Somebody left, or this side lost the room; the connection has been closed. */
  onPeerGone?(peer: RoomPeer<Connection>): void;
  /** The connection to the signaling server changed. */
  onState?(state: SignalingState, retryMs: number): void;
  /** A description or candidate of `peer` could not be applied. */
  onNegotiationError?(peer: RoomPeer<Connection>, error: unknown): void;
}

/** A room that is joined. */
export interface RoomSession<Connection extends PeerConnectionLike> {
  /** The id of this side, once it is in. */
  readonly self: string | undefined;
  /** The others, by id. */
  readonly peers: ReadonlyMap<string, RoomPeer<Connection>>;
  /** Changes what the others see. */
  update(metadata: Partial<PeerMetadata>): void;
  /** Leaves and closes every connection. */
  close(): void;
}

interface Entry<Connection extends PeerConnectionLike> {
  readonly peer: RoomPeer<Connection>;
  readonly negotiator: Negotiator;
}

/**
 * Joins a room and keeps a peer connection with each of its members: a full mesh.
 *
 * @example
 * ```ts
 * import { RTCPeerConnection } from "@sterna/webrtc";
 * import { joinRoom } from "@sterna/webrtc/signaling";
 *
 * const session = joinRoom({
 *   url: "ws://127.0.0.1:8080/rtc/ws",
 *   room: "demo",
 *   createConnection: () => new RTCPeerConnection(),
 *   onPeer: ({ connection, isNewcomer }) => {
 *     if (isNewcomer) connection.createDataChannel("chat");
 *     else connection.addEventListener("datachannel", () => console.log("a channel"));
 *   },
 * });
 * session.close();
 * ```
 */
export function joinRoom<Connection extends PeerConnectionLike>(
  options: RoomSessionOptions<Connection>,
): RoomSession<Connection> {
  return new MeshSession(options);
}

class MeshSession<Connection extends PeerConnectionLike> implements RoomSession<Connection> {
  readonly peers: Map<string, RoomPeer<Connection>> = new Map();
  readonly #entries = new Map<string, Entry<Connection>>();
  readonly #options: RoomSessionOptions<Connection>;
  readonly #client: SignalingClient;
  self: string | undefined;

  constructor(options: RoomSessionOptions<Connection>) {
    this.#options = options;
    const { url, room, name, kind, WebSocket, onError } = options;
    this.#client = new SignalingClient({
      url,
      room,
      ...(name !== undefined && { name }),
      ...(kind !== undefined && { kind }),
      ...(WebSocket !== undefined && { WebSocket }),
      ...(onError !== undefined && { onError }),
      onJoined: (self, peers) => this.#enter(self, peers),
      onPeerJoined: (peer) => this.#add(peer, false),
      onPeerUpdated: (info) => this.#update(info),
      onPeerLeft: (id) => this.#remove(id),
      onSignal: (from, signal) => void this.#entries.get(from)?.negotiator.handle(signal),
      onState: (state, retryMs) => options.onState?.(state, retryMs),
    });
  }

  update(metadata: Partial<PeerMetadata>): void {
    this.#client.update(metadata);
  }

  close(): void {
    this.#client.close();
    for (const id of [...this.#entries.keys()]) this.#remove(id);
  }

  #enter(self: string, peers: readonly PeerInfo[]): void {
    // After a lost connection the others know this side under a new id and have closed the old.
    for (const id of [...this.#entries.keys()]) this.#remove(id);
    this.self = self;
    for (const peer of peers) this.#add(peer, true);
  }

  #add(info: PeerInfo, isNewcomer: boolean): void {
    const connection = this.#options.createConnection(info);
    const peer: RoomPeer<Connection> = { info, connection, isNewcomer };
    const negotiator = new Negotiator({
      connection,
      polite: isNewcomer,
      send: (signal) => void this.#client.send(info.id, signal),
      onError: (error) => this.#options.onNegotiationError?.(peer, error),
    });
    this.#entries.set(info.id, { peer, negotiator });
    this.peers.set(info.id, peer);
    this.#options.onPeer(peer);
  }

  #update(info: PeerInfo): void {
    const peer = this.peers.get(info.id);
    if (peer === undefined) return;
    peer.info = info;
    this.#options.onPeerUpdated?.(peer);
  }

  #remove(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#entries.delete(id);
    this.peers.delete(id);
    entry.peer.connection.close();
    this.#options.onPeerGone?.(entry.peer);
  }
}
