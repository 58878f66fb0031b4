/** Connects the room machine to real sockets, a real clock and one real timer. */
import { NEVER } from "../base/mod.ts";
import type { SignalingLimits } from "./limits.ts";
import { RoomMachine, type RoomStats } from "./rooms.ts";
import type { SocketHandlers, SocketPort } from "./upgrade.ts";

/** One machine and the sockets it speaks through. */
export class Switchboard {
  readonly #machine: RoomMachine;
  readonly #ports = new Map<number, SocketPort>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerAt = NEVER;
  #draining = false;

  /** @param limits those that differ from the defaults */
  constructor(limits: Partial<SignalingLimits> | undefined) {
    const entropy = (out: Uint8Array): void => {
      crypto.getRandomValues(out as Uint8Array<ArrayBuffer>);
    };
    this.#machine = new RoomMachine({ entropy, ...(limits && { limits }) });
  }

  /** Whether one more connection is welcome. */
  get hasRoom(): boolean {
    return this.#machine.hasRoom;
  }

  /** Counters of the machine. */
  stats(): RoomStats {
    return this.#machine.stats();
  }

  /** Handlers for one new socket. */
  attach(): SocketHandlers {
    let id: number | undefined;
    return {
      open: (port) => {
        id = this.#machine.connect(performance.now());
        if (id === undefined) return port.close(1013, "server-full");
        this.#ports.set(id, port);
        this.#drain();
      },
      message: (text) => {
        if (id === undefined) return;
        this.#machine.handleMessage(performance.now(), id, text);
        this.#drain();
      },
      close: () => {
        if (id === undefined) return;
        this.#ports.delete(id);
        this.#machine.handleDisconnect(id);
        this.#drain();
      },
    };
  }

  #drain(): void {
    // A failing send may report its close from inside this loop, which then takes it up.
    if (this.#draining) return;
    this.#draining = true;
    for (let next = this.#machine.pollAction(); next; next = this.#machine.pollAction()) {
      if (next.type === "send") this.#send(next.connection, next.text);
      else this.#close(next.connection, next.code, next.reason);
    }
    this.#draining = false;
    this.#arm();
  }

  #send(id: number, text: string): void {
    const port = this.#ports.get(id);
    if (port === undefined) return;
    if (port.bufferedAmount() > this.#machine.limits.queuedBytes) {
      this.#machine.handleOverflow(id);
      return;
    }
    try {
      port.send(text);
    } catch {
      // The socket is closing; its close event may be far away. For the room it is gone now.
      this.#ports.delete(id);
      this.#machine.handleDisconnect(id);
    }
  }

  #close(id: number, code: number, reason: string): void {
    const port = this.#ports.get(id);
    this.#ports.delete(id);
    try {
      port?.close(code, reason);
    } catch {
      // Already closing: that is what was wanted.
    }
  }

  /** One timer, moved only when the deadline came nearer or passed; none without connections. */
  #arm(): void {
    const deadline = this.#machine.pollTimeout();
    if (deadline === NEVER) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#timerAt = NEVER;
    } else if (deadline < this.#timerAt) {
      clearTimeout(this.#timer);
      this.#timerAt = deadline;
      this.#timer = setTimeout(() => {
        this.#timerAt = NEVER;
        this.#machine.handleTimeout(performance.now());
        this.#drain();
      }, Math.max(0, Math.ceil(deadline - performance.now())));
    }
  }
}
