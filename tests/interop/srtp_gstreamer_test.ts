/**
 * RTP streams over loopback to and from GStreamer's `srtpdec` and `srtpenc`: sound that GStreamer
 * cuts into packets and puts together again, with reports by RTCP, in all four profiles and across a
 * rollover. Skipped where there is no GStreamer.
 *
 * @module
 */
import assert from "node:assert/strict";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  randomBytes,
  readU16,
  readU32,
  seededEntropy,
  writeU16,
  writeU32,
} from "../../src/base/mod.ts";
import {
  parseRtpRow,
  RTP_COLUMNS,
  RTP_PAYLOAD_AT,
  RTP_PAYLOAD_LENGTH,
  RTP_SEQUENCE,
  RTP_SSRC,
  RTP_TIMESTAMP,
  writeRtpPacket,
} from "../../src/rtp/mod.ts";
import {
  SRTP_TAILROOM_BYTES,
  type SrtpProfile,
  SrtpReceiver,
  SrtpSender,
} from "../../src/srtp/mod.ts";
import { test } from "../harness.ts";
import {
  type GstreamerKeys,
  gstreamerMissing,
  Pipeline,
  srtpCaps,
  srtpenc,
} from "./peers/gstreamer.ts";
import { selected } from "./srtp_ends.ts";
import { PROFILES, randomKeys } from "./srtp_traffic.ts";

const missing = await gstreamerMissing();

const SSRC = 0x12345678;
const PAYLOAD_TYPE = 96;
/** Packets before sequence number 0. */
const BEFORE_WRAP = 36;
/** RFC 3551 §4.5.11: two channels of 16 bits. */
const FRAME_BYTES = 4;
const PAYLOAD_BYTES = 996;
/** All packets of a stream together fit into the socket's buffer, so that none can be lost. */
const PACKETS = 80;
const SOUND = randomBytes(seededEntropy(77), PACKETS * PAYLOAD_BYTES);

/** A socket on loopback, and waiting for what comes. */
class Port {
  readonly #socket: Socket;
  readonly #queue: Uint8Array[] = [];
  #wake: (() => void) | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("message", (bytes) => {
      this.#queue.push(Uint8Array.from(bytes));
      this.#wake?.();
    });
  }

  static async open(): Promise<Port> {
    const socket = createSocket("udp4");
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    return new Port(socket);
  }

  get number(): number {
    return this.#socket.address().port;
  }

  send(bytes: Uint8Array, to: number): void {
    this.#socket.send(bytes, to, "127.0.0.1");
  }

  /** The next datagram. */
  async next(): Promise<Uint8Array> {
    while (this.#queue.length === 0) await new Promise<void>((resolve) => this.#wake = resolve);
    return this.#queue.shift()!;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
  }
}

/** Opens two ports, runs a pipeline and a test with them, and closes everything. */
async function withPipeline(
  text: (rtp: Port, rtcp: Port) => string,
  body: (rtp: Port, rtcp: Port, pipeline: Pipeline) => Promise<void>,
): Promise<void> {
  const rtp = await Port.open(), rtcp = await Port.open();
  const pipeline = new Pipeline(text(rtp, rtcp));
  try {
    await Promise.race([body(rtp, rtcp, pipeline), pipeline.failure]);
  } finally {
    await pipeline.close();
    await rtp.close();
    await rtcp.close();
  }
}

/** Decrypts the stream, and puts the sound together by the timestamps of its packets. */
async function listen(rtp: Port, receiver: SrtpReceiver): Promise<Uint8Array> {
  const sound = new Uint8Array(SOUND.length);
  const sequences: number[] = [];
  for (let heard = 0; heard < sound.length;) {
    const bytes = await rtp.next();
    const end = receiver.unprotectPacket(bytes, 0, bytes.length);
    assert.ok(end > 0, `status of packet ${sequences.length}`);
    const { row } = receiver;
    const parsed = new Uint32Array(RTP_COLUMNS);
    assert.ok(parseRtpRow(bytes, 0, end, parsed, 0));
    assert.deepEqual(row.slice(RTP_SEQUENCE), parsed.slice(RTP_SEQUENCE));
    assert.equal(parsed[RTP_SSRC], SSRC);
    const from = parsed[RTP_PAYLOAD_AT]!, length = parsed[RTP_PAYLOAD_LENGTH]!;
    sound.set(bytes.subarray(from, from + length), parsed[RTP_TIMESTAMP]! * FRAME_BYTES);
    sequences.push(parsed[RTP_SEQUENCE]!);
    heard += length;
  }
  assert.ok(sequences.includes(65_535) && sequences.includes(0), "the stream rolled over");
  return sound;
}

/** RFC 3550 §6.4.1: the first packet of a compound one, a sender report. */
function checkReport(bytes: Uint8Array): void {
  assert.equal(bytes[1], 200);
  assert.equal(readU32(bytes, 4), SSRC);
  const packets = readU32(bytes, 20);
  assert.ok(packets > 0 && packets <= 2 * PACKETS, `${packets} packets`);
  assert.equal(readU32(bytes, 24) % FRAME_BYTES, 0);
  // §6.5: a source description follows.
  assert.equal(bytes[4 * (readU16(bytes, 2) + 1) + 1], 202);
}

