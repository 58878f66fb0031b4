/** What browser and Deno say to each other on the control channel, and the parts of WebRTC they share. */
import type { PeerConnectionLike } from "../../../src/signaling/client.ts";

/** The part of `RTCDataChannel` that both sides use: the browser's and Sterna's fit alike. */
export interface Channel {
  readonly label: string;
  readonly protocol: string;
  readonly readyState: string;
  readonly bufferedAmount: number;
  bufferedAmountLowThreshold: number;
  binaryType: string;
  send(data: string): void;
  send(data: Uint8Array<ArrayBuffer>): void;
  close(): void;
  addEventListener(type: string, listener: (event: Event) => void): void;
}

/** The part of `RTCPeerConnection` that both sides use. */
export interface Connection extends PeerConnectionLike {
  readonly connectionState: string;
  readonly iceConnectionState: string;
  readonly sctp: {
    readonly state: string;
    readonly maxMessageSize: number | null;
    readonly transport: { readonly state: string };
  } | null;
  createDataChannel(label: string, init?: { protocol?: string }): Channel;
  getStats(): Promise<{ forEach(callback: (entry: StatsEntry) => void): void }>;
}

/** One dictionary of a statistics report (W3C webrtc-stats). */
export interface StatsEntry {
  readonly id: string;
  readonly type: string;
}

/** A file that one side offers. */
export interface FileInfo {
  /** Names the file on its side. */
  id: string;
  name: string;
  /** Bytes. */
  size: number;
  /** MIME type, may be empty. */
  mime: string;
}

/** A connection as one end sees it. */
export interface ConnectionView {
  connection: string;
  ice: string;
  dtls: string;
  sctp: string;
  /** The selected candidate pair. */
  local?: string;
  remote?: string;
  /** Round-trip time of the connectivity checks, milliseconds. */
  iceRttMs?: number;
  bytesSent: number;
  bytesReceived: number;
}

/** Messages on the control channel, JSON. */
export type ControlMessage =
  /** The first message: what runs here. */
  | { type: "hello"; software: string }
  | { type: "chat"; text: string }
  | { type: "ping"; n: number }
  | { type: "pong"; n: number }
  /** Everything this side offers now. */
  | { type: "shelf"; files: FileInfo[] }
  /** Asks for a file; the answer is a data channel with `transfer` as its protocol. */
  | { type: "get"; file: string; transfer: string }
  | { type: "refuse"; transfer: string; reason: string }
  /** How the sender of this message sees the connection. */
  | { type: "report"; view: ConnectionView };

/** Text messages on a file channel; binary ones are the file. */
export type FileMessage =
  /** From the sender, behind the last byte. */
  | { type: "end"; sha256: string | null }
  /** From the receiver: all is there, and the hash matched if there was one. */
  | { type: "received"; verified: boolean };

/** Label of the control channel. */
export const CONTROL_LABEL = "control";
/** Label of file channels. */
export const FILE_LABEL = "file";

/** Reads a JSON message whose `type` is a string; what else it holds is checked where it is used. */
export function parseMessage<Message extends { type: string }>(data: unknown): Message | undefined {
  if (typeof data !== "string") return undefined;
  try {
    const value: unknown = JSON.parse(data);
    if (typeof value !== "object" || value === null) return undefined;
    return typeof (value as { type?: unknown }).type === "string" ? value as Message : undefined;
  } catch {
    return undefined;
  }
}

/** The number of a note: `{ note: 1 }`, sent to the room by way of the server. */
export function noteOf(data: unknown): number | undefined {
  const number = (data as { note?: unknown } | null)?.note;
  return Number.isSafeInteger(number) ? number as number : undefined;
}
