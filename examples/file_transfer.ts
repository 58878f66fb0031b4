/**
 * Sends a file from one terminal to another, peer to peer.
 *
 *     deno run -A --unstable-net examples/file_transfer.ts send holiday.mp4
 *     deno run -A --unstable-net examples/file_transfer.ts receive http://127.0.0.1:PORT [FOLDER]
 *
 * The sender serves one HTTP request, which exchanges offer and answer. The file itself takes the
 * data channel, with backpressure, and is compared by its SHA-256 at the end.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { basename, join } from "node:path";
import { RTCPeerConnection } from "@sterna/webrtc";
import type { RTCDataChannel } from "@sterna/webrtc";

/** Message size: large ones cost the least per byte, and every browser takes this one. */
const CHUNK_BYTES = 64 * 1024;
/** Fill the channel's buffer up to here … */
const HIGH_WATER_BYTES = 4 * 1024 * 1024;
/** … and again when it has drained to here. */
const LOW_WATER_BYTES = 1024 * 1024;

/** The receiver's verdict when the hash is the same. */
const OK = "ok";

interface FileHeader {
  readonly name: string;
  readonly size: number;
}

function connection(): RTCPeerConnection {
  return new RTCPeerConnection({}, { udp: { includeLoopback: true } });
}

function gathered(pc: RTCPeerConnection): Promise<void> {
  return new Promise((resolve) => {
    const check = () => pc.iceGatheringState === "complete" && resolve();
    pc.addEventListener("icegatheringstatechange", check);
    check();
  });
}

/** A bar that redraws itself ten times a second at most. */
class ProgressBar {
  readonly #total: number;
  readonly #from = performance.now();
  #drawnAt = 0;

  constructor(total: number) {
    this.#total = total;
  }

  draw(done: number): void {
    const now = performance.now();
    if (now - this.#drawnAt < 100 && done < this.#total) return;
    this.#drawnAt = now;
    const share = this.#total === 0 ? 1 : done / this.#total;
    const bar = "█".repeat(Math.round(30 * share)).padEnd(30, "░");
    const rate = done / 1e6 / Math.max(0.001, (now - this.#from) / 1000);
    const text = `\r${bar} ${(100 * share).toFixed(0).padStart(3)} %  ${rate.toFixed(1)} MB/s `;
    Deno.stderr.writeSync(new TextEncoder().encode(text + (done === this.#total ? "\n" : "")));
  }
}

/** Fulfils when there is room in the channel's buffer again; rejects when the channel is gone. */
function drained(channel: RTCDataChannel): Promise<void> {
  return new Promise((resolve, reject) => {
    channel.onbufferedamountlow = () => resolve();
    channel.onclose = () => reject(new Error("the receiver is gone"));
  });
}

/** Sends the content; returns its hash. */
async function stream(channel: RTCDataChannel, path: string, size: number): Promise<string> {
  using file = await Deno.open(path);
  const hash = createHash("sha256");
  const progress = new ProgressBar(size);
  progress.draw(0);
  const chunk = new Uint8Array(CHUNK_BYTES);
  channel.bufferedAmountLowThreshold = LOW_WATER_BYTES;
  let sent = 0;
  for (let n = await file.read(chunk); n !== null; n = await file.read(chunk)) {
    if (channel.bufferedAmount > HIGH_WATER_BYTES) await drained(channel);
    channel.send(chunk.subarray(0, n));
    hash.update(chunk.subarray(0, n));
    progress.draw(sent += n);
  }
  return hash.digest("hex");
}

/** Header, content, hash; then the receiver's verdict. */
async function sendFile(channel: RTCDataChannel, path: string, size: number): Promise<string> {
  const verdict = new Promise<string>((resolve) => {
    channel.onmessage = ({ data }) => resolve(String(data));
  });
  channel.send(JSON.stringify({ name: basename(path), size } satisfies FileHeader));
  channel.send(JSON.stringify({ sha256: await stream(channel, path, size) }));
  const gone = new Promise<never>((_, reject) => {
    channel.onclose = () => reject(new Error("the receiver is gone"));
  });
  return await Promise.race([verdict, gone]);
}

async function send(path: string): Promise<void> {
  const { size } = await Deno.stat(path);
  const pc = connection();
  const { promise: opened, resolve: open } = Promise.withResolvers<RTCDataChannel>();
  pc.ondatachannel = ({ channel }) => open(channel);
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen }, async (request) => {
    await pc.setRemoteDescription({ type: "offer", sdp: await request.text() });
    await pc.setLocalDescription();
    await gathered(pc);
    return new Response(pc.localDescription!.sdp);
  });
  try {
    const verdict = await sendFile(await opened, path, size);
    if (verdict !== OK) throw new Error(`the receiver says: ${verdict}`);
    console.log("received and verified");
  } finally {
    // The receiver waits for this: it means that its verdict has arrived.
    pc.close();
    await server.shutdown();
  }
}

function onListen({ port }: { port: number }): void {
  console.log(`waiting for: examples/file_transfer.ts receive http://127.0.0.1:${port}`);
}

async function receive(url: string, folder: string): Promise<void> {
  const pc = connection();
  const channel = pc.createDataChannel("file");
  const done = take(channel, folder);
  await pc.setLocalDescription();
  await gathered(pc);
  const response = await fetch(url, { method: "POST", body: pc.localDescription!.sdp });
  await pc.setRemoteDescription({ type: "answer", sdp: await response.text() });
  console.log(`saved ${await done}`);
  pc.close();
}

/** Writes what comes to a file; resolves to its path. */
function take(channel: RTCDataChannel, folder: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const hash = createHash("sha256");
  let path = "", file: Deno.FsFile | undefined, progress: ProgressBar | undefined, received = 0;
  channel.onmessage = ({ data }) => {
    if (typeof data !== "string") {
      const bytes = new Uint8Array(data);
      hash.update(bytes);
      // Synchronous, so that the sender is slowed down to the speed of the disk.
      for (let at = 0; at < bytes.length;) at += file!.writeSync(bytes.subarray(at));
      progress!.draw(received += bytes.length);
      return;
    }
    const header = JSON.parse(data) as Partial<FileHeader & { sha256: string }>;
    if (header.sha256 === undefined) {
      // The name comes from somebody else: only its last part may name a file, and a new one.
      path = join(folder, basename(header.name ?? "file"));
      file = Deno.openSync(path, { createNew: true, write: true });
      progress = new ProgressBar(header.size ?? 0);
      progress.draw(0);
      return;
    }
    file!.close();
    const verified = hash.digest("hex") === header.sha256;
    channel.send(verified ? OK : "the file was damaged");
    // The sender closes when it has heard the verdict: closing at once would overtake it.
    channel.onclose = () => verified ? resolve(path) : reject(new Error("the file was damaged"));
  };
  channel.onclose = () => reject(new Error("the sender is gone"));
  return promise;
}

const [command, argument, folder] = Deno.args;
if (command === "send" && argument !== undefined) await send(argument);
else if (command === "receive" && argument !== undefined) await receive(argument, folder ?? ".");
else {
  console.error("usage: file_transfer.ts send FILE | receive URL [FOLDER]");
  Deno.exit(2);
}
