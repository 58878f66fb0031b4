/** Signaling where WebSockets are blocked: a stream of events down, POST requests up. */
import type { Context, Hono } from "hono";
import type { SignalingErrorCode } from "./errors.ts";
import { eventStream, STREAM_HEADERS } from "./event_stream.ts";
import { type Guard, isRefused } from "./guard.ts";
import { refuse, statusOf } from "./http_errors.ts";
import { CLIENT_MESSAGES, parseJson } from "./message_schemas.ts";
import type { JoinMessage } from "./messages.ts";
import { readText } from "./read_text.ts";
import type { Switchboard } from "./switchboard.ts";

/** Messages of one POST. */
const MAX_MESSAGES = 64;

/**
 * Adds `POST /events`, whose body is a join and whose response is the stream, and `POST /messages`,
 * whose body holds one message a line, `act` first.
 */
export function addFallbackRoutes(app: Hono, board: Switchboard, guard: Guard): void {
  app.use("/events", guard.cors);
  app.use("/messages", guard.cors);
  app.post("/events", async (context) => {
    const busy = board.machine.refusal(guard.address(context));
    if (busy !== undefined) return refuse(context, busy, "no further connections now");
    const admitted = await guard.admit(context);
    if (isRefused(admitted)) return refuse(context, admitted.code, admitted.message);
    const text = await readText(context.req.raw, board.machine.limits.messageBytes);
    if (text === undefined) return refuse(context, "too-large", "the message is too large");
    const join = CLIENT_MESSAGES.join.read(parseJson(text));
    if (join === undefined) return refuse(context, "bad-message", "the body is a join");
    const stream = board.attach({ ...admitted, kind: "stream" });
    const body = eventStream(stream, JSON.stringify(resumeFrom(context, join)));
    return context.body(body, 200, STREAM_HEADERS);
  });
  app.post("/messages", async (context) => {
    const limit = 2 * board.machine.limits.messageBytes;
    const text = await readText(context.req.raw, limit);
    if (text === undefined) return refuse(context, "too-large", `at most ${limit} bytes`);
    const messages = text.split("\n").filter((line) => line !== "");
    if (messages.length > MAX_MESSAGES) {
      return refuse(context, "too-large", `at most ${MAX_MESSAGES} messages`);
    }
    const result = await board.exchange({ messages }, { address: guard.address(context) });
    if (typeof result === "string") return refuse(context, result, "no further connections now");
    context.header("content-type", "application/json");
    return context.body(`[${result.join(",")}]`, statusOfAnswers(result));
  });
}

/** A stream that is opened again by its own reader says in a header where it was (HTML §9.2.4). */
function resumeFrom(context: Context, join: JoinMessage): JoinMessage {
  const said = context.req.header("last-event-id") ?? "";
  if (join.resume === undefined || !/^\d{1,15}$/.test(said)) return join;
  return { ...join, resume: { ...join.resume, position: Number(said) } };
}

/** A request that ends with an error failed; errors before an acknowledgement concern one message. */
function statusOfAnswers(answers: readonly string[]): 200 | ReturnType<typeof statusOf> {
  const last = parseJson(answers.at(-1) ?? "{}") as { type?: string; code?: SignalingErrorCode };
  return last.type === "error" && last.code !== undefined ? statusOf(last.code) : 200;
}
