import type { CandidateJson, DescriptionJson } from "./messages.ts";

/**
 * The part of `RTCPeerConnection` that signaling needs: the browser's own and Sterna's both have it.
 */
export interface PeerConnectionLike {
  /** See W3C webrtc-pc §4.4.1. */
  readonly signalingState: string;
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
  /** `negotiationneeded`, `icecandidate`, `connectionstatechange` are listened to. */
  addEventListener(type: string, listener: (event: Event) => void): void;
}

/** What a negotiation sends to the other side. */
export type NegotiationSignal =
  | { type: "description"; description: DescriptionJson }
  | { type: "candidate"; candidate: CandidateJson | null };

/** What a {@linkcode Negotiator} needs. */
export interface NegotiatorOptions {
  /** The connection to negotiate. */
  connection: PeerConnectionLike;
  /** Which side yields when both offer at once: exactly one of the two is polite. */
  polite: boolean;
  /** Sends to the other side; messages of one side must arrive in order. */
  send(signal: NegotiationSignal): void;
  /** A description or candidate could not be applied; the connection stays as it was. */
  onError?(error: unknown): void;
}

/**
 * Perfect negotiation (W3C webrtc-pc §10.7): both sides may change the session at any time, and when
 * they do so at once the polite one yields. With it the application only adds channels and tracks.
 *
 * @example
 * ```ts
 * import { RTCPeerConnection } from "@sterna/webrtc";
 * import { Negotiator } from "@sterna/webrtc/signaling";
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
  readonly #connection: PeerConnectionLike;
  readonly #polite: boolean;
  readonly #send: (signal: NegotiationSignal) => void;
  readonly #onError: (error: unknown) => void;
  #makingOffer = false;
  #ignoringOffer = false;
  #settingRemoteAnswer = false;

  /** Listens to the connection from now on; nothing is sent before it wants to negotiate. */
  constructor(options: NegotiatorOptions) {
    this.#connection = options.connection;
    this.#polite = options.polite;
    this.#send = (signal) => options.send(signal);
    this.#onError = (error) => options.onError?.(error);
    this.#connection.addEventListener("negotiationneeded", () => void this.#offer());
    this.#connection.addEventListener("icecandidate", (event) => {
      const { candidate } = event as Event & { candidate: CandidateSource | null };
      this.#send({ type: "candidate", candidate: candidate && candidateJson(candidate) });
    });
  }

  /** Takes what the other side sent. Call it for each signal in order, without waiting between. */
  async handle(signal: NegotiationSignal): Promise<void> {
    try {
      if (signal.type === "description") await this.#handleDescription(signal.description);
      else await this.#handleCandidate(signal.candidate);
    } catch (error) {
      if (!this.#isClosed) this.#onError(error);
    }
  }

  get #isClosed(): boolean {
    return this.#connection.signalingState === "closed";
  }

  async #offer(): Promise<void> {
    try {
      this.#makingOffer = true;
      await this.#connection.setLocalDescription();
      this.#sendLocalDescription();
    } catch (error) {
      if (!this.#isClosed) this.#onError(error);
    } finally {
      this.#makingOffer = false;
    }
  }

  async #handleDescription(description: DescriptionJson): Promise<void> {
    const connection = this.#connection;
    const isOffer = description.type === "offer";
    // An answer that is being applied will make the state stable before the offer's turn comes.
    const isReady = !this.#makingOffer &&
      (connection.signalingState === "stable" || this.#settingRemoteAnswer);
    this.#ignoringOffer = !this.#polite && isOffer && !isReady;
    if (this.#ignoringOffer) return;
    this.#settingRemoteAnswer = description.type === "answer";
    try {
      await connection.setRemoteDescription(description); // rolls our own offer back if need be
    } finally {
      this.#settingRemoteAnswer = false;
    }
    if (isOffer) {
      await connection.setLocalDescription();
      this.#sendLocalDescription();
    }
  }

  async #handleCandidate(candidate: CandidateJson | null): Promise<void> {
    try {
      await this.#connection.addIceCandidate(candidate ?? undefined);
    } catch (error) {
      // Candidates of an offer that was ignored have nowhere to go.
      if (!this.#ignoringOffer) throw error;
    }
  }

  #sendLocalDescription(): void {
    const local = this.#connection.localDescription;
    if (local === null || this.#isClosed) return;
    const type = local.type as DescriptionJson["type"];
    this.#send({ type: "description", description: { type, sdp: local.sdp } });
  }
}

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
