import { type Candidate, parseCandidate, SdpError, type TcpType } from "../sdp/mod.ts";
import {
  classString,
  dictionary,
  enumeration,
  nullableString,
  nullableUnsignedShort,
} from "./webidl.ts";

/** webrtc-pc §5.6: RTP and data, or RTCP. */
export type RTCIceComponent = "rtp" | "rtcp";
/** webrtc-pc §4.8.1.2. */
export type RTCIceProtocol = "udp" | "tcp";
/** webrtc-pc §4.8.1.3: the roles of TCP candidates. */
export type RTCIceTcpCandidateType = TcpType;
/** webrtc-pc §4.8.1.4. */
export type RTCIceCandidateType = "host" | "srflx" | "prflx" | "relay";
/** webrtc-pc §4.8.1.5: how a TURN server is reached. */
export type RTCIceServerTransportProtocol = "udp" | "tcp" | "tls";

/** A candidate as it is signaled (webrtc-pc §4.8.1). */
export interface RTCIceCandidateInit {
  /** The candidate attribute; empty for the end of candidates. */
  candidate?: string | undefined;
  /** Tag of the media section. */
  sdpMid?: string | null | undefined;
  /** Index of the media section, from 0. */
  sdpMLineIndex?: number | null | undefined;
  /** The ICE generation it belongs to. */
  usernameFragment?: string | null | undefined;
}

/** A local candidate as it is surfaced. */
export interface RTCLocalIceCandidateInit extends RTCIceCandidateInit {
  /** How the TURN server is reached. */
  relayProtocol?: RTCIceServerTransportProtocol | null | undefined;
  /** The server it came from. */
  url?: string | null | undefined;
}

const RELAY_PROTOCOLS: readonly RTCIceServerTransportProtocol[] = ["udp", "tcp", "tls"];

let makeUnplaced: (init: RTCLocalIceCandidateInit) => RTCIceCandidate;

/** One ICE candidate (webrtc-pc §4.8.1). */
export class RTCIceCandidate {
  static {
    classString(this, "RTCIceCandidate");
    makeUnplaced = (init) => {
      const candidate = new RTCIceCandidate({ ...init, sdpMLineIndex: init.sdpMLineIndex ?? 0 });
      candidate.#sdpMLineIndex = nullableUnsignedShort(init.sdpMLineIndex);
      return candidate;
    };
  }

  readonly #candidate: string;
  readonly #sdpMid: string | null;
  #sdpMLineIndex: number | null;
  readonly #usernameFragment: string | null;
  readonly #relayProtocol: RTCIceServerTransportProtocol | null;
  readonly #url: string | null;
  readonly #parsed: Candidate | undefined;

  /**
   * Reads a candidate. Text that cannot be parsed is kept, with all derived attributes null.
   *
   * @throws {TypeError} when both `sdpMid` and `sdpMLineIndex` are missing
   */
  constructor(candidateInitDict: RTCLocalIceCandidateInit = {}) {
    const given = dictionary(candidateInitDict, "candidateInitDict");
    this.#candidate = given.candidate === undefined ? "" : String(given.candidate);
    this.#sdpMid = nullableString(given.sdpMid);
    this.#sdpMLineIndex = nullableUnsignedShort(given.sdpMLineIndex);
    this.#usernameFragment = nullableString(given.usernameFragment);
    this.#relayProtocol = given.relayProtocol === undefined || given.relayProtocol === null
      ? null
      : enumeration(given.relayProtocol, RELAY_PROTOCOLS, "relayProtocol");
    this.#url = nullableString(given.url);
    if (this.#sdpMid === null && this.#sdpMLineIndex === null) {
      throw new TypeError("sdpMid or sdpMLineIndex must be given");
    }
    this.#parsed = this.#candidate === "" ? undefined : tryParseCandidate(this.#candidate);
  }

  /** The candidate attribute; empty for the end of candidates. */
  get candidate(): string {
    return this.#candidate;
  }

  /** Tag of the media section. */
  get sdpMid(): string | null {
    return this.#sdpMid;
  }

  /** Index of the media section. */
  get sdpMLineIndex(): number | null {
    return this.#sdpMLineIndex;
  }

  /** Tells candidates of one kind and base from others (RFC 8445 §5.1.1.3). */
  get foundation(): string | null {
    return this.#parsed?.foundation ?? null;
  }

  /** "rtp", also for data. */
  get component(): RTCIceComponent | null {
    return this.#parsed === undefined ? null : this.#parsed.component === 1 ? "rtp" : "rtcp";
  }

  /** RFC 8445 §5.1.2. */
  get priority(): number | null {
    return this.#parsed?.priority ?? null;
  }

  /** IP address or name. */
  get address(): string | null {
    return this.#parsed?.address ?? null;
  }

  /** "udp" or "tcp". */
  get protocol(): RTCIceProtocol | null {
    return (this.#parsed?.transport ?? null) as RTCIceProtocol | null;
  }

  /** Port. */
  get port(): number | null {
    return this.#parsed?.port ?? null;
  }

  /** Kind of candidate. */
  get type(): RTCIceCandidateType | null {
    return (this.#parsed?.type ?? null) as RTCIceCandidateType | null;
  }

  /** For TCP: who opens the connection. */
  get tcpType(): RTCIceTcpCandidateType | null {
    return this.#parsed?.tcpType ?? null;
  }

  /** The base of a reflexive or relayed candidate. */
  get relatedAddress(): string | null {
    return this.#parsed?.relatedAddress ?? null;
  }

  /** The port of that base. */
  get relatedPort(): number | null {
    return this.#parsed?.relatedPort ?? null;
  }

  /** The ICE generation it belongs to. */
  get usernameFragment(): string | null {
    return this.#usernameFragment;
  }

  /** For local relayed candidates: how the TURN server is reached. */
  get relayProtocol(): RTCIceServerTransportProtocol | null {
    return this.#relayProtocol;
  }

  /** For local candidates from a server: which. */
  get url(): string | null {
    return this.#url;
  }

  /** What is signaled. */
  toJSON(): {
    candidate: string;
    sdpMid: string | null;
    sdpMLineIndex: number | null;
    usernameFragment: string | null;
  } {
    return {
      candidate: this.#candidate,
      sdpMid: this.#sdpMid,
      sdpMLineIndex: this.#sdpMLineIndex,
      usernameFragment: this.#usernameFragment,
    };
  }
}

/** "Create an RTCIceCandidate" without the constructor's check, for the halves of pairs. */
export function createIceCandidate(init: RTCLocalIceCandidateInit): RTCIceCandidate {
  return makeUnplaced(init);
}

const TYPES: readonly string[] = ["host", "srflx", "prflx", "relay"];

/** The parsed attribute, or `undefined` where it, or a value in it, is invalid (webrtc-pc §4.8.1). */
export function tryParseCandidate(text: string): Candidate | undefined {
  try {
    const candidate = parseCandidate(text);
    const valid = TYPES.includes(candidate.type) && candidate.component <= 2 &&
      (candidate.transport === "udp" || candidate.transport === "tcp");
    return valid ? candidate : undefined;
  } catch (error) {
    if (error instanceof SdpError) return undefined;
    throw error;
  }
}
