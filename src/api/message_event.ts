/**
 * The "message" event that a channel hands to its `onmessage` handler while nobody else listens: a
 * `MessageEvent` in all that a handler can see of it, made without the runtimes' constructor and
 * dispatch, which cost more (0.1–0.5 µs) than the whole way of a small message through SCTP may.
 */
class LightMessageEvent {
  readonly #target: EventTarget;
  readonly #data: unknown;
  #timeStamp: number | undefined;

  constructor(target: EventTarget, data: unknown) {
    this.#target = target;
    this.#data = data;
  }

  get data(): unknown {
    return this.#data;
  }

  get type(): string {
    return "message";
  }

  get target(): EventTarget {
    return this.#target;
  }

  get currentTarget(): EventTarget {
    return this.#target;
  }

  get srcElement(): EventTarget {
    return this.#target;
  }

  get origin(): string {
    return "";
  }

  get lastEventId(): string {
    return "";
  }

  get source(): null {
    return null;
  }

  get ports(): readonly never[] {
    return [];
  }

  get eventPhase(): number {
    return Event.AT_TARGET;
  }

  get timeStamp(): number {
    return this.#timeStamp ??= performance.now();
  }

  get isTrusted(): boolean {
    return true;
  }

  get bubbles(): boolean {
    return false;
  }

  get cancelable(): boolean {
    return false;
  }

  get composed(): boolean {
    return false;
  }

  get defaultPrevented(): boolean {
    return false;
  }

  get returnValue(): boolean {
    return true;
  }

  get cancelBubble(): boolean {
    return false;
  }

  composedPath(): EventTarget[] {
    return [this.#target];
  }

  /** Not cancelable. */
  preventDefault(): void {}

  /** There is nobody else to be stopped. */
  stopPropagation(): void {}

  /** There is nobody else to be stopped. */
  stopImmediatePropagation(): void {}
}

// `event instanceof MessageEvent` holds, and constants such as `AT_TARGET` are there.
Object.setPrototypeOf(LightMessageEvent.prototype, MessageEvent.prototype);

/** A "message" event for one handler. */
export function lightMessageEvent(target: EventTarget, data: unknown): MessageEvent {
  return new LightMessageEvent(target, data) as unknown as MessageEvent;
}
