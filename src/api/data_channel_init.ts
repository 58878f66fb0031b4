import { utf8Encode } from "../base/mod.ts";
import type { DataChannelInit } from "../peer/mod.ts";
import { dictionary, enumeration, optionalInteger, usvString } from "./webidl.ts";

/** Relative weight of a channel (W3C webrtc-priority §4). */
export type RTCPriorityType = "very-low" | "low" | "medium" | "high";

/** How a channel is made (webrtc-pc §6.2, RTCDataChannelInit). */
export interface RTCDataChannelInit {
  /** Deliver messages in the order they were sent; true by default. */
  ordered?: boolean | undefined;
  /** Milliseconds after which a message is given up. Excludes `maxRetransmits`. */
  maxPacketLifeTime?: number | undefined;
  /** Retransmissions after which a message is given up. Excludes `maxPacketLifeTime`. */
  maxRetransmits?: number | undefined;
  /** Name of the subprotocol. */
  protocol?: string | undefined;
  /** Both sides create the channel by themselves, with the same `id`. */
  negotiated?: boolean | undefined;
  /** 0 … 65534; needed with `negotiated` and ignored without. */
  id?: number | undefined;
  /** "low" by default. */
  priority?: RTCPriorityType | undefined;
}

/** W3C webrtc-priority §4.1 and RFC 8832 §8.2.1: the weights of the four names. */
const WEIGHTS: Readonly<Record<RTCPriorityType, number>> = {
  "very-low": 128,
  low: 256,
  medium: 512,
  high: 1024,
};
const PRIORITIES: readonly RTCPriorityType[] = ["very-low", "low", "medium", "high"];

/** RFC 8832 §5.1: lengths of label and protocol are 16-bit fields. */
const MAX_TEXT_BYTES = 65535;

/** RFC 8832 §6: 65535 is no identifier. */
const MAX_ID = 65534;

/**
 * The checks of `createDataChannel` (webrtc-pc §6.1) that need nothing but its arguments.
 *
 * @throws {TypeError}
 */
export function readDataChannelInit(
  label: string,
  dataChannelDict: RTCDataChannelInit | undefined,
): DataChannelInit {
  const given = dictionary(dataChannelDict, "dataChannelDict");
  const maxPacketLifeTime = optionalInteger(given.maxPacketLifeTime, 65535, "maxPacketLifeTime");
  const maxRetransmits = optionalInteger(given.maxRetransmits, 65535, "maxRetransmits");
  const id = optionalInteger(given.id, 65535, "id");
  const negotiated = Boolean(given.negotiated ?? false);
  const init: DataChannelInit = {
    label: usvString(label),
    protocol: given.protocol === undefined ? "" : usvString(given.protocol),
    ordered: given.ordered === undefined ? true : Boolean(given.ordered),
    maxRetransmits,
    maxPacketLifeTime,
    negotiated,
    id: negotiated ? id : undefined,
    priority: WEIGHTS[
      given.priority === undefined ? "low" : enumeration(given.priority, PRIORITIES, "priority")
    ],
  };
  checkLength(init.label, "label");
  checkLength(init.protocol, "protocol");
  if (negotiated && id === undefined) throw new TypeError("a negotiated channel needs an id");
  if (maxPacketLifeTime !== undefined && maxRetransmits !== undefined) {
    throw new TypeError("maxPacketLifeTime and maxRetransmits exclude each other");
  }
  if (init.id !== undefined && init.id > MAX_ID) {
    throw new TypeError(`id must be at most ${MAX_ID}`);
  }
  return init;
}

/** The name of a weight that a peer announced (W3C webrtc-priority §4.1). */
export function priorityName(weight: number): RTCPriorityType {
  return PRIORITIES.find((name) => weight <= WEIGHTS[name]) ?? "high";
}

function checkLength(text: string, name: string): void {
  const { length } = utf8Encode(text);
  if (length > MAX_TEXT_BYTES) {
    throw new TypeError(
      `${name} is ${length} bytes of UTF-8, at most ${MAX_TEXT_BYTES} are allowed`,
    );
  }
}
