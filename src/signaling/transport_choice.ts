import { NEVER } from "../base/mod.ts";
import type { Transport } from "./client_events.ts";

/** WebSockets that worked once may fail so often before the stream is tried. */
const MAX_FAILURES = 2;
/** A client on the stream tries a WebSocket again after this long, milliseconds; then twice as long … */
const PROBE_FIRST_MS = 60_000;
/** … up to this. */
const PROBE_LAST_MS = 30 * 60_000;

/** Which transport comes next: WebSocket where it works, the stream where it is blocked. */
export class TransportChoice {
  readonly #transports: readonly Transport[];
  #preferred: Transport;
  #hasWorked = false;
  #failures = 0;
  #probeMs = PROBE_FIRST_MS;

  /** @param transports what may be used, the best first */
  constructor(transports: readonly Transport[]) {
    this.#transports = transports;
    this.#preferred = transports[0]!;
  }

  /** What to use next. */
  get preferred(): Transport {
    return this.#preferred;
  }

  /** The server spoke. */
  worked(transport: Transport): void {
    this.#failures = 0;
    this.#preferred = transport;
    if (transport === "websocket") this.#hasWorked = true;
  }

  /** The server did not get to speak. Returns whether another way is worth a try at once. */
  failed(transport: Transport): boolean {
    this.#failures++;
    const other = this.#transports.find((candidate) => candidate !== transport);
    if (other === undefined) return false;
    if (transport === "websocket" && this.#hasWorked && this.#failures < MAX_FAILURES) return false;
    this.#preferred = other;
    return this.#failures === 1;
  }

  /** Another network may block other things. */
  forget(): void {
    this.#preferred = this.#transports[0]!;
    this.#hasWorked = false;
    this.#failures = 0;
    this.#probeMs = PROBE_FIRST_MS;
  }

  /** When a client on `transport` tries something better. */
  nextProbe(now: number, transport: Transport): number {
    if (transport === this.#transports[0]) return NEVER;
    const at = now + this.#probeMs;
    this.#probeMs = Math.min(PROBE_LAST_MS, 2 * this.#probeMs);
    return at;
  }
}
