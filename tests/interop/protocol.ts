/**
 * The language in which the scenarios drive a WebRTC stack, whatever it is written in: one JSON
 * object per line (or per WebSocket message), `{ id, op, args }` one way, `{ id, result }` or
 * `{ id, error }` the other, and `{ event }` for candidates at any time.
 *
 * @module
 */

/** A session description as plain JSON. */
export interface Description {
  readonly type: "offer" | "answer";
  readonly sdp: string;
}

/** A candidate as plain JSON; an empty `candidate` ends the generation. */
export interface Candidate {
  readonly candidate: string;
  readonly sdpMid?: string | null;
  readonly sdpMLineIndex?: number | null;
  readonly usernameFragment?: string | null;
}

/** How a channel is made: RTCDataChannelInit. */
export interface ChannelInit {
  readonly ordered?: boolean;
  readonly maxRetransmits?: number;
  readonly maxPacketLifeTime?: number;
  readonly protocol?: string;
  readonly negotiated?: boolean;
  readonly id?: number;
}

/** What an open channel says of itself. */
export interface ChannelFacts {
  readonly id: number;
  readonly label: string;
  readonly protocol: string;
  readonly ordered: boolean;
  readonly maxRetransmits: number | null;
  readonly maxPacketLifeTime: number | null;
}

/** One message: `text` repeated, or `size` bytes of the pattern that `seed` begins. */
export type Message =
  | { readonly text: string; readonly repeat?: number }
  | { readonly size: number; readonly seed: number };

/** What a received message was. */
export interface Received {
  readonly kind: "text" | "binary";
  /** Bytes; of a text in UTF-8. */
  readonly size: number;
  /** CRC-32 of the bytes. */
  readonly crc: number;
}

/** The sum over a run of messages, in their order. */
export interface Digest {
  readonly bytes: number;
  readonly digest: number;
}

/** Every operation: what it takes and what it answers. */
export interface Operations {
  /** Makes a connection named `pc`; `media` adds an audio and a video transceiver to it. */
  new: [{ pc: string; media?: boolean }, null];
  /** Makes a channel and calls it `ch` from here on. */
  channel: [{ pc: string; ch: string; label: string; init?: ChannelInit }, null];
  /** createOffer and setLocalDescription. */
  offer: [{ pc: string; restart?: boolean }, Description];
  /** createAnswer and setLocalDescription. */
  answer: [{ pc: string }, Description];
  /** setRemoteDescription. */
  remote: [{ pc: string; description: Description }, null];
  /** The local description with all candidates. */
  gathered: [{ pc: string }, Description];
  /** addIceCandidate. */
  candidate: [{ pc: string; candidate: Candidate }, null];
  /** Waits for a channel of the other side, by its label, and calls it `ch` from here on. */
  incoming: [{ pc: string; ch: string; label: string }, null];
  /** Waits until a channel is open. */
  opened: [{ ch: string }, ChannelFacts];
  /** Sends one message `times` times. */
  send: [{ ch: string; message: Message; times?: number }, null];
  /** Waits for the next `count` messages. */
  receive: [{ ch: string; count: number }, Received[]];
  /** Sends many messages of `size` bytes, waiting while much is buffered. */
  bulkSend: [{ ch: string; count: number; size: number }, Digest];
  /** Waits for the next `count` messages and sums them up. */
  bulkReceive: [{ ch: string; count: number }, Digest];
  /** Closes a channel. */
  closeChannel: [{ ch: string }, null];
  /** Waits until a channel is closed. */
  closed: [{ ch: string }, null];
  /** Waits until the connection is in one of some states; answers which. */
  state: [{ pc: string; until: readonly string[] }, string];
  /** Closes a connection. */
  close: [{ pc: string }, null];
}

/** The name of an operation. */
export type Op = keyof Operations;

/** What goes to a stack; `limitMs` is how long it may wait. */
export interface Request {
  readonly id: number;
  readonly op: Op;
  readonly args: unknown;
  readonly limitMs: number;
}

/** What comes back. */
export interface Reply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** A candidate was gathered; `null` says that there are no more. */
export interface CandidateNotice {
  readonly event: "candidate";
  readonly pc: string;
  readonly candidate: Candidate | null;
}
