/** What the chain asks of its connection. */
interface ChainOwner {
  readonly isClosed: boolean;
  /** The chain ran empty while an update of the negotiation-needed flag was due. */
  updateNegotiationNeeded(): void;
}

/**
 * The operations chain (webrtc-pc §4.4.1.2): one asynchronous operation at a time. After the
 * connection is closed, promises of operations under way never settle, as the specification has it.
 */
export class OperationsChain {
  readonly #owner: ChainOwner;
  readonly #operations: (() => void)[] = [];
  /** [[UpdateNegotiationNeededFlagOnEmptyChain]]. */
  updateWhenEmpty = false;

  constructor(owner: ChainOwner) {
    this.#owner = owner;
  }

  /** Whether no operation runs or waits. */
  get isEmpty(): boolean {
    return this.#operations.length === 0;
  }

  /** Chains an operation. */
  chain<Result>(operation: () => Promise<Result>): Promise<Result> {
    if (this.#owner.isClosed) {
      const error = new DOMException("the connection is closed", "InvalidStateError");
      return Promise.reject(error);
    }
    return new Promise<Result>((resolve, reject) => {
      this.#operations.push(() => {
        operation().then(
          (value) => this.#settled(() => resolve(value)),
          (error) => this.#settled(() => reject(error)),
        );
      });
      if (this.#operations.length === 1) this.#operations[0]!();
    });
  }

  #settled(settle: () => void): void {
    if (this.#owner.isClosed) return;
    settle();
    // "Upon fulfillment or rejection of p": after its reactions were put in line.
    queueMicrotask(() => this.#next());
  }

  #next(): void {
    if (this.#owner.isClosed) return;
    this.#operations.shift();
    if (this.#operations.length > 0) return this.#operations[0]!();
    if (!this.updateWhenEmpty) return;
    this.updateWhenEmpty = false;
    this.#owner.updateNegotiationNeeded();
  }
}
