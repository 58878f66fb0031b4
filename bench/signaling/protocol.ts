/** What the parts of the benchmark say to each other: one line of JSON each. */

/** Servers that are measured. */
export const SUBJECTS = ["relay", "sterna", "peerjs", "socket.io"] as const;

/** One of {@linkcode SUBJECTS}. */
export type SubjectName = typeof SUBJECTS[number];

/** What clients send each other. */
export const MESSAGES = ["data", "candidate"] as const;

/** One of {@linkcode MESSAGES}. */
export type MessageKind = typeof MESSAGES[number];

/** Signs the tokens of the benchmark. */
export const SECRET = "the secret of a benchmark, 32 bytes";

/** An order to the load generator. */
export type LoadOrder =
  /** Connects `clients`, two in a room; they replace those of this subject. */
  | { order: "open"; subject: SubjectName; port: number; clients: number }
  /** Keeps `window` messages of each client on the way; answers with messages per second. */
  | { order: "throughput"; subject: SubjectName; message: MessageKind; window: number; ms: number }
  /** Sends `rate` messages per second; answers with the 99th percentile, milliseconds. */
  | { order: "latency"; subject: SubjectName; message: MessageKind; rate: number; ms: number }
  /** Disconnects. */
  | { order: "close"; subject: SubjectName };

/** The answer to an order. */
export interface LoadAnswer {
  /** The figure; the number of clients after `open`. */
  value: number;
  /** What went wrong. */
  error?: string;
}
