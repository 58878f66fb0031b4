/** The stream and the POST requests that stand in for a WebSocket where those are blocked. */
import { CLOSE_TO_LEAVE } from "./client_actions.ts";
import type { Fetch, Link, LinkEvents } from "./client_link.ts";
import { EventParser } from "./event_parser.ts";

/** Opens a stream with `join` as its request; `base` is the address of the routes. */
export function openStream(base: string, join: string, events: LinkEvents, fetch: Fetch): Link {
  const abort = new AbortController();
  let isClosed = false, posts: Promise<void> = Promise.resolve();
  const end = (reason: string): void => {
    if (!isClosed) events.closed(reason);
    isClosed = true;
  };
  const post = async (text: string, isLast: boolean): Promise<void> => {
    let status = 0, texts: string[] = [];
    try {
      // The last words are to arrive even when the page that says them is gone.
      const init = isLast ? { keepalive: true } : { signal: abort.signal };
      const response = await fetch(`${base}/messages`, { method: "POST", body: text, ...init });
      const answer: unknown = await response.json();
      if (Array.isArray(answer)) texts = answer.map((message) => JSON.stringify(message));
      status = response.status;
    } catch {
      // As good as no answer.
    }
    if (!isClosed) events.posted(status, texts);
  };
  const read = async (): Promise<string> => {
    const init = { method: "POST", body: join, signal: abort.signal };
    const response = await fetch(`${base}/events`, init);
    if (!response.ok || response.body === null) return codeOf(await response.json());
    const parser = new EventParser(), decoder = new TextDecoder();
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return "";
      for (const { type, data } of parser.push(decoder.decode(value, { stream: true }))) {
        if (type === "close") return reasonOf(data);
        events.text(data);
      }
    }
  };
  const run = read().then(end, () => end(""));
  return {
    gone: run.then(() => posts),
    send(text) {
      posts = post(text, text.endsWith(LEAVE));
    },
    close(code) {
      isClosed = true;
      const stop = (): void => abort.abort();
      if (code === CLOSE_TO_LEAVE) void posts.then(stop);
      else stop();
    },
  };
}

const LEAVE = '{"type":"leave"}';

function codeOf(body: { error?: { code?: unknown } } | null): string {
  return String(body?.error?.code ?? "");
}

function reasonOf(data: string): string {
  const { reason } = JSON.parse(data) as { reason?: unknown };
  return String(reason ?? "");
}
