import type { DataChannel } from "../peer/mod.ts";

interface Waiting {
  readonly size: number;
  readonly isText: boolean;
  /** `undefined` until the blob is read. */
  data: Uint8Array | undefined;
}

/**
 * Messages that wait behind a `Blob` whose bytes are still being read: they are sent in the order of
 * the calls (webrtc-pc §6.2, "send() algorithm"). Empty, and out of the way, where no blobs are sent.
 */
export class OutgoingMessages {
  readonly #handle: DataChannel;
  readonly #onFailure: (message: string) => void;
  readonly #onBytes: () => void;
  #waiting: Waiting[] = [];
  #closing = false;
  /** Bytes that wait here. */
  bytes = 0;

  /**
   * @param onFailure a message could not be sent
   * @param onBytes `bytes` changed
   */
  constructor(handle: DataChannel, onFailure: (message: string) => void, onBytes: () => void) {
    this.#handle = handle;
    this.#onFailure = onFailure;
    this.#onBytes = onBytes;
  }

  /** Whether messages have to queue here. */
  get isBusy(): boolean {
    return this.#waiting.length > 0;
  }

  /** Queues a message whose bytes are there; they are copied. */
  pushBytes(data: Uint8Array, isText: boolean): void {
    this.#push({ size: data.length, isText, data: data.slice() });
  }

  /** Queues a blob and starts reading it. */
  pushBlob(blob: Blob): void {
    const entry: Waiting = { size: blob.size, isText: false, data: undefined };
    this.#push(entry);
    blob.arrayBuffer().then(
      (buffer) => this.#ready(entry, new Uint8Array(buffer)),
      () => this.#unreadable(entry),
    );
  }

  /** Closes the channel when everything that waits was handed over. */
  closeWhenEmpty(): void {
    this.#closing = true;
    this.#drain();
  }

  /** Forgets what waits. */
  clear(): void {
    this.#waiting = [];
  }

  #push(entry: Waiting): void {
    this.#waiting.push(entry);
    this.#addBytes(entry.size);
  }

  #addBytes(bytes: number): void {
    this.bytes += bytes;
    this.#onBytes();
  }

  #ready(entry: Waiting, data: Uint8Array): void {
    entry.data = data;
    this.#drain();
  }

  #unreadable(entry: Waiting): void {
    const index = this.#waiting.indexOf(entry);
    if (index < 0) return;
    this.#waiting.splice(index, 1);
    this.#addBytes(-entry.size);
    this.#onFailure("a blob could not be read");
    this.#drain();
  }

  #drain(): void {
    for (;;) {
      const first = this.#waiting[0];
      if (first?.data === undefined) break;
      const outcome = this.#handle.send(first.data, first.isText);
      // A closed channel takes nothing; its buffered amount stays as it is (webrtc-pc §6.2).
      if (outcome === "closed") return this.clear();
      this.#waiting.shift();
      this.#addBytes(-first.size);
      if (outcome !== "ok") this.#onFailure(`a message could not be sent: ${outcome}`);
    }
    if (this.#closing && !this.isBusy) this.#handle.close();
  }
}
