import { classString, dictionary, enumeration } from "./webidl.ts";

/** What a description is for (webrtc-pc §4.6.1). */
export type RTCSdpType = "offer" | "pranswer" | "answer" | "rollback";

const SDP_TYPES: readonly RTCSdpType[] = ["offer", "pranswer", "answer", "rollback"];

/** A description as it is signaled (webrtc-pc §4.6.2). */
export interface RTCSessionDescriptionInit {
  /** What it is for. */
  type: RTCSdpType;
  /** The SDP; unused for "rollback". */
  sdp?: string | undefined;
}

/** What `setLocalDescription` takes: everything may be left out. */
export interface RTCLocalSessionDescriptionInit {
  /** Inferred from the signaling state when left out. */
  type?: RTCSdpType | undefined;
  /** What `createOffer` or `createAnswer` made, unchanged. */
  sdp?: string | undefined;
}

/** Where a description of a connection reads its SDP, which grows as candidates come. */
export interface LiveSdp {
  readonly sdp: string;
}

let bind: (description: RTCSessionDescription, live: LiveSdp) => void;

/** A description that is or was applied (webrtc-pc §4.6.2). */
export class RTCSessionDescription {
  static {
    classString(this, "RTCSessionDescription");
    bind = (description, live) => description.#live = live;
  }

  readonly #type: RTCSdpType;
  #live: LiveSdp;

  /** Wraps a description; a plain object does as well everywhere. */
  constructor(descriptionInitDict: RTCSessionDescriptionInit) {
    const { type, sdp } = readDescription(descriptionInitDict);
    this.#type = type;
    this.#live = { sdp };
  }

  /** What it is for. */
  get type(): RTCSdpType {
    return this.#type;
  }

  /** The SDP. */
  get sdp(): string {
    return this.#live.sdp;
  }

  /** `{ type, sdp }`, for signaling. */
  toJSON(): { type: RTCSdpType; sdp: string } {
    return { type: this.type, sdp: this.sdp };
  }
}

/** A description whose `sdp` is read anew each time. */
export function liveDescription(type: RTCSdpType, live: LiveSdp): RTCSessionDescription {
  const description = new RTCSessionDescription({ type });
  bind(description, live);
  return description;
}

/** WebIDL conversion of a description with a required type. */
export function readDescription(
  value: RTCSessionDescriptionInit,
): { type: RTCSdpType; sdp: string } {
  const given = dictionary(value, "description");
  if (given.type === undefined) throw new TypeError("a description must have a type");
  return { type: readType(given.type), sdp: given.sdp === undefined ? "" : String(given.sdp) };
}

/** WebIDL conversion of what `setLocalDescription` takes. */
export function readLocalDescription(
  value: RTCLocalSessionDescriptionInit | undefined,
): { type: RTCSdpType | undefined; sdp: string } {
  const given = dictionary(value, "description");
  return {
    type: given.type === undefined ? undefined : readType(given.type),
    sdp: given.sdp === undefined ? "" : String(given.sdp),
  };
}

function readType(value: unknown): RTCSdpType {
  return enumeration(value, SDP_TYPES, "type");
}
