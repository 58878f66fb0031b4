/**
 * simple-peer (the npm package) over rooms: its `signal` events find their way by themselves.
 *
 * @module
 */
import type { CandidateJson, PeerInfo } from "./messages.ts";
import { SignalingClient, type SignalingClientOptions } from "./signaling_client.ts";

export * from "./client.ts";

/** The part of a simple-peer that signaling needs. */
export interface SimplePeerLike {
  /** Takes what the other side's `signal` event gave. */
  signal(data: unknown): void;
  /** `signal`, `close` and `error` are listened to. */
  on(event: string, listener: (data: unknown) => void): unknown;
  /** Ends the connection. */
  destroy(): unknown;
}

/** Another member of the room and the simple-peer that is connected with it. */
export interface SimplePeerMember<Peer extends SimplePeerLike> {
  /** What it says about itself. */
  info: PeerInfo;
  /** The simple-peer; `connect` is still to come. */
  readonly peer: Peer;
}

/** What {@linkcode joinWithSimplePeer} needs. */
export interface SimplePeerOptions<Peer extends SimplePeerLike> extends SignalingClientOptions {
  /** Makes a peer: `(initiator) => new SimplePeer({ initiator })`. */
  createPeer(initiator: boolean, info: PeerInfo): Peer;
  /** Somebody is here. */
  onPeer(member: SimplePeerMember<Peer>): void;
  /** Somebody is gone; the peer has been destroyed. */
  onPeerGone?(member: SimplePeerMember<Peer>): void;
}

/** A room that is joined. */
export interface SimplePeerSession<Peer extends SimplePeerLike> {
  /** The membership. */
  readonly client: SignalingClient;
  /** The others, by id. */
  readonly members: ReadonlyMap<string, SimplePeerMember<Peer>>;
  /** Leaves and destroys every peer. Resolves when the last socket to the server is closed. */
  close(): Promise<void>;
}

/** Signals that are neither description nor candidate travel as data under this name. */
const ENVELOPE = "simple-peer";

/**
 * Joins a room and keeps a simple-peer with each of its members; whoever comes later initiates.
 *
 * @example
 * ```ts ignore
 * import SimplePeer from "simple-peer";
 * import { joinWithSimplePeer } from "@sterna/webrtc/signaling/simple-peer";
 *
 * joinWithSimplePeer({
 *   url: "https://app.example/rtc",
 *   room: "demo",
 *   createPeer: (initiator) => new SimplePeer({ initiator }),
 *   onPeer: ({ peer }) => peer.on("connect", () => peer.send("hello")),
 * });
 * ```
 */
export function joinWithSimplePeer<Peer extends SimplePeerLike>(
  options: SimplePeerOptions<Peer>,
): SimplePeerSession<Peer> {
  const client = new SignalingClient(options);
  const members = new Map<string, SimplePeerMember<Peer>>();
  const add = (info: PeerInfo, initiator: boolean): void => {
    const peer = options.createPeer(initiator, info), member = { info, peer };
    members.set(info.id, member);
    peer.on("signal", (data) => {
      if (members.get(info.id) === member) send(client, info.id, data as Signal);
    });
    // Without a listener Node would end the process; `close` follows, and the application listens.
    peer.on("error", () => {});
    options.onPeer(member);
  };
  const remove = (id: string): void => {
    const member = members.get(id);
    if (member === undefined) return;
    members.delete(id);
    member.peer.destroy();
    options.onPeerGone?.(member);
  };
  const removeAll = (): void => [...members.keys()].forEach(remove);
  client.on("joined", ({ isNew, peers }) => {
    if (!isNew) return client.rejoin();
    removeAll();
    for (const peer of peers) add(peer, true);
  });
  client.on("peer", (peer) => add(peer, false));
  client.on("peer-updated", (info) => {
    const member = members.get(info.id);
    if (member !== undefined) member.info = info;
  });
  client.on("peer-left", ({ peer }) => remove(peer.id));
  client.on("signal", ({ from, signal }) => {
    const peer = members.get(from)?.peer;
    if (signal.type === "description") peer?.signal(signal.description);
    else if (signal.candidate !== null) {
      peer?.signal({ type: "candidate", candidate: signal.candidate });
    }
  });
  client.on("message", ({ from, data }) => {
    const signal = (data as Record<string, unknown> | null)?.[ENVELOPE];
    if (signal !== undefined) members.get(from)?.peer.signal(signal);
  });
  client.on("state", ({ state }) => {
    if (state === "closed") removeAll();
  });
  return { client, members, close: () => client.close() };
}

/** What a `signal` event gives: JSON. */
type Signal =
  | { type: "offer" | "answer"; sdp: string }
  | { type: "candidate"; candidate: CandidateJson }
  | { type?: undefined };

function send(client: SignalingClient, to: string, signal: Signal): void {
  if (client.status.state === "closed") return;
  switch (signal.type) {
    case "offer":
    case "answer": {
      const { type, sdp } = signal;
      client.signal(to, { type: "description", description: { type, sdp } });
      return;
    }
    case "candidate": {
      const { candidate } = signal;
      client.signal(to, { type: "candidate", candidate });
      return;
    }
    default:
      client.send(to, { [ENVELOPE]: signal });
  }
}
