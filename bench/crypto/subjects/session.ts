import { RTP_LENGTH } from "../../../src/rtp/mod.ts";
import {
  type SrtpBatch,
  type SrtpCipherProvider,
  SrtpReceiver,
  SrtpSender,
} from "../../../src/srtp/mod.ts";
import {
  masterKey,
  masterSalt,
  PacketSet,
  type PacketSpec,
  SET_PACKETS,
  TAG_BYTES,
} from "../packet_set.ts";
import { type Subject, WrongAnswer } from "../subject.ts";

/**
 * Our own sessions as a program uses them: rows are filled, rollover counters and replay windows kept,
 * packets stay where they lie.
 */
export class SessionSubject implements Subject {
  readonly name: string;
  readonly batch: number;
  readonly #sender: SrtpSender;
  readonly #receiver: SrtpReceiver;
  readonly #batch: SrtpBatch;
  readonly #set: PacketSet;
  readonly #tagBytes: number;

  /**
   * A sender and a receiver with the same keys.
   *
   * @param batch packets per call, a divisor of the set's size
   */
  constructor(
    name: string,
    ciphers: SrtpCipherProvider,
    { profile, payloadBytes }: PacketSpec,
    batch: number,
  ) {
    this.name = name;
    this.batch = batch;
    this.#tagBytes = TAG_BYTES[profile];
    const keys = { masterKey: masterKey(profile), masterSalt: masterSalt(profile) };
    this.#sender = new SrtpSender({ profile, ciphers, ...keys });
    this.#receiver = new SrtpReceiver({ profile, ciphers, ...keys });
    let lent: SrtpBatch | undefined;
    this.#set = new PacketSet(payloadBytes, (length) => {
      lent = this.#sender.createBatch(length, batch);
      return lent.bytes;
    });
    this.#batch = lent!;
  }

  /** Whether batches share one memory, that of WebAssembly: other providers make one for each. */
  inWasmMemory(): boolean {
    const other = this.#sender.createBatch(64, 1);
    const shared = other.bytes.buffer === this.#batch.bytes.buffer;
    other.release();
    return shared;
  }

  advance(): void {
    this.#set.advance();
  }

  protect(): void {
    for (let first = 0; first < SET_PACKETS; first += this.batch) {
      this.#fill(first, this.#set.length);
      this.#sender.protect(this.#batch);
    }
    const length = this.#batch.rows[RTP_LENGTH]!;
    if (length !== this.#set.length + this.#tagBytes) {
      throw new WrongAnswer(`${this.name} made a packet of ${length} bytes`);
    }
  }

  unprotect(): void {
    for (let first = 0; first < SET_PACKETS; first += this.batch) {
      this.#fill(first, this.#set.length + this.#tagBytes);
      if (this.#receiver.unprotect(this.#batch) !== this.batch) {
        throw new WrongAnswer(`${this.name} refused its own packet`);
      }
    }
  }

  firstProtected(): Uint8Array {
    return this.#batch.bytes.slice(0, this.#set.length + this.#tagBytes);
  }

  firstUnprotected(): Uint8Array {
    return this.#batch.bytes.slice(0, this.#set.length);
  }

  dispose(): void {
    this.#sender.dispose();
    this.#receiver.dispose();
    this.#batch.release();
  }

  #fill(first: number, length: number): void {
    const batch = this.#batch, stride = this.#set.stride;
    batch.count = 0;
    for (let i = first; i < first + this.batch; i++) batch.push(i * stride, length);
  }
}
