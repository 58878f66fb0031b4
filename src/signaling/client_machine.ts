/**
 * The client's half of the protocol in `messages.ts`, without sockets, timers, clock or luck: it connects,
 * comes back, and changes the transport. Inputs are commands and `handle…`, outputs `pollAction`,
 * `pollEvent` and `pollTimeout`; after each input drain them and arm the deadline.
 */
import { NEVER } from "../base/mod.ts";
import {
  type ClientAction,
  type ClientMachineOptions,
  CLOSE_TO_LEAVE,
  CLOSE_TO_RESUME,
  CODE,
  FINAL,
} from "./client_actions.ts";
import type { SignalingEvent, SignalingStatus, Transport } from "./client_events.ts";
import type { Unnumbered } from "./client_outbox.ts";
import { readServerMessage } from "./client_reader.ts";
import { ClientSession } from "./client_session.ts";
import {
  ANSWER_MS,
  MAX_FAILED_POSTS,
  MAX_TOKENS,
  retryDelay,
  SILENT_BEATS,
  STABLE_MS,
} from "./client_timing.ts";
import { SignalingError, type SignalingErrorCode } from "./errors.ts";
import type { PeerMetadata, ServerMessage } from "./messages.ts";
import { TransportChoice } from "./transport_choice.ts";

type Phase = "idle" | "token" | "opening" | "joined" | "waiting" | "closed";

/** The machine. */
export class ClientMachine {
  /** The membership. */
  readonly session: ClientSession;
  readonly #options: ClientMachineOptions;
  readonly #choice: TransportChoice;
  readonly #actions: ClientAction[] = [];
  #phase: Phase = "idle";
  #token: string | undefined;
  #tokensFetched = 0;
  #links = 0;
  /** The link in use, or 0. */
  #link = 0;
  #transport: Transport;
  #wasGreeted = false;
  /** A link on a better transport that is being tried, or 0. */
  #probe = 0;
  #retries = 0;
  #joinedAt = 0;
  #heartbeatMs = 0;
  #isPosting = false;
  #failedPosts = 0;
  #retryAt = NEVER;
  /** The link, or the probe, has to answer by then. */
  #answerAt = NEVER;
  #silenceAt = NEVER;
  #renewAt = NEVER;
  #probeAt = NEVER;

  constructor(options: ClientMachineOptions) {
    this.#options = options;
    this.session = new ClientSession(options.room, options.metadata);
    this.#token = options.token;
    this.#choice = new TransportChoice(options.transports);
    this.#transport = this.#choice.preferred;
  }

