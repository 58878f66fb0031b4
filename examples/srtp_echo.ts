/**
 * SRTP alone: a caller sends a batch of RTP packets across a wrap of their sequence numbers, an echo
 * sends back what is authentic, and a forger in between gets nothing through. You move the packets;
 * the keys come from whatever agreed on them, here from random bytes instead of DTLS's exporter.
 *
 *     deno run examples/srtp_echo.ts
 *
 * @module
 */
import {
  RTP_AT,
  RTP_COLUMNS,
  RTP_LENGTH,
  RTP_PAYLOAD_AT,
  RTP_PAYLOAD_LENGTH,
  RTP_SEQUENCE,
  RTP_STATUS,
  writeRtpPacket,
} from "@sterna/webrtc/rtp";
import {
  keyingMaterialLength,
  splitKeyingMaterial,
  SRTP_OK,
  SRTP_TAILROOM_BYTES,
  type SrtpBatch,
  type SrtpProfile,
  SrtpReceiver,
  SrtpSender,
} from "@sterna/webrtc/srtp";

const profile: SrtpProfile = "SRTP_AEAD_AES_128_GCM";
const exported = crypto.getRandomValues(new Uint8Array(keyingMaterialLength(profile)));

function createEnd(role: "client" | "server") {
  const { local, remote } = splitKeyingMaterial(profile, role, exported);
  return {
    sender: new SrtpSender({ profile, ...local }),
    receiver: new SrtpReceiver({ profile, ...remote }),
  };
}

const caller = createEnd("client");
const echo = createEnd("server");
const PACKETS = 8, SLOT = 1500;

/** Carries datagrams of one batch into another, as a socket would. */
function carry(from: SrtpBatch, to: SrtpBatch): void {
  to.count = 0;
  for (let i = 0; i < from.count; i++) {
    const row = i * RTP_COLUMNS;
    if (from.rows[row + RTP_STATUS] !== SRTP_OK) continue;
    const at = from.rows[row + RTP_AT]!, length = from.rows[row + RTP_LENGTH]!;
    to.bytes.set(from.bytes.subarray(at, at + length), i * SLOT);
    to.push(i * SLOT, length);
  }
}

const outgoing = caller.sender.createBatch(PACKETS * SLOT, PACKETS);
for (let i = 0; i < PACKETS; i++) {
  const payload = new TextEncoder().encode(`packet ${i}`);
  const sequenceNumber = (65532 + i) & 0xffff;
  const packet = { payloadType: 111, sequenceNumber, timestamp: 960 * i, ssrc: 42, payload };
  const end = writeRtpPacket(packet, outgoing.bytes, i * SLOT);
  outgoing.push(i * SLOT, end - i * SLOT);
}
caller.sender.protect(outgoing);

const arrived = echo.receiver.createBatch(PACKETS * SLOT, PACKETS);
carry(outgoing, arrived);
arrived.bytes[3 * SLOT + 20]! ^= 1; // the forger
console.log(`the echo takes ${echo.receiver.unprotect(arrived)} of ${arrived.count} packets`);

// What is decrypted is protected again where it lies, under the keys of the other direction.
console.log(`each has ${SRTP_TAILROOM_BYTES} bytes of room behind it for that`);
const echoed = echo.sender.createBatch(PACKETS * SLOT, PACKETS);
carry(arrived, echoed);
echo.sender.protect(echoed);

const returned = caller.receiver.createBatch(PACKETS * SLOT, PACKETS);
carry(echoed, returned);
caller.receiver.unprotect(returned);
for (let row = 0; row < returned.count * RTP_COLUMNS; row += RTP_COLUMNS) {
  const at = returned.rows[row + RTP_PAYLOAD_AT]!;
  const payload = returned.bytes.subarray(at, at + returned.rows[row + RTP_PAYLOAD_LENGTH]!);
  const sequence = String(returned.rows[row + RTP_SEQUENCE]).padStart(5);
  console.log(`back: sequence number ${sequence}, "${new TextDecoder().decode(payload)}"`);
}
console.log("echo:  ", echo.receiver.stats());
console.log("caller:", caller.receiver.stats());

for (const batch of [outgoing, arrived, echoed, returned]) batch.release();
for (const { sender, receiver } of [caller, echo]) {
  sender.dispose();
  receiver.dispose();
}
