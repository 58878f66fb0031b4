import type { OutgoingStream } from "./outgoing_stream.ts";

/**
 * Weighted fair queueing (RFC 8260 §3.6, RFC 8831 §6.4): the stream whose virtual start time is the
 * earliest goes next, and what it sends moves its time on by bytes over priority. A binary heap.
 */
export class StreamScheduler {
  readonly #heap: OutgoingStream[] = [];
  #virtualTime = 0;

  /** The stream to send from, or `undefined`. */
  get first(): OutgoingStream | undefined {
    return this.#heap[0];
  }

  /** A stream has something to send. */
  add(stream: OutgoingStream): void {
    if (stream.scheduled) return;
    stream.scheduled = true;
    // A stream that was idle gets no credit for it.
    stream.dueAt = Math.max(stream.dueAt, this.#virtualTime);
    this.#heap.push(stream);
    this.#up(this.#heap.length - 1);
  }

  /** A stream has sent `bytes`. Mostly the first; in the middle of a message it may be another. */
  charge(stream: OutgoingStream, bytes: number): void {
    this.#virtualTime = Math.max(this.#virtualTime, stream.dueAt);
    stream.dueAt += bytes / stream.priority;
    const heap = this.#heap;
    this.#down(heap[0] === stream ? 0 : heap.indexOf(stream));
  }

  /** A stream has nothing more to send. */
  remove(stream: OutgoingStream): void {
    if (!stream.scheduled) return;
    stream.scheduled = false;
    const heap = this.#heap;
    const index = heap.indexOf(stream);
    const last = heap.pop()!;
    if (last === stream) return;
    heap[index] = last;
    this.#up(index);
    this.#down(index);
  }

  #before(a: OutgoingStream, b: OutgoingStream): boolean {
    return a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.id < b.id);
  }

  #up(index: number): void {
    const heap = this.#heap;
    const stream = heap[index]!;
    while (index > 0) {
      const parent = (index - 1) >>> 1;
      if (!this.#before(stream, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = stream;
  }

  #down(index: number): void {
    const heap = this.#heap;
    const stream = heap[index]!;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && this.#before(heap[child + 1]!, heap[child]!)) child++;
      if (!this.#before(heap[child]!, stream)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = stream;
  }
}
