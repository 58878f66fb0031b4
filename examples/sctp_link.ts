/**
 * SCTP alone, over a link of your own: here a virtual one that loses a tenth of all packets. The
 * machine has no I/O; you move its packets and tell it the time.
 *
 *     deno run examples/sctp_link.ts
 *
 * @module
 */
import { SctpAssociation } from "@sterna/webrtc/sctp";
import { VirtualLink } from "@sterna/webrtc/testing";

const options = {
  entropy: (out: Uint8Array) => void crypto.getRandomValues(out),
  localPort: 5000,
  remotePort: 5000,
  maxMessageSize: 262_144,
  remoteMaxMessageSize: 262_144,
  maxPacketSize: 1160,
};
const conditions = { loss: 0.1, delayMs: 25 };
const left = { association: new SctpAssociation(options), link: new VirtualLink(1, conditions) };
const right = { association: new SctpAssociation(options), link: new VirtualLink(2, conditions) };
const packet = new Uint8Array(2048);
const message = new TextEncoder().encode(
  "Every packet may get lost, no message does. ".repeat(5000),
);

left.association.connect(0);
left.association.send(0, 1, 51, message);

let now = 0;
let received: Uint8Array | undefined;
while (received === undefined) {
  // What has arrived goes in, and the time …
  for (const [from, to] of [[left, right], [right, left]] as const) {
    for (let p = from.link.receive(now); p !== undefined; p = from.link.receive(now)) {
      to.association.handleInput(now, p.bytes);
    }
    if (from.association.pollTimeout() <= now) from.association.handleTimeout(now);
  }
  // … events and packets come out, until there are no more …
  for (const { association, link } of [left, right]) {
    for (let event = association.pollEvent(); event; event = association.pollEvent()) {
      const side = association === left.association ? "left " : "right";
      console.log(`${now.toFixed(0).padStart(5)} ms  ${side} ${event.type}`);
      if (event.type === "message") received = event.data;
    }
    for (;;) {
      const end = association.pollTransmit(now, packet, 0, association.maxTransmitBytes);
      if (end === 0) break;
      link.send(now, packet.subarray(0, end), undefined);
    }
  }
  // … and the clock jumps to whatever happens next.
  const next = [left, right].flatMap((end) => [end.link.next(), end.association.pollTimeout()]);
  now = Math.max(now, Math.min(...next));
}

const { packetsSent, retransmissions, congestionWindow } = left.association.stats();
console.log(
  `${received.length} bytes in ${packetsSent} packets, ${retransmissions} chunks sent again`,
);
console.log(`${left.link.dropped} packets were lost, the window is ${congestionWindow} bytes`);
