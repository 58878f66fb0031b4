import type { CandidateJson, DescriptionJson } from "./messages.ts";

/**
 * The part of `RTCPeerConnection` that signaling needs: the browser's own and Sterna's both have it.
 */
export interface PeerConnectionLike {
  /** See W3C webrtc-pc §4.4.1. */
  readonly signalingState: string;
  /** See W3C webrtc-pc §4.4.1. */
  readonly iceConnectionState: string;
  /** See W3C webrtc-pc §4.4.1. */
  readonly localDescription: { readonly type: string; readonly sdp: string } | null;
  /** Without an argument, makes the offer or answer that is due. */
  setLocalDescription(): Promise<void>;
  /** Applies what the other side sent. */
  setRemoteDescription(description: DescriptionJson): Promise<void>;
  /** Applies a candidate of the other side; none ends them. */
  addIceCandidate(candidate?: CandidateJson): Promise<void>;
  /** Makes the next offer restart ICE. */
  restartIce(): void;
  /** Ends the connection. */
  close(): void;
  /** `negotiationneeded`, `icecandidate`, `iceconnectionstatechange` are listened to. */
  addEventListener(type: string, listener: (event: Event) => void): void;
}

/** What a negotiation sends to the other side. */
export type NegotiationSignal =
  | { type: "description"; description: DescriptionJson }
  | { type: "candidate"; candidate: CandidateJson | null };

/** Calls `work` after `ms` milliseconds, unless the returned function is called before. */
export type Schedule = (ms: number, work: () => void) => () => void;

/** What a {@linkcode Negotiator} needs. */
export interface NegotiatorOptions {
  /** The connection to negotiate. */
  connection: PeerConnectionLike;
  /** Which side yields when both offer at once: exactly one of the two is polite. */
  polite: boolean;
  /** Sends to the other side; messages of one side must arrive in order. */
  send(signal: NegotiationSignal): void;
  /**
   * Whether the other side hears at present. ICE is not restarted before it does; call
   * {@linkcode Negotiator.reachable} then. It always does where this is absent.
   */
  isReachable?(): boolean;
  /** A description or candidate could not be applied; the connection stays as it was. */
  onError?(error: unknown): void;
  /** Timers other than `setTimeout`. */
  schedule?: Schedule;
}

/** A path that is interrupted often comes back by itself within some checks (RFC 7675 §5.1: 5 s). */
const DISCONNECTED_MS = 2000;
/** The polite side restarts so much later: mostly it finds that the other has done it. */
const POLITE_MS = 1500;
/** Restarts that do not help come at growing intervals, up to this, milliseconds. */
const RESTART_LAST_MS = 30_000;

/**
 * Perfect negotiation (W3C webrtc-pc §10.7): both sides may change the session at any time, and when
 * they do so at once the polite one yields. With it the application only adds channels and tracks. When
 * the path breaks, ICE is restarted.
 *
 * @example
 * ```ts
 * import { RTCPeerConnection } from "@sterna/webrtc";
 * import { Negotiator } from "@sterna/webrtc/signaling/client";
 *
 * const connection = new RTCPeerConnection();
 * const negotiator = new Negotiator({
 *   connection,
 *   polite: true,
 *   send: (signal) => console.log("to the other side:", signal),
 * });
 * connection.createDataChannel("chat"); // negotiation starts by itself
 * // negotiator.handle(signal) with whatever the other side sends
 * connection.close();
 * ```
 */
export class Negotiator {
  readonly #options: NegotiatorOptions;
  readonly #connection: PeerConnectionLike;
  #makingOffer = false;
  #ignoringOffer = false;
  #settingRemoteAnswer = false;
  /** Username fragments of offers that were ignored: their candidates may come late. */
  readonly #ignored = new Set<string>();
  #offersTaken = 0;
  #restarts = 0;
  #cancelRestart: (() => void) | undefined;

