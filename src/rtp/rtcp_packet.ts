import { type AppPacket, parseApp, writeApp } from "./app_packet.ts";
import {
  type FullIntraRequest,
  parseFullIntraRequest,
  writeFullIntraRequest,
} from "./full_intra_request.ts";
import { type GenericNack, parseNack, writeNack } from "./generic_nack.ts";
import { type Goodbye, parseGoodbye, writeGoodbye } from "./goodbye.ts";
import {
  parsePictureLossIndication,
  type PictureLossIndication,
  writePictureLossIndication,
} from "./picture_loss_indication.ts";
import {
  parseReceiverReport,
  type ReceiverReport,
  writeReceiverReport,
} from "./receiver_report.ts";
import { isRemb, parseRemb, type ReceiverEstimatedMaximumBitrate, writeRemb } from "./remb.ts";
import { RTCP_FEEDBACK, RTCP_TYPE } from "./rtcp_header.ts";
import { parseSenderReport, type SenderReport, writeSenderReport } from "./sender_report.ts";
import {
  parseSourceDescription,
  type SourceDescription,
  writeSourceDescription,
} from "./source_description.ts";
import {
  parseTransportFeedback,
  type TransportFeedback,
  writeTransportFeedback,
} from "./transport_feedback.ts";
import { parseUnknownRtcp, type UnknownRtcpPacket, writeUnknownRtcp } from "./unknown_rtcp.ts";

/** What an RTCP packet says. */
export type RtcpPacket =
  | SenderReport
  | ReceiverReport
  | SourceDescription
  | Goodbye
  | AppPacket
  | GenericNack
  | TransportFeedback
  | PictureLossIndication
  | FullIntraRequest
  | ReceiverEstimatedMaximumBitrate
  | UnknownRtcpPacket;

/**
 * Reads the packet whose frame {@linkcode RtcpReader} has checked.
 *
 * @param at where its header begins
 * @param end behind its last byte that is not padding
 * @returns `undefined` when it is malformed
 */
export function parseRtcpPacket(
  bytes: Uint8Array,
  at: number,
  end: number,
): RtcpPacket | undefined {
  switch (bytes[at + 1]) {
    case RTCP_TYPE.senderReport:
      return parseSenderReport(bytes, at, end);
    case RTCP_TYPE.receiverReport:
      return parseReceiverReport(bytes, at, end);
    case RTCP_TYPE.sourceDescription:
      return parseSourceDescription(bytes, at, end);
    case RTCP_TYPE.goodbye:
      return parseGoodbye(bytes, at, end);
    case RTCP_TYPE.app:
      return parseApp(bytes, at, end);
    case RTCP_TYPE.transportFeedback:
      return parseTransportLayer(bytes, at, end);
    case RTCP_TYPE.payloadFeedback:
      return parsePayloadSpecific(bytes, at, end);
    default:
      return parseUnknownRtcp(bytes, at, end);
  }
}

function parseTransportLayer(bytes: Uint8Array, at: number, end: number): RtcpPacket | undefined {
  switch (bytes[at]! & 0x1f) {
    case RTCP_FEEDBACK.nack:
      return parseNack(bytes, at, end);
    case RTCP_FEEDBACK.transportWide:
      return parseTransportFeedback(bytes, at, end);
    default:
      return parseUnknownRtcp(bytes, at, end);
  }
}

function parsePayloadSpecific(bytes: Uint8Array, at: number, end: number): RtcpPacket | undefined {
  switch (bytes[at]! & 0x1f) {
    case RTCP_FEEDBACK.pictureLossIndication:
      return parsePictureLossIndication(bytes, at, end);
    case RTCP_FEEDBACK.fullIntraRequest:
      return parseFullIntraRequest(bytes, at, end);
    case RTCP_FEEDBACK.applicationLayer:
      return isRemb(bytes, at, end) ? parseRemb(bytes, at, end) : parseUnknownRtcp(bytes, at, end);
    default:
      return parseUnknownRtcp(bytes, at, end);
  }
}

/**
 * Writes one packet at `out[at]` and returns the offset behind it, where the next packet of a compound
 * one goes.
 *
 * @throws {RtpError} `buffer-too-small`, or `invalid-value` for what a field cannot hold
 */
export function writeRtcpPacket(packet: RtcpPacket, out: Uint8Array, at: number): number {
  switch (packet.type) {
    case "sender-report":
      return writeSenderReport(packet, out, at);
    case "receiver-report":
      return writeReceiverReport(packet, out, at);
    case "source-description":
      return writeSourceDescription(packet, out, at);
    case "goodbye":
      return writeGoodbye(packet, out, at);
    case "app":
      return writeApp(packet, out, at);
    case "nack":
      return writeNack(packet, out, at);
    case "transport-feedback":
      return writeTransportFeedback(packet, out, at);
    case "pli":
      return writePictureLossIndication(packet, out, at);
    case "fir":
      return writeFullIntraRequest(packet, out, at);
    case "remb":
      return writeRemb(packet, out, at);
    case "unknown":
      return writeUnknownRtcp(packet, out, at);
  }
}
