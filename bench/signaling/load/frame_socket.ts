/**
 * A WebSocket client as cheap as it gets (RFC 6455), so that the load generator is not what is
 * measured: text frames without fragments, a masking key of zeros, one write per turn.
 */
import { connect, type Socket } from "node:net";

/** Called with the bytes of a text message, which are lent. */
export type OnFrame = (bytes: Buffer, start: number, end: number) => void;

/** Where to connect. */
export interface Target {
  port: number;
  path: string;
  protocols?: string;
  origin?: string;
}

const KEY = "c3Rlcm5hIGJlbmNobWFyaw==";
const OPCODE_TEXT = 1, OPCODE_CLOSE = 8, OPCODE_PING = 9, OPCODE_PONG = 10;
const FINAL = 0x80, MASKED = 0x80;

/** One connection. */
export class FrameSocket {
  readonly #socket: Socket;
  readonly #onFrame: OnFrame;
  readonly #onClose: (reason: string) => void;
  #rest: Buffer | undefined;
  #isOpen = false;
  #out: Buffer[] = [];

  constructor(target: Target, onFrame: OnFrame, onClose: (reason: string) => void) {
    this.#onFrame = onFrame;
    this.#onClose = onClose;
    this.#socket = connect({ host: "127.0.0.1", port: target.port, noDelay: true });
    this.#socket.write(
      `GET ${target.path} HTTP/1.1\r\nHost: 127.0.0.1:${target.port}\r\nUpgrade: websocket\r\n` +
        `Connection: Upgrade\r\nSec-WebSocket-Key: ${KEY}\r\nSec-WebSocket-Version: 13\r\n` +
        (target.protocols ? `Sec-WebSocket-Protocol: ${target.protocols}\r\n` : "") +
        (target.origin ? `Origin: ${target.origin}\r\n` : "") + "\r\n",
    );
    this.#socket.on("data", (chunk: Buffer) => this.#read(chunk));
    this.#socket.on("error", (error) => this.#onClose(error.message));
    this.#socket.on("close", () => this.#onClose("closed"));
  }

  /** Queues a text message; all of a turn leave together. */
  send(text: string): void {
    this.#write(OPCODE_TEXT, Buffer.from(text));
  }

  /** Ends the connection without a closing handshake. */
  destroy(): void {
    this.#socket.destroy();
  }

  #write(opcode: number, payload: Buffer): void {
    const { length } = payload, long = length > 125;
    const frame = Buffer.allocUnsafe(length + (long ? 8 : 6));
    frame[0] = FINAL | opcode;
    frame[1] = MASKED | (long ? 126 : length);
    if (long) frame.writeUInt16BE(length, 2);
    frame.writeUInt32BE(0, long ? 4 : 2);
    payload.copy(frame, long ? 8 : 6);
    if (this.#out.push(frame) === 1 && this.#isOpen) setImmediate(() => this.#flush());
  }

  #flush(): void {
    const { length } = this.#out;
    this.#socket.write(length === 1 ? this.#out[0]! : Buffer.concat(this.#out));
    this.#out = [];
  }

  #read(chunk: Buffer): void {
    let bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = undefined;
    if (!this.#isOpen) {
      const end = bytes.indexOf("\r\n\r\n");
      if (end < 0) return void (this.#rest = bytes);
      const status = bytes.toString("latin1", 0, bytes.indexOf("\r\n"));
      if (!status.startsWith("HTTP/1.1 101")) {
        this.#onClose(status);
        return this.destroy();
      }
      this.#isOpen = true;
      if (this.#out.length > 0) this.#flush();
      bytes = bytes.subarray(end + 4);
    }
    let at = 0;
    while (at + 2 <= bytes.length) {
      const short = bytes[at + 1]!;
      let start = at + 2, length = short;
      if (short === 126) {
        if (start + 2 > bytes.length) break;
        length = bytes.readUInt16BE(start);
        start += 2;
      } else if (short === 127) {
        if (start + 8 > bytes.length) break;
        length = bytes.readUInt32BE(start + 4);
        start += 8;
      }
      if (start + length > bytes.length) break;
      this.#take(bytes[at]! & 0x0f, bytes, start, start + length);
      at = start + length;
    }
    if (at < bytes.length) this.#rest = bytes.subarray(at);
  }

  #take(opcode: number, bytes: Buffer, start: number, end: number): void {
    if (opcode === OPCODE_TEXT) this.#onFrame(bytes, start, end);
    else if (opcode === OPCODE_PING) this.#write(OPCODE_PONG, bytes.subarray(start, end));
    else if (opcode === OPCODE_CLOSE) this.#onClose(bytes.toString("utf8", start + 2, end));
  }
}
