/**
 * The RTP layer alone: prints the headers, header extensions and RTCP of a few packets, or of a file
 * with one packet in hexadecimal per line, or of an rtpdump.
 *
 *     deno run examples/rtp_inspect.ts
 *     deno run --allow-read examples/rtp_inspect.ts capture.rtpdump
 *
 * @module
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import {
  isRtcp,
  readAbsSendTime,
  readAudioLevel,
  readSdesItem,
  readTransportSequenceNumber,
  readVoiceActivity,
  RtcpReader,
  RTP_EXTENSION_URI,
  RtpPacket,
} from "@sterna/webrtc/rtp";

/** An audio packet, a video packet, and what their receiver answers. */
const SAMPLE = `
90ef12340001e240cafebabe bede0003 10 8f 22 123456 31 0007 40 30 00 fc112233
90e000fe00057e40deadbeef bede0003 22 123abc 31 0008 40 31 000000 9083018050
81c90007 00000001 cafebabe 00fffffe 00011234 00000011 64320000 00018000
81ca0004 00000001 01 08 737465726e61403100 00
81cd0003 00000001 deadbeef 00ff8001
8fcd0006 00000001 deadbeef 0007 0003 000400 00 d800 08 0640 000000
81ce0002 00000001 deadbeef
`;

/** What "a=extmap" of the sample's session description says: which identifier is which extension. */
const EXTMAP: Readonly<Record<number, string>> = {
  1: RTP_EXTENSION_URI.audioLevel,
  2: RTP_EXTENSION_URI.absSendTime,
  3: RTP_EXTENSION_URI.transportSequenceNumber,
  4: RTP_EXTENSION_URI.mid,
};

const packet = new RtpPacket();
const reader = new RtcpReader();

function inspect(bytes: Uint8Array): void {
  if (isRtcp(bytes)) return inspectRtcp(bytes);
  if (!packet.read(bytes)) return console.log(`${bytes.length} bytes that are not RTP`);
  const { payloadType, sequenceNumber, timestamp, ssrc, payloadLength, paddingLength } = packet;
  console.log(
    `RTP  ssrc ${hexOf(ssrc)}  type ${payloadType}${packet.marker ? " (marker)" : ""}  ` +
      `sequence ${sequenceNumber}  timestamp ${timestamp}  ` +
      `payload ${payloadLength} + ${paddingLength} bytes`,
  );
  for (const { id } of packet.elements) console.log(`     ${id}: ${elementText(id)}`);
}

/** What an element says, by the extension that its identifier stands for. */
function elementText(id: number): string {
  const at = packet.elementAt(id), length = packet.elementLength(at);
  const args = [packet.bytes, at, length] as const;
  switch (EXTMAP[id]) {
    case RTP_EXTENSION_URI.audioLevel:
      return `audio level −${readAudioLevel(...args)} dBov${
        readVoiceActivity(...args) ? ", voice" : ""
      }`;
    case RTP_EXTENSION_URI.absSendTime:
      return `sent at ${(readAbsSendTime(...args) / 2 ** 18).toFixed(6)} s`;
    case RTP_EXTENSION_URI.transportSequenceNumber:
      return `transport-wide sequence ${readTransportSequenceNumber(...args)}`;
    case RTP_EXTENSION_URI.mid:
      return `mid "${readSdesItem(...args)}"`;
    default:
      return `${length} bytes`;
  }
}

function inspectRtcp(bytes: Uint8Array): void {
  if (!reader.read(bytes)) return console.log(`RTCP to be dropped: ${reader.problem}`);
  while (reader.next()) {
    const decoded = reader.decode();
    if (decoded === undefined) console.log(`RTCP of type ${reader.packetType}, malformed`);
    else {
      const { type, ...rest } = decoded;
      console.log(`RTCP ${type}  ${JSON.stringify(rest, plainArrays)}`);
    }
  }
}

function plainArrays(_key: string, value: unknown): unknown {
  return ArrayBuffer.isView(value) ? Array.from(value as Uint8Array) : value;
}

function hexOf(value: number): string {
  return value.toString(16).padStart(8, "0");
}

/** One packet in hexadecimal on each line; white space within a line does not matter. */
function* packetsOfText(text: string): Generator<Uint8Array> {
  for (const line of text.split("\n")) {
    const digits = line.replace(/\s/g, "");
    if (/^([0-9a-f]{2})+$/i.test(digits)) {
      yield Uint8Array.from(digits.match(/../g)!, (pair) => parseInt(pair, 16));
    }
  }
}

/** rtpdump: a line of text, 16 bytes, then records with a header of eight bytes each. */
function* packetsOfDump(file: Uint8Array): Generator<Uint8Array> {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  let at = file.indexOf(10) + 1 + 16;
  while (at + 8 <= file.length && view.getUint16(at) >= 8) {
    const next = at + view.getUint16(at);
    yield file.subarray(at + 8, next);
    at = next;
  }
}

const path = process.argv[2];
const file = path === undefined ? undefined : readFileSync(path);
const isDump = file !== undefined && file.subarray(0, 9).toString() === "#!rtpplay";
const text = file === undefined ? SAMPLE : file.toString();
for (const bytes of isDump ? packetsOfDump(file) : packetsOfText(text)) inspect(bytes);
