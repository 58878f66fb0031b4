/// <reference lib="dom" />
import { find, make, makeButton } from "./dom.ts";

/** Lines kept in the page. */
const MAX_LINES = 300;
const SUGGESTIONS = ["/help", "/time", "/stats", "/peers"];

/** The chat panel. */
export class Chat {
  readonly #log = find("#log");
  readonly #suggestions = find("#suggestions");
  readonly #onSend: (text: string) => boolean;

  /** @param onSend sends a line; returns `false` when nobody is there to read it */
  constructor(onSend: (text: string) => boolean) {
    this.#onSend = onSend;
    const input = find<HTMLInputElement>("#message");
    find("#chat-form").addEventListener("submit", (event) => {
      event.preventDefault();
      const text = input.value.trim();
      if (text !== "" && this.#send(text)) input.value = "";
      input.focus();
    });
    for (const command of SUGGESTIONS) {
      this.#suggestions.append(makeButton(command, () => void this.#send(command)));
    }
  }

  /** A line of somebody else. */
  show(name: string, text: string): void {
    this.#add("line", name, text);
  }

  /** Something that happened. */
  note(text: string): void {
    this.#append(make("p", "line note", text));
  }

  /** Whether a Deno process listens, to whom the commands may be suggested. */
  setDeno(isThere: boolean): void {
    this.#suggestions.hidden = !isThere;
  }

  #send(text: string): boolean {
    if (!this.#onSend(text)) {
      this.note("Nobody is connected yet. Your message was kept.");
      return false;
    }
    this.#add("line mine", "You", text);
    return true;
  }

  #add(className: string, name: string, text: string): void {
    const time = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    const meta = make("p", "meta", `${name} · ${time}`);
    this.#append(make("div", className, meta, make("p", "text", text)));
  }

  #append(line: HTMLElement): void {
    const log = this.#log;
    const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
    log.append(line);
    while (log.childElementCount > MAX_LINES) log.firstElementChild!.remove();
    if (isAtEnd || line.classList.contains("mine")) log.scrollTop = log.scrollHeight;
  }
}
