/** What stands in front of several instances: sends each new connection to one that lives. */

/** Starts to listen; `choose` answers the port behind it, as late as it likes. */
export class Front {
  readonly #listener: Deno.TcpListener;
  readonly #choose: () => number | Promise<number>;
  readonly #open = new Set<Deno.TcpConn>();
  readonly #serving: Promise<void>;
  /** Connections whose bytes do not arrive any more. */
  #cut: ReadonlySet<Deno.TcpConn> = new Set();
  #onCut: () => void = () => {};

  constructor(choose: () => number | Promise<number>) {
    this.#choose = choose;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#serving = this.#serve();
  }

  /** Where it listens. */
  get port(): number {
    return this.#listener.addr.port;
  }

  /** Carries nothing more from today's clients, and tells when the first of them says something. */
  cut(onCut: () => void): void {
    this.#cut = new Set(this.#open);
    this.#onCut = onCut;
  }

  /** Ends it with all of its connections. */
  async close(): Promise<void> {
    this.#listener.close();
    for (const socket of this.#open) this.#end(socket);
    await this.#serving;
  }

  async #serve(): Promise<void> {
    const connections: Promise<void>[] = [];
    for await (const near of this.#listener) connections.push(this.#forward(near));
    await Promise.all(connections);
  }

  async #forward(near: Deno.TcpConn): Promise<void> {
    this.#open.add(near);
    try {
      const far = await Deno.connect({ hostname: "127.0.0.1", port: await this.#choose() });
      // Closed in the meantime.
      if (!this.#open.has(near)) return far.close();
      this.#open.add(far);
      await Promise.all([this.#pump(near, far, true), this.#pump(far, near, false)]);
    } catch {
      // Nobody is there: the client is told by the end of its connection.
      this.#end(near);
    }
  }

  /** Carries one direction. Whichever ends, ends both: nothing here closes by halves. */
  async #pump(from: Deno.TcpConn, to: Deno.TcpConn, isUp: boolean): Promise<void> {
    const buffer = new Uint8Array(16384);
    try {
      for (;;) {
        const length = await from.read(buffer);
        if (length === null) return;
        if (isUp && this.#cut.has(from)) {
          this.#onCut();
          this.#onCut = () => {};
        } else for (let at = 0; at < length;) at += await to.write(buffer.subarray(at, length));
      }
    } catch {
      // Reset, or closed from here.
    } finally {
      this.#end(from);
      this.#end(to);
    }
  }

  #end(socket: Deno.TcpConn): void {
    if (this.#open.delete(socket)) socket.close();
  }
}
