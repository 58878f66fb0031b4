/** One file over one data channel: chunks under backpressure, progress, and a hash at the end. */
import { type Channel, type FileInfo, type FileMessage, parseMessage } from "./types.ts";

/** Bytes per message: browsers and Sterna reach their best throughput here. */
const CHUNK_BYTES = 64 * 1024;
/** Bytes read from the source at once. */
const BLOCK_BYTES = 1024 * 1024;
/** Stop sending above this many buffered bytes… */
const HIGH_WATER_BYTES = 4 * 1024 * 1024;
/** …and go on below this many: never idle, never a queue that only costs memory. */
const LOW_WATER_BYTES = 1024 * 1024;
/** Larger files are sent without a hash: WebCrypto wants the whole file in memory. */
export const MAX_HASHED_BYTES: number = 512 * 1024 * 1024;

/** Where the bytes of an offered file come from. */
export interface FileSource {
  readonly info: FileInfo;
  /** The bytes from `start` to `end`. */
  read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
  /** SHA-256 in hexadecimal, or `null` where none can be had. */
  hash(): Promise<string | null>;
}

/** Where the bytes of a received file go. */
export interface FileSink {
  write(bytes: Uint8Array<ArrayBuffer>): void;
  /** SHA-256 of all that was written, or `null` where none can be had. */
  hash(): Promise<string | null>;
}

/** A transfer as it stands. `update` is called whenever something changed. */
export interface Transfer {
  readonly id: string;
  readonly file: FileInfo;
  readonly direction: "in" | "out";
  state: "waiting" | "active" | "checking" | "done" | "failed";
  /** Bytes that left or arrived. */
  bytes: number;
  /** Clock readings, milliseconds. */
  startedAt: number;
  endedAt: number;
  /** Whether the receiver compared hashes and found them equal. */
  verified: boolean;
  error: string;
  /** Ends it from this side. */
  cancel(): void;
}

/** Makes the record of a transfer that has not begun. */
export function newTransfer(id: string, file: FileInfo, direction: "in" | "out"): Transfer {
  return {
    id,
    file,
    direction,
    state: "waiting",
    bytes: 0,
    startedAt: performance.now(),
    endedAt: 0,
    verified: false,
    error: "",
    cancel: () => {},
  };
}

/** Whether it is over, well or badly. */
export function isOver(transfer: Transfer): boolean {
  return transfer.state === "done" || transfer.state === "failed";
}

/** Marks a transfer as failed unless it is over. */
export function failTransfer(transfer: Transfer, error: string): void {
  if (isOver(transfer)) return;
  transfer.state = "failed";
  transfer.error = error;
  transfer.endedAt = performance.now();
}

/** Sends `source` over `channel`; returns when the receiver has it all, or it failed. */
export async function sendFile(
  channel: Channel,
  source: FileSource,
  transfer: Transfer,
  maxMessageBytes: number,
  update: () => void,
): Promise<void> {
  const closed = new Promise<void>((resolve) => channel.addEventListener("close", () => resolve()));
  channel.bufferedAmountLowThreshold = LOW_WATER_BYTES;
  transfer.cancel = () => {
    failTransfer(transfer, "cancelled here");
    channel.close();
    update();
  };
  channel.addEventListener("message", (event) => {
    const answer = parseMessage<FileMessage>((event as MessageEvent<unknown>).data);
    if (answer?.type !== "received" || isOver(transfer)) return;
    transfer.bytes = transfer.file.size;
    transfer.state = "done";
    transfer.verified = answer.verified === true;
    transfer.endedAt = performance.now();
    update();
  });
  try {
    await opened(channel);
    transfer.state = "active";
    transfer.startedAt = performance.now();
    const chunkBytes = Math.min(CHUNK_BYTES, maxMessageBytes || CHUNK_BYTES);
    const hash = source.hash();
    await pump(channel, source, transfer, chunkBytes, closed, update);
    post(channel, { type: "end", sha256: await hash });
    await closed;
    failTransfer(transfer, "the other side closed the transfer");
  } catch (error) {
    failTransfer(transfer, error instanceof Error ? error.message : String(error));
    channel.close();
  }
  update();
}

async function pump(
  channel: Channel,
  source: FileSource,
  transfer: Transfer,
  chunkBytes: number,
  closed: Promise<void>,
  update: () => void,
): Promise<void> {
  const { size } = source.info;
  for (let start = 0; start < size; start += BLOCK_BYTES) {
    const block = await source.read(start, Math.min(size, start + BLOCK_BYTES));
    for (let at = 0; at < block.length; at += chunkBytes) {
      if (channel.bufferedAmount > HIGH_WATER_BYTES) {
        await Promise.race([lowWater(channel), closed]);
      }
      if (channel.readyState !== "open") throw new Error("the other side closed the transfer");
      channel.send(block.subarray(at, at + chunkBytes));
      transfer.bytes = Math.max(0, start + at - channel.bufferedAmount);
    }
    update();
  }
}

/** Receives `transfer` over `channel` into `sink`; returns when it is all there, or it failed. */
export function receiveFile(
  channel: Channel,
  sink: FileSink,
  transfer: Transfer,
  update: () => void,
): Promise<void> {
  channel.binaryType = "arraybuffer";
  transfer.state = "active";
  transfer.startedAt = performance.now();
  return new Promise((resolve) => {
    const finish = (error?: string): void => {
      if (error !== undefined) failTransfer(transfer, error);
      channel.close();
      update();
      resolve();
    };
    transfer.cancel = () => finish("cancelled here");
    channel.addEventListener("close", () => finish("the other side closed the transfer"));
    channel.addEventListener("message", (event) => {
      if (isOver(transfer) || transfer.state === "checking") return;
      const { data } = event as MessageEvent<unknown>;
      if (data instanceof ArrayBuffer) {
        transfer.bytes += data.byteLength;
        if (transfer.bytes > transfer.file.size) return finish("more bytes than were announced");
        sink.write(new Uint8Array(data));
        update();
        return;
      }
      const end = parseMessage<FileMessage>(data);
      if (end?.type !== "end") return;
      if (transfer.bytes !== transfer.file.size) return finish("fewer bytes than were announced");
      transfer.state = "checking";
      update();
      void sink.hash().then((sha256) => {
        if (isOver(transfer)) return;
        transfer.verified = sha256 !== null && end.sha256 === sha256;
        if (sha256 !== null && end.sha256 !== null && !transfer.verified) {
          return finish("the hash does not match");
        }
        transfer.state = "done";
        transfer.endedAt = performance.now();
        // The sender closes the channel's other half when it has read this.
        post(channel, { type: "received", verified: transfer.verified });
        finish();
      }, (error) => finish(String(error)));
    });
  });
}

/** SHA-256 by WebCrypto, which browsers offer on `https:` and `localhost` only; else `null`. */
export async function sha256Hex(bytes: ArrayBuffer): Promise<string | null> {
  if (globalThis.crypto?.subtle === undefined) return null;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function post(channel: Channel, message: FileMessage): void {
  if (channel.readyState === "open") channel.send(JSON.stringify(message));
}

function opened(channel: Channel): Promise<void> {
  if (channel.readyState === "open") return Promise.resolve();
  return new Promise((resolve, reject) => {
    channel.addEventListener("open", () => resolve());
    channel.addEventListener("close", () => reject(new Error("the channel did not open")));
  });
}

function lowWater(channel: Channel): Promise<void> {
  return new Promise((resolve) => {
    channel.addEventListener("bufferedamountlow", () => resolve());
  });
}
