import type { PeerInfo } from "./messages.ts";
import { Negotiator, type PeerConnectionLike } from "./negotiator.ts";
import { SignalingClient, type SignalingClientOptions } from "./signaling_client.ts";

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
  extends SignalingClientOptions {
  /** Makes the connection to one member: `() => new RTCPeerConnection(configuration)`. */
  createConnection(peer: PeerInfo): Connection;
  /** Somebody is here. Listen for channels and create some before you return. */
  onPeer(peer: RoomPeer<Connection>): void;
  /** Somebody says something else about itself, or lost or found its way to the server. */
  onPeerUpdated?(peer: RoomPeer<Connection>): void;
  /** Somebody is gone, or this side's session is; the connection has been closed. */
  onPeerGone?(peer: RoomPeer<Connection>): void;
  /** A description or candidate of `peer` could not be applied. */
  onNegotiationError?(peer: RoomPeer<Connection>, error: unknown): void;
}

/** A room that is joined. */
export interface RoomSession<Connection extends PeerConnectionLike> {
  /** The membership: its state, its events, and messages by way of the server. */
  readonly client: SignalingClient;
  /** The others, by id. */
  readonly peers: ReadonlyMap<string, RoomPeer<Connection>>;
  /** The network is another one: finds the server and the others anew, at once. */
  networkChanged(): void;
  /** Leaves and closes every connection. Resolves when the last socket to the server is closed. */
  close(): Promise<void>;
}

interface Entry<Connection extends PeerConnectionLike> {
  readonly peer: RoomPeer<Connection>;
  readonly negotiator: Negotiator;
}

/**
 * Joins a room and keeps a peer connection with each of its members: a full mesh. Connections outlast a
 * lost signaling connection; those whose path breaks are restarted (ICE restart) as soon as both sides
 * can hear of it.
 *
 * @example
 * ```ts
 * import { RTCPeerConnection } from "@sterna/webrtc";
 * import { joinRoom } from "@sterna/webrtc/signaling/client";
 *
 * const session = joinRoom({
 *   url: "http://127.0.0.1:8080/rtc",
 *   room: "demo",
 *   createConnection: () => new RTCPeerConnection(),
 *   onPeer: ({ connection, isNewcomer }) => {
 *     if (isNewcomer) connection.createDataChannel("chat");
 *     else connection.addEventListener("datachannel", () => console.log("a channel"));
 *   },
 * });
 * await session.close();
 * ```
 */
export function joinRoom<Connection extends PeerConnectionLike>(
  options: RoomSessionOptions<Connection>,
): RoomSession<Connection> {
  return new MeshSession(options);
}

class MeshSession<Connection extends PeerConnectionLike> implements RoomSession<Connection> {
  readonly peers: Map<string, RoomPeer<Connection>> = new Map();
  readonly client: SignalingClient;
  readonly #entries = new Map<string, Entry<Connection>>();
  readonly #options: RoomSessionOptions<Connection>;

  constructor(options: RoomSessionOptions<Connection>) {
    this.#options = options;
    const client = this.client = new SignalingClient(options);
    client.on("joined", ({ isNew, peers }) => {
      // Signals were lost, on which negotiations wait at either end: only a new session ends that.
      if (!isNew) return client.rejoin();
      // The others know this side under a new id and close the connections with the old one.
      this.#removeAll();
      for (const peer of peers) this.#add(peer, true);
    });
    client.on("resumed", () => this.#entries.forEach(({ negotiator }) => negotiator.reachable()));
    client.on("peer", (peer) => this.#add(peer, false));
    client.on("peer-updated", (info) => this.#update(info));
    client.on("peer-left", ({ peer }) => this.#remove(peer.id));
    client.on("signal", ({ from, signal }) => {
      void this.#entries.get(from)?.negotiator.handle(signal);
    });
    client.on("state", ({ state }) => {
      if (state === "closed") this.#removeAll();
    });
  }

  networkChanged(): void {
    this.client.networkChanged();
    // What they offer waits in the client until it is back.
    for (const { negotiator } of this.#entries.values()) negotiator.restart();
  }

  async close(): Promise<void> {
    await this.client.close();
  }

  #add(info: PeerInfo, isNewcomer: boolean): void {
    const connection = this.#options.createConnection(info);
    const peer: RoomPeer<Connection> = { info, connection, isNewcomer };
    const negotiator = new Negotiator({
      connection,
      polite: isNewcomer,
      send: (signal) => {
        if (this.client.status.state !== "closed") this.client.signal(info.id, signal);
      },
      isReachable: () => peer.info.connected && this.client.status.state === "joined",
      onError: (error) => this.#options.onNegotiationError?.(peer, error),
    });
    this.#entries.set(info.id, { peer, negotiator });
    this.peers.set(info.id, peer);
    this.#options.onPeer(peer);
  }

  #update(info: PeerInfo): void {
    const entry = this.#entries.get(info.id);
    if (entry === undefined) return;
    const wasConnected = entry.peer.info.connected;
    entry.peer.info = info;
    if (info.connected && !wasConnected) entry.negotiator.reachable();
    this.#options.onPeerUpdated?.(entry.peer);
  }

  #removeAll(): void {
    for (const id of [...this.#entries.keys()]) this.#remove(id);
  }

  #remove(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#entries.delete(id);
    this.peers.delete(id);
    entry.negotiator.close();
    entry.peer.connection.close();
    this.#options.onPeerGone?.(entry.peer);
  }
}
