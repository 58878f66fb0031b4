/**
 * A program that does one thing with connections, closes them and prints "closed". Then it has to end
 * by itself: nothing here calls `exit`, unless an exception escaped.
 */
import process from "node:process";
import { RTCPeerConnection } from "../../src/api/mod.ts";
import { connectedPair, exchange, LOOPBACK, next, trickle } from "./link.ts";

for (const event of ["unhandledRejection", "uncaughtException"]) {
  process.on(event, (error) => {
    console.error(event, error);
    process.exit(3);
  });
}

const immediate = (): Promise<void> => new Promise((resolve) => setImmediate(() => resolve()));

const scenarios: Record<string, () => Promise<void>> = {
  /** Nothing is ever opened, so nothing has to be closed. */
  async untouched() {
    new RTCPeerConnection({}, LOOPBACK);
    await Promise.resolve();
  },

  async gathering() {
    const pc = new RTCPeerConnection({}, LOOPBACK);
    pc.createDataChannel("nobody");
    await pc.setLocalDescription();
    pc.close();
  },

  async "gathered, never answered"() {
    const pc = new RTCPeerConnection({}, LOOPBACK);
    pc.createDataChannel("nobody");
    const complete = next(pc, "icegatheringstatechange");
    await pc.setLocalDescription();
    await complete;
    await immediate();
    pc.close();
  },

  async "checking against nobody"() {
    const a = new RTCPeerConnection({}, LOOPBACK), b = new RTCPeerConnection({}, LOOPBACK);
    a.createDataChannel("nobody");
    a.onicecandidate = ({ candidate }) => void b.addIceCandidate(candidate).catch(() => {});
    await exchange(a, b);
    await a.addIceCandidate({
      candidate: "candidate:1 1 udp 2122260223 127.0.0.1 9 typ host",
      sdpMid: "0",
    });
    for (let i = 0; i < 50; i++) await immediate();
    a.close();
    b.close();
  },

  async connected() {
    const { a, b, near, far } = await connectedPair();
    far.onmessage = ({ data }) => far.send(data);
    near.send("there and back");
    await next(near, "message");
    a.close();
    b.close();
  },

  async "closed by the peer"() {
    const { a, b, far } = await connectedPair();
    const gone = next(far, "close");
    a.close();
    await gone;
    b.close();
  },

  async "closed with full buffers"() {
    const { a, b, near, far } = await connectedPair();
    for (const channel of [near, far]) {
      for (let i = 0; i < 50; i++) channel.send(new Uint8Array(200_000));
      channel.send(new Blob(["later"]));
    }
    await next(far, "message");
    void a.getStats();
    void b.createOffer();
    a.close();
    b.close();
  },

  /** At every stage of the handshake, first one side and then the other. */
  async "closed in the middle of everything"() {
    for (let stage = 0; stage < 60; stage++) {
      const a = new RTCPeerConnection({}, LOOPBACK), b = new RTCPeerConnection({}, LOOPBACK);
      trickle(a, b);
      const channel = a.createDataChannel("stage");
      channel.onopen = () => channel.send("hello");
      // Promises of a closed connection may stay pending or reject (webrtc-pc §4.4.1.2).
      const done = exchange(a, b).catch(() => {});
      for (let i = 0; i < stage; i++) await immediate();
      const [first, second] = stage % 2 === 0 ? [a, b] : [b, a];
      first.close();
      await Promise.race([done, immediate()]);
      second.close();
    }
  },

  async "closed within every handler"() {
    const events = [
      ...["negotiationneeded", "icecandidate", "signalingstatechange", "icegatheringstatechange"],
      ...["iceconnectionstatechange", "connectionstatechange", "datachannel"],
    ];
    for (const type of events) {
      const a = new RTCPeerConnection({}, LOOPBACK), b = new RTCPeerConnection({}, LOOPBACK);
      trickle(a, b);
      const closed = new Promise<void>((resolve) => {
        for (const pc of [a, b]) {
          pc.addEventListener(type, () => {
            pc.close();
            resolve();
          });
        }
      });
      a.createDataChannel("handler");
      // An offer that is made at once needs no event.
      if (type !== "negotiationneeded") void exchange(a, b).catch(() => {});
      await closed;
      a.close();
      b.close();
    }
    for (const type of ["message", "open", "closing", "close", "bufferedamountlow"] as const) {
      const { a, b, near, far } = await connectedPair();
      const closed = new Promise<void>((resolve) => {
        for (const [pc, channel] of [[a, near], [b, far]] as const) {
          channel.addEventListener(type, () => {
            pc.close();
            resolve();
          });
          channel.send(new Uint8Array(1000));
          channel.send("last");
        }
      });
      if (type === "open") {
        const another = a.createDataChannel("another");
        another.onopen = () => a.close();
        await next(another, "open");
      } else {
        if (type.startsWith("clos")) near.close();
        await closed;
      }
      a.close();
      b.close();
    }
  },
};

export const scenarioNames: readonly string[] = Object.keys(scenarios);

const [name] = process.argv.slice(2);
if (name !== undefined && name in scenarios) {
  await scenarios[name]!();
  console.log("closed");
}