  /** Listens to the connection from now on; nothing is sent before it wants to negotiate. */
  constructor(options: NegotiatorOptions) {
    this.#options = options;
    this.#connection = options.connection;
    this.#connection.addEventListener("negotiationneeded", () => void this.#offer());
    this.#connection.addEventListener("icecandidate", (event) => {
      const { candidate } = event as Event & { candidate: CandidateSource | null };
      this.#send({ type: "candidate", candidate: candidate && candidateJson(candidate) });
    });
    this.#connection.addEventListener("iceconnectionstatechange", () => this.#watch());
  }

  /** Takes what the other side sent. Call it for each signal in order, without waiting between. */
  async handle(signal: NegotiationSignal): Promise<void> {
    try {
      if (signal.type === "description") await this.#handleDescription(signal.description);
      else await this.#handleCandidate(signal.candidate);
    } catch (error) {
      if (!this.#isClosed) this.#options.onError?.(error);
    }
  }

  /**
   * Restarts ICE, such as on another network: the polite side only when the other does not do it, so that
   * their offers seldom collide.
   */
  restart(): void {
    const taken = this.#offersTaken;
    this.#later(this.#options.polite ? POLITE_MS : 0, () => {
      if (taken === this.#offersTaken) this.#restartNow();
    });
  }

  /** The other side hears again: does what has waited for that. */
  reachable(): void {
    if (BROKEN.has(this.#connection.iceConnectionState)) this.#restartAfter(0);
  }

  /** Stops restarting; for connections that are closed. */
  close(): void {
    this.#cancelRestart?.();
  }

  get #isClosed(): boolean {
    return this.#connection.signalingState === "closed";
  }

  #send(signal: NegotiationSignal): void {
    if (!this.#isClosed) this.#options.send(signal);
  }

  /** W3C webrtc-pc §5.6.2: `disconnected` may pass, `failed` needs a restart. */
  #watch(): void {
    const state = this.#connection.iceConnectionState;
    if (state === "connected" || state === "completed") this.#restarts = 0;
    if (state === "failed") this.#restartAfter(0);
    else if (state === "disconnected") this.#restartAfter(DISCONNECTED_MS);
    else if (state !== "checking") this.close();
  }

  #restartAfter(ms: number): void {
    const pause = this.#restarts === 0 ? 0 : Math.min(RESTART_LAST_MS, 1000 * 2 ** this.#restarts);
    this.#later(Math.max(ms, pause) + (this.#options.polite ? POLITE_MS : 0), () => {
      // The other side may be at it.
      const isStable = this.#connection.signalingState === "stable";
      const isBroken = BROKEN.has(this.#connection.iceConnectionState);
      if (isStable && isBroken && (this.#options.isReachable?.() ?? true)) this.#restartNow();
    });
  }

  #later(ms: number, work: () => void): void {
    this.close();
    this.#cancelRestart = (this.#options.schedule ?? later)(ms, work);
  }

  #restartNow(): void {
    if (this.#isClosed) return;
    this.#restarts++;
    this.#connection.restartIce();
  }

  async #offer(): Promise<void> {
    try {
      this.#makingOffer = true;
      await this.#connection.setLocalDescription();
      this.#sendLocalDescription();
    } catch (error) {
      if (!this.#isClosed) this.#options.onError?.(error);
    } finally {
      this.#makingOffer = false;
    }
  }

  async #handleDescription(description: DescriptionJson): Promise<void> {
    const connection = this.#connection, { polite } = this.#options;
    const isOffer = description.type === "offer";
    // An answer that is being applied will make the state stable before the offer's turn comes.
    const isReady = !this.#makingOffer &&
      (connection.signalingState === "stable" || this.#settingRemoteAnswer);
    this.#ignoringOffer = !polite && isOffer && !isReady;
    if (this.#ignoringOffer) {
      // RFC 8839 §5.4.
      const fragments = description.sdp.matchAll(/^a=ice-ufrag:(\S+)/gm);
      for (const [, fragment] of fragments) this.#ignored.add(fragment!);
      return;
    }
    this.#settingRemoteAnswer = description.type === "answer";
    try {
      await connection.setRemoteDescription(description); // rolls our own offer back if need be
    } finally {
      this.#settingRemoteAnswer = false;
    }
    if (isOffer) {
      this.#offersTaken++;
      await connection.setLocalDescription();
      this.#sendLocalDescription();
    }
  }

  async #handleCandidate(candidate: CandidateJson | null): Promise<void> {
    try {
      await this.#connection.addIceCandidate(candidate ?? undefined);
    } catch (error) {
      // Candidates of an offer that was ignored have nowhere to go.
      const isIgnored = this.#ignored.has(candidate?.usernameFragment ?? "");
      if (!this.#ignoringOffer && !isIgnored) throw error;
    }
  }

  #sendLocalDescription(): void {
    const local = this.#connection.localDescription;
    if (local === null) return;
    const type = local.type as DescriptionJson["type"];
    this.#send({ type: "description", description: { type, sdp: local.sdp } });
  }
}

const BROKEN: ReadonlySet<string> = new Set(["disconnected", "failed"]);

const later: Schedule = (ms, work) => {
  const timer = setTimeout(work, ms);
  return () => clearTimeout(timer);
};

type CandidateSource = {
  readonly candidate: string;
  readonly sdpMid: string | null;
  readonly sdpMLineIndex: number | null;
  readonly usernameFragment: string | null;
};

function candidateJson(source: CandidateSource): CandidateJson {
  const { candidate, sdpMid, sdpMLineIndex, usernameFragment } = source;
  return { candidate, sdpMid, sdpMLineIndex, usernameFragment };
}
