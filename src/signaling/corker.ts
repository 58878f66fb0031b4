/** A stream of Node that can gather what is written. */
export interface CorkedStream {
  /** Holds back what is written from now on. */
  cork(): void;
  /** Writes what was held back, in one system call. */
  uncork(): void;
}

/** Streams that are corked, until the turn of the event loop ends. */
const corked: Corker[] = [];

function uncorkAll(): void {
  for (const corker of corked.splice(0)) corker.uncork();
}

/**
 * Lets the messages of one turn leave together. A server that is busy reads many messages at once; one
 * system call for each of theirs would be most of its work.
 */
export class Corker {
  readonly #stream: CorkedStream;
  #isCorked = false;

  constructor(stream: CorkedStream) {
    this.#stream = stream;
  }

  /** Corks the stream until this turn ends. */
  cork(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    this.#stream.cork();
    if (corked.push(this) === 1) queueMicrotask(uncorkAll);
  }

  /** Lets everything go. */
  uncork(): void {
    this.#isCorked = false;
    this.#stream.uncork();
  }
}
