import { type SessionDescription, writeSdp } from "../sdp/mod.ts";
import {
  liveDescription,
  type LiveSdp,
  type RTCSdpType,
  type RTCSessionDescription,
} from "./session_description.ts";

/** A description in force: the model, and the W3C object that shows it. */
export class AppliedDescription implements LiveSdp {
  /** Offer, answer or provisional answer. */
  readonly type: RTCSdpType;
  /** What `localDescription` and its like return. */
  readonly exposed: RTCSessionDescription;
  #model: SessionDescription;
  #text: string | undefined;

  constructor(type: RTCSdpType, model: SessionDescription) {
    this.type = type;
    this.#model = model;
    this.exposed = liveDescription(type, this);
  }

  /** The parsed description, with the candidates that came since. */
  get model(): SessionDescription {
    return this.#model;
  }

  set model(model: SessionDescription) {
    if (model === this.#model) return;
    this.#model = model;
    this.#text = undefined;
  }

  /** The description as text. */
  get sdp(): string {
    return this.#text ??= writeSdp(this.#model);
  }
}

/** The four description slots of a connection (webrtc-pc §4.4.1). */
export class Descriptions {
  currentLocal: AppliedDescription | undefined;
  currentRemote: AppliedDescription | undefined;
  pendingLocal: AppliedDescription | undefined;
  pendingRemote: AppliedDescription | undefined;

  /** The pending local description, or else the current one. */
  get local(): AppliedDescription | undefined {
    return this.pendingLocal ?? this.currentLocal;
  }

  /** The pending remote description, or else the current one. */
  get remote(): AppliedDescription | undefined {
    return this.pendingRemote ?? this.currentRemote;
  }

  /** Puts a new description in its slot; a final answer settles both sides (webrtc-pc §4.4.1.4). */
  apply(description: AppliedDescription, isRemote: boolean): void {
    if (description.type !== "answer") {
      if (isRemote) this.pendingRemote = description;
      else this.pendingLocal = description;
      return;
    }
    this.currentLocal = isRemote ? this.pendingLocal : description;
    this.currentRemote = isRemote ? description : this.pendingRemote;
    this.discardPending();
  }

  /** Rollback (RFC 9429 §5.7). */
  discardPending(): void {
    this.pendingLocal = undefined;
    this.pendingRemote = undefined;
  }

  /** Changes every local, or every remote, description by `change`. */
  update(
    isRemote: boolean,
    change: (description: SessionDescription) => SessionDescription,
  ): void {
    const slots = isRemote
      ? [this.pendingRemote, this.currentRemote]
      : [this.pendingLocal, this.currentLocal];
    for (const slot of slots) if (slot !== undefined) slot.model = change(slot.model);
  }
}
