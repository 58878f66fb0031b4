/** The value of an `on…` attribute: a function, or null. */
export type EventHandler<Target, Type = Event> =
  | ((this: Target, event: Type) => unknown)
  | null;

/** A listener of one event type: a function, or an object with `handleEvent`. */
export type TypedListener<Target, Type> =
  | ((this: Target, event: Type) => unknown)
  | { handleEvent(event: Type): unknown };

/**
 * An `EventTarget` whose listeners know the type of their event, and which has `on…` attributes.
 * Exceptions in a listener are reported the way the runtime reports uncaught ones; they never reach
 * the engine.
 */
export class TypedEventTarget<Events extends object> extends EventTarget {
  #handlers: Map<string, HandlerSlot> | undefined;

  /** Registers a listener for one of the events of this object. */
  override addEventListener<Name extends keyof Events & string>(
    type: Name,
    listener: TypedListener<this, Events[Name]> | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  /** Registers a listener for any event. */
  override addEventListener(
    type: string,
    listener: TypedListener<EventTarget, Event> | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  override addEventListener(
    type: string,
    listener: unknown,
    options?: boolean | AddEventListenerOptions,
  ): void {
    this.listenerAdded(type);
    super.addEventListener(type, listener as EventListener | null, options);
  }

  /** Removes a listener. */
  override removeEventListener<Name extends keyof Events & string>(
    type: Name,
    listener: TypedListener<this, Events[Name]> | null,
    options?: boolean | EventListenerOptions,
  ): void;
  /** Removes a listener. */
  override removeEventListener(
    type: string,
    listener: TypedListener<EventTarget, Event> | null,
    options?: boolean | EventListenerOptions,
  ): void;
  override removeEventListener(
    type: string,
    listener: unknown,
    options?: boolean | EventListenerOptions,
  ): void {
    super.removeEventListener(type, listener as EventListener | null, options);
  }

  /** For subclasses that care: `addEventListener` was called. */
  protected listenerAdded(_type: string): void {}

  /** The value of an `on…` attribute. */
  protected getHandler<Handler>(type: string): Handler | null {
    return (this.#handlers?.get(type)?.handler ?? null) as Handler | null;
  }

  /**
   * Sets an `on…` attribute (HTML §8.1.8.1): a handler takes its place among the listeners when it is
   * first set, keeps it when it is replaced, and loses it when it is set to null.
   */
  protected setHandler(type: string, value: unknown): void {
    const handler = typeof value === "function" || (typeof value === "object" && value !== null)
      ? value
      : null;
    this.#handlers ??= new Map();
    const slot = this.#handlers.get(type);
    if (slot !== undefined && handler !== null) {
      slot.handler = handler;
    } else if (slot !== undefined) {
      this.#handlers.delete(type);
      super.removeEventListener(type, slot);
    } else if (handler !== null) {
      const created = new HandlerSlot(this, handler);
      this.#handlers.set(type, created);
      super.addEventListener(type, created);
    }
  }
}

/** The listener that stands for an `on…` attribute. */
class HandlerSlot {
  handler: object;
  readonly #target: EventTarget;

  constructor(target: EventTarget, handler: object) {
    this.#target = target;
    this.handler = handler;
  }

  /** HTML §8.1.8.1: an object that cannot be called is ignored; `false` cancels the event. */
  handleEvent(event: Event): void {
    if (typeof this.handler !== "function") return;
    if (this.handler.call(this.#target, event) === false) event.preventDefault();
  }
}