async function receiveStream(keys: GstreamerKeys): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "srtp-gstreamer-"));
  const file = join(folder, "sound.raw");
  writeFileSync(file, SOUND);
  const receiver = new SrtpReceiver({ ...keys, ciphers: selected });
  try {
    await withPipeline((rtp, rtcp) => `
      rtpsession name=session rtcp-min-interval=20000000
      ${srtpenc(keys)} name=encoder
      filesrc location=${file} blocksize=1992
      ! rawaudioparse format=pcm pcm-format=s16be sample-rate=44100 num-channels=2
      ! rtpL16pay mtu=${12 + PAYLOAD_BYTES} seqnum-offset=${65_536 - BEFORE_WRAP}
        timestamp-offset=0 ssrc=${SSRC} pt=${PAYLOAD_TYPE}
      ! session.send_rtp_sink session.send_rtp_src ! encoder.rtp_sink_0 encoder.rtp_src_0
      ! udpsink host=127.0.0.1 port=${rtp.number}
      session.send_rtcp_src ! encoder.rtcp_sink_0 encoder.rtcp_src_0
      ! udpsink host=127.0.0.1 port=${rtcp.number} sync=false async=false
    `, async (rtp, rtcp) => {
      assert.deepEqual(await listen(rtp, receiver), SOUND);
      const report = await rtcp.next();
      const end = receiver.unprotectControlPacket(report, 0, report.length);
      assert.ok(end > 0, "the report is authentic");
      checkReport(report.subarray(0, end));
    });
  } finally {
    rmSync(folder, { recursive: true });
    receiver.dispose();
  }
}

/** A packet of ours with room for its tag. */
function soundPacket(index: number): { bytes: Uint8Array; length: number } {
  const bytes = new Uint8Array(12 + PAYLOAD_BYTES + SRTP_TAILROOM_BYTES);
  const length = writeRtpPacket(
    {
      payloadType: PAYLOAD_TYPE,
      sequenceNumber: (65_536 - BEFORE_WRAP + index) & 0xffff,
      timestamp: index * PAYLOAD_BYTES / FRAME_BYTES,
      ssrc: SSRC,
      payload: SOUND.subarray(index * PAYLOAD_BYTES, (index + 1) * PAYLOAD_BYTES),
    },
    bytes,
    0,
  );
  return { bytes, length };
}

/** RFC 3550 §6.4.2 and §6.6: an empty receiver report and a goodbye, with room for index and tag. */
function goodbye(): { bytes: Uint8Array; length: number } {
  const bytes = new Uint8Array(16 + SRTP_TAILROOM_BYTES);
  bytes.set([0x80, 201, 0, 1]);
  writeU32(bytes, 4, SSRC);
  bytes.set([0x81, 203], 8);
  writeU16(bytes, 10, 1);
  writeU32(bytes, 12, SSRC);
  return { bytes, length: 16 };
}

async function sendStream(keys: GstreamerKeys): Promise<void> {
  const sender = new SrtpSender({ ...keys, ciphers: selected });
  const caps = srtpCaps(keys, SSRC);
  const media = `media=(string)audio,clock-rate=(int)44100,encoding-name=(string)L16,` +
    `encoding-params=(string)2,channels=(int)2,payload=(int)${PAYLOAD_TYPE}`;
  // Two decoders: capabilities that come late on one way make the other forget its rollovers.
  await withPipeline((rtp, rtcp) => `
    udpsrc name=rtp_in address=127.0.0.1 port=0 reuse=false
    caps=application/x-srtp,${media},${caps}
    ! rtp.rtp_sink srtpdec name=rtp rtp.rtp_src ! rtpL16depay
    ! udpsink host=127.0.0.1 port=${rtp.number} sync=false async=false
    udpsrc name=rtcp_in address=127.0.0.1 port=0 reuse=false
    caps=application/x-srtcp,${caps}
    ! rtcp.rtcp_sink srtpdec name=rtcp rtcp.rtcp_src
    ! udpsink host=127.0.0.1 port=${rtcp.number} sync=false async=false
  `, async (rtp, rtcp, pipeline) => {
    await pipeline.playing();
    const rtpPort = pipeline.portOf("rtp_in"), rtcpPort = pipeline.portOf("rtcp_in");
    for (let index = 0; index < PACKETS; index++) {
      const { bytes, length } = soundPacket(index);
      const end = sender.protectPacket(bytes, 0, length);
      const packet = bytes.slice(0, end);
      // A forged one before each of them, which must not come out.
      rtp.send(packet.with(20, packet[20]! ^ 1), rtpPort);
      rtp.send(packet, rtpPort);
      const sound = SOUND.subarray(index * PAYLOAD_BYTES, (index + 1) * PAYLOAD_BYTES);
      assert.deepEqual(await rtp.next(), Uint8Array.from(sound));
    }
    const { bytes, length } = goodbye();
    const plain = bytes.slice(0, length);
    const end = sender.protectControlPacket(bytes, 0, length);
    const packet = bytes.slice(0, end);
    rtcp.send(packet.with(9, packet[9]! ^ 1), rtcpPort);
    rtcp.send(packet, rtcpPort);
    assert.deepEqual(await rtcp.next(), plain);
  });
  sender.dispose();
}

function keysOf(profile: SrtpProfile): GstreamerKeys {
  return { profile, ...randomKeys(profile, seededEntropy(profile.length)) };
}

for (const profile of PROFILES) {
  test(
    `SrtpReceiver opens a stream of GStreamer's srtpenc with its reports (RFC 3711 §3.3) [${profile}]`,
    () => receiveStream(keysOf(profile)),
    { skip: missing },
  );

  test(
    `GStreamer's srtpdec opens a stream of SrtpSender, nothing forged, and RTCP (RFC 3711 §3.3) ` +
      `[${profile}]`,
    () => sendStream(keysOf(profile)),
    { skip: missing },
  );
}