  /** Where it stands. */
  status(now: number): SignalingStatus {
    const { outbox, position, self } = this.session, phase = this.#phase;
    const trying = self === undefined ? "connecting" : "resuming";
    return {
      state: phase === "idle" || phase === "token" || phase === "opening" ? trying : phase,
      retryMs: phase === "waiting" ? Math.max(0, this.#retryAt - now) : 0,
      transport: this.#transport,
      position,
      queued: outbox.queued,
      unacknowledged: outbox.length,
    };
  }

  /** Connects. */
  start(now: number): void {
    if (this.#phase === "idle") this.#attempt(now);
  }

  /** Says something (`body`: the same as JSON); returns its number in this session. */
  send(now: number, message: Unnumbered, body: string, bytes: number): number {
    const seq = this.session.add(message, body, bytes);
    this.#flush(now);
    return seq;
  }

  /** Others are to see something else of this client. */
  update(now: number, metadata: PeerMetadata): void {
    this.session.update(metadata);
    this.#flush(now);
  }

  /** Tries at once, on a new connection. On another network, what was blocked may not be any more. */
  renew(now: number, isOtherNetwork = false): void {
    if (isOtherNetwork) this.#choice.forget();
    if (this.#phase === "closed" || this.#phase === "idle" || this.#phase === "token") return;
    this.#dropLinks(CLOSE_TO_RESUME);
    this.#attempt(now);
  }

  /** Leaves, and enters again with a new session. */
  rejoin(now: number): void {
    if (this.#phase !== "joined") return;
    this.#leave();
    this.session.forget();
    this.#attempt(now);
  }

  /** Leaves for good. */
  close(now: number): void {
    if (this.#phase === "closed") return;
    this.#leave();
    this.#enter(now, "closed");
  }

  #leave(): void {
    if (this.#phase === "joined" && this.#transport === "stream") {
      const text = `${this.session.act()}\n{"type":"leave"}`;
      this.#actions.push({ type: "post", link: this.#link, text });
    }
    this.#dropLinks(CLOSE_TO_LEAVE);
  }

  /** The token to use from now on, or, where there is none, why. */
  handleToken(now: number, token: string | undefined, reason = ""): void {
    if (this.#phase !== "token") return;
    this.#token = token;
    if (token !== undefined) return this.#open(now);
    this.#fail("unauthorized", reason);
    this.#retry(now);
  }

  /** A link brought a message. */
  handleText(now: number, link: number, text: string): void {
    const message = link === 0 ? undefined : readServerMessage(text);
    if (message === undefined) return;
    if (link === this.#probe && message.type === "welcome") this.#switchToProbe(now);
    if (link !== this.#link) return;
    if (this.#phase !== "joined") return this.#handleAnswer(now, message);
    this.#watch(now);
    if (this.session.isNews(message)) this.#handleNews(now, message);
    this.#flush(now);
  }

  /** A link is gone. `reason` is what its close frame or its HTTP response says. */
  handleClosed(now: number, link: number, reason: string): void {
    if (link === 0) return;
    if (link === this.#probe) {
      this.#probe = 0;
      this.#answerAt = NEVER;
      this.#probeAt = this.#choice.nextProbe(now, this.#transport);
    } else if (link === this.#link) {
      // The session has moved to the probe, whose welcome is on its way.
      if (reason === "replaced" && this.#probe !== 0) return this.#switchToProbe(now);
      this.#link = 0;
      if (FINAL.has(reason)) this.#refused(now, reason as SignalingErrorCode, reason);
      else this.#lose(now, reason);
    }
  }

  /** A POST was answered: its status, 0 where there is none, and the messages of the answer. */
  handlePosted(now: number, link: number, status: number, texts: readonly string[]): void {
    if (link === 0 || link !== this.#link) return;
    this.#isPosting = false;
    const verdict = this.session.answered(texts);
    if (verdict === "unknown-session") return this.renew(now);
    this.#failedPosts = verdict === "understood" ? 0 : this.#failedPosts + 1;
    if (this.#failedPosts >= MAX_FAILED_POSTS) return this.#lose(now, "");
    if (status !== 200) this.session.pace.slow(now);
    this.session.outbox.rewind();
    this.#flush(now);
  }

  /** Does what is due. */
  handleTimeout(now: number): void {
    if (now >= this.#answerAt) this.#giveUp(now);
    if (now >= this.#silenceAt) this.#lose(now, "");
    if (now >= this.#renewAt) this.renew(now);
    if (now >= this.#retryAt) this.#attempt(now);
    if (now >= this.#probeAt) this.#startProbe(now);
    this.#flush(now);
  }

  /** When `handleTimeout` is due, or `NEVER`. */
  pollTimeout(): number {
    const { outbox, pace } = this.session;
    const canFlush = this.#phase === "joined" && !this.#isPosting && outbox.isReady;
    return Math.min(
      ...[this.#answerAt, this.#silenceAt, this.#renewAt, this.#retryAt, this.#probeAt],
      canFlush ? pace.readyAt : NEVER,
    );
  }

  /** The next thing to do, or `undefined`. */
  pollAction(): ClientAction | undefined {
    return this.#actions.shift();
  }

  /** The next thing to tell, or `undefined`. */
  pollEvent(): SignalingEvent | undefined {
    return this.session.events.shift();
  }

  #attempt(now: number): void {
    this.#retryAt = NEVER;
    if (this.#options.hasTokenProvider && this.#token === undefined) {
      this.#tokensFetched++;
      this.#actions.push({ type: "token" });
      return this.#enter(now, "token");
    }
    this.#open(now);
  }

  #open(now: number): void {
    this.#transport = this.#choice.preferred;
    this.#link = this.#openLink(this.#transport);
    this.#wasGreeted = false;
    this.#answerAt = now + ANSWER_MS;
    this.#enter(now, "opening");
  }

  #openLink(transport: Transport): number {
    const link = ++this.#links, join = this.session.join(this.#token);
    this.#actions.push({ type: "open", link, transport, join });
    return link;
  }

  /** Before this client is in. */
  #handleAnswer(now: number, message: ServerMessage): void {
    switch (message.type) {
      case "welcome":
        this.#wasGreeted = true;
        this.#choice.worked(this.#transport);
        this.#heartbeatMs = message.heartbeatMs;
        this.session.messageBytes = message.messageBytes;
        return;
      case "joined":
        this.#settle(now);
        this.session.joined(message);
        return this.#flush(now);
      case "resumed":
        if (message.self !== this.session.self) return;
        this.#settle(now);
        this.session.resumed(message);
        return this.#flush(now);
      case "error":
        // `joined` follows.
        if (message.code !== "resume-expired") this.#refused(now, message.code, message.message);
    }
  }

  #handleNews(now: number, message: ServerMessage): void {
    switch (message.type) {
      case "ping":
        this.session.outbox.acknowledge(message.ack);
        if (this.#transport === "websocket") {
          this.#actions.push({ type: "send", link: this.#link, text: '{"type":"pong"}' });
        }
        return;
      case "ack":
        return this.session.outbox.acknowledge(message.seq);
      case "error":
        return this.#handleError(now, message);
      case "reconnect":
        // Everybody at a moment of its own, so that the next instance is not overrun.
        this.#renewAt = now + this.#options.random() * message.withinMs;
        return;
      default:
        this.session.tell(message);
    }
  }

  #handleError(now: number, { code, seq, message }: ServerMessage & { type: "error" }): void {
    if (code === "rate-limited") return this.session.slow(now, seq);
    if (seq !== undefined) return this.session.refuse(seq, code, message);
    this.#fail(code, message);
    // One of the two does not know the protocol: this session will not get any further.
    if (code !== "bad-message") return;
    this.session.forget();
    this.#lose(now, "");
  }

  /** In the room. */
  #settle(now: number): void {
    this.#joinedAt = now;
    this.#tokensFetched = 0;
    this.#answerAt = NEVER;
    this.#probeAt = this.#choice.nextProbe(now, this.#transport);
    this.session.pace.reset();
    this.#watch(now);
    this.#enter(now, "joined");
  }

  /** The server does not let this client in, or sends it out. */
  #refused(now: number, code: SignalingErrorCode, message: string): void {
    this.#dropLinks(CLOSE_TO_RESUME);
    const isAboutToken = code === "token-expired" || code === "unauthorized";
    if (isAboutToken && this.#options.hasTokenProvider && this.#tokensFetched < MAX_TOKENS) {
      this.#token = undefined;
      return this.#attempt(now);
    }
    if (FINAL.has(code)) this.#enter(now, "closed");
    this.#fail(code, message);
    if (!FINAL.has(code)) this.#retry(now);
  }

  /** The link is of no use any more. */
  #lose(now: number, reason: string): void {
    const wasJoined = this.#phase === "joined", isSaid = CODE.test(reason);
    const another = !this.#wasGreeted && !isSaid && this.#choice.failed(this.#transport);
    this.#dropLinks(CLOSE_TO_RESUME);
    if (isSaid) this.#fail(reason as SignalingErrorCode, `the server says ${reason}`);
    else if (wasJoined) this.#fail("connection-lost", "the signaling server cannot be reached");
    if (wasJoined && now - this.#joinedAt >= STABLE_MS) this.#retries = 0;
    if (another) this.#attempt(now);
    else this.#retry(now);
  }

  #retry(now: number): void {
    this.#retryAt = now + retryDelay(this.#retries++, this.#options.random());
    this.#enter(now, "waiting");
  }

  #dropLinks(code: number): void {
    for (const link of [this.#link, this.#probe]) {
      if (link !== 0) this.#actions.push({ type: "close", link, code });
    }
    this.#link = this.#probe = this.#failedPosts = 0;
    this.#isPosting = false;
    this.#answerAt =
      this.#silenceAt =
      this.#renewAt =
      this.#retryAt =
      this.#probeAt =
        NEVER;
  }

  /** The link, or the probe, does not answer. */
  #giveUp(now: number): void {
    if (this.#probe === 0) return this.#lose(now, "");
    this.#actions.push({ type: "close", link: this.#probe, code: CLOSE_TO_RESUME });
    this.handleClosed(now, this.#probe, "");
  }

  #startProbe(now: number): void {
    this.#probeAt = NEVER;
    this.#probe = this.#openLink(this.#options.transports[0]!);
    this.#answerAt = now + ANSWER_MS;
  }

  #switchToProbe(now: number): void {
    const probe = this.#probe;
    this.#probe = 0;
    this.#dropLinks(CLOSE_TO_RESUME);
    this.#link = probe;
    this.#transport = this.#options.transports[0]!;
    this.#wasGreeted = false;
    this.#answerAt = now + ANSWER_MS;
    this.#enter(now, "opening");
  }

  #watch(now: number): void {
    this.#silenceAt = this.#heartbeatMs === 0 ? NEVER : now + this.#heartbeatMs * SILENT_BEATS;
  }

  #flush(now: number): void {
    if (this.#phase !== "joined") return;
    const { outbox, pace } = this.session, link = this.#link;
    while (!this.#isPosting && outbox.isReady && now >= pace.readyAt) {
      if (this.#transport === "stream") {
        // One request at a time, so that nothing overtakes.
        this.#isPosting = true;
        const text = this.session.takePost(now);
        this.#actions.push({ type: "post", link, text });
      } else {
        this.#actions.push({ type: "send", link, text: outbox.take() });
        pace.spend(now);
      }
    }
  }

  #enter(now: number, phase: Phase): void {
    this.#phase = phase;
    this.session.emit({ type: "state", detail: this.status(now) });
  }

  #fail(code: SignalingErrorCode, message: string): void {
    this.session.emit({ type: "error", detail: new SignalingError(code, message) });
  }
}
