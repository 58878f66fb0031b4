/** One server-sent event. */
export interface ServerEvent {
  /** The `event` field, or `message`. */
  readonly type: string;
  /** The `data` fields, a line each. */
  readonly data: string;
}

/** Reads a stream of server-sent events (WHATWG HTML §9.2.6), in whatever pieces it comes. */
export class EventParser {
  #rest = "";
  #type = "";
  #data: string[] = [];

  /** Takes a piece; returns the events that it completes. */
  push(text: string): ServerEvent[] {
    const events: ServerEvent[] = [];
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop()!;
    for (const line of lines) {
      if (line !== "") this.#field(line);
      else {
        if (this.#data.length > 0) {
          events.push({ type: this.#type || "message", data: this.#data.join("\n") });
        }
        this.#type = "";
        this.#data = [];
      }
    }
    return events;
  }

  #field(line: string): void {
    const colon = line.indexOf(":");
    // A colon in front makes a comment.
    if (colon === 0) return;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "event") this.#type = value;
    if (name === "data") this.#data.push(value);
  }
}
