import type { SocketHandlers } from "./upgrade.ts";

/** What waits for a slow reader is counted in bytes; the mark itself is of no consequence. */
const HIGH_WATER_MARK = 1;

/** The close code of a connection that went without a word (RFC 6455 §7.1.5). */
const GONE = 1006;

/** Headers of the response that carries the stream. */
export const STREAM_HEADERS: Readonly<Record<string, string>> = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store",
  // nginx holds responses back until a buffer is full.
  "x-accel-buffering": "no",
};

/**
 * Server-sent events (WHATWG HTML §9.2) instead of a WebSocket: each event is a server message, its id
 * the message's position. Before the stream ends, an event `close` tells code and reason.
 *
 * @param join the client's first message, taken from the request
 */
export function eventStream(handlers: SocketHandlers, join: string): ReadableStream {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const write = (text: string): void => controller.enqueue(encoder.encode(text));
      handlers.open({
        send: (text, position) => {
          write(position === 0 ? `data: ${text}\n\n` : `id: ${position}\ndata: ${text}\n\n`);
          return true;
        },
        close: (code, reason) => {
          write(`event: close\ndata: ${JSON.stringify({ code, reason })}\n\n`);
          controller.close();
        },
        bufferedAmount: () => HIGH_WATER_MARK - (controller.desiredSize ?? 0),
      });
      handlers.message(join);
    },
    cancel() {
      // Perhaps to come back: there is no way to say so on purpose here, `leave` says the opposite.
      handlers.close(GONE);
    },
  }, new ByteLengthQueuingStrategy({ highWaterMark: HIGH_WATER_MARK }));
}
