import { classString } from "./webidl.ts";

/** Members that every statistics object has (webrtc-pc §8.4). */
export interface RTCStats {
  /** Milliseconds since 1970, with fractions. */
  timestamp: number;
  /** What kind of object it is. */
  type: string;
  /** The same for the same object in later reports. */
  id: string;
}

/** Statistics objects by their id, a read-only map (webrtc-pc §8.3). */
export class RTCStatsReport implements Iterable<[string, RTCStats]> {
  static {
    classString(this, "RTCStatsReport");
  }

  readonly #objects: Map<string, RTCStats>;

  /** Made by `RTCPeerConnection.getStats`. */
  constructor(objects: Iterable<RTCStats> = []) {
    this.#objects = new Map();
    for (const object of objects) this.#objects.set(object.id, object);
  }

  /** How many objects there are. */
  get size(): number {
    return this.#objects.size;
  }

  /** The object with that id. */
  // The members depend on `type`, as in every binding of this interface.
  get(id: string): RTCStats | undefined {
    return this.#objects.get(id);
  }

  /** Whether there is an object with that id. */
  has(id: string): boolean {
    return this.#objects.has(id);
  }

  /** All ids. */
  keys(): IterableIterator<string> {
    return this.#objects.keys();
  }

  /** All objects. */
  values(): IterableIterator<RTCStats> {
    return this.#objects.values();
  }

  /** All ids with their objects. */
  entries(): IterableIterator<[string, RTCStats]> {
    return this.#objects.entries();
  }

  /** All ids with their objects. */
  [Symbol.iterator](): IterableIterator<[string, RTCStats]> {
    return this.#objects.entries();
  }

  /** Calls `callback` for each object. */
  forEach(
    callback: (stats: RTCStats, id: string, report: RTCStatsReport) => void,
    thisArgument?: unknown,
  ): void {
    for (const [id, stats] of this.#objects) callback.call(thisArgument, stats, id, this);
  }
}
