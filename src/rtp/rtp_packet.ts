import { EMPTY, readU32, writeBytes, writeU16, writeU32 } from "../base/mod.ts";
import { parseRtpRow } from "./parse_rtp_row.ts";
import { ONE_BYTE_PROFILE, RTP_FIXED_HEADER_BYTES } from "./rtp_header.ts";
import {
  RTP_AT,
  RTP_COLUMNS,
  RTP_ELEMENT_COUNT,
  RTP_ELEMENTS,
  RTP_EXTENSION_AT,
  RTP_EXTENSION_LENGTH,
  RTP_EXTENSION_PROFILE,
  RTP_FLAGS,
  RTP_LENGTH,
  RTP_MAX_ELEMENTS,
  RTP_PADDING_LENGTH,
  RTP_PAYLOAD_AT,
  RTP_PAYLOAD_LENGTH,
  RTP_SEQUENCE,
  RTP_SSRC,
  RTP_TIMESTAMP,
} from "./rtp_row.ts";
import { sdesItemEquals } from "./sdes_extension.ts";
import type { RtpElement } from "./write_rtp_packet.ts";

/**
 * A view of one RTP packet (RFC 3550 §5.1) with its header extension (RFC 8285). One view is reused
 * for packet after packet: {@linkcode RtpPacket.read} parses, {@linkcode RtpPacket.readRow} takes a row
 * that SRTP has filled. Nothing is copied; what getters return lives as long as the packet's bytes.
 * Setters rewrite the packet in place, and the row with it.
 *
 * @example
 * ```ts
 * import { RtpPacket, writeRtpPacket } from "@sterna/webrtc/rtp";
 *
 * const bytes = new Uint8Array(1200);
 * const end = writeRtpPacket(
 *   {
 *     marker: true,
 *     payloadType: 96,
 *     sequenceNumber: 65535,
 *     timestamp: 90_000,
 *     ssrc: 0x1234,
 *     elements: [{ id: 4, data: new TextEncoder().encode("0") }],
 *     payload: new Uint8Array([1, 2, 3]),
 *   },
 *   bytes,
 *   0,
 * );
 *
 * const packet = new RtpPacket();
 * console.log(packet.read(bytes, 0, end)); // true
 * console.log(packet.sequenceNumber, packet.payload.length); // 65535 3
 * packet.sequenceNumber = 0; // in bytes, too
 * packet.setElement(4, new TextEncoder().encode("1"));
 * ```
 */
export class RtpPacket {
  /** The memory that the packet lies in. */
  bytes: Uint8Array = EMPTY;
  readonly #own = new Uint32Array(RTP_COLUMNS);
  #rows: Uint32Array = this.#own;
  #row = 0;

  /**
   * Looks at the packet `bytes[at … end)`. `false`: not a well-formed RTP packet, and the view shows
   * nothing of use. Never throws.
   */
  read(bytes: Uint8Array, at = 0, end: number = bytes.length): boolean {
    this.bytes = bytes;
    this.#rows = this.#own;
    this.#row = 0;
    this.#own[RTP_AT] = at;
    this.#own[RTP_LENGTH] = end - at;
    if (parseRtpRow(bytes, at, end, this.#own, 0)) return true;
    this.#own.fill(0);
    return false;
  }

  /**
   * Looks at the packet of a row that is filled already; the row is used as long as the view shows it.
   *
   * @param row index of the row's first number in `rows`
   */
  readRow(bytes: Uint8Array, rows: Uint32Array, row: number): void {
    this.bytes = bytes;
    this.#rows = rows;
    this.#row = row;
  }

  #get(column: number): number {
    return this.#rows[this.#row + column]!;
  }

  /** Where the packet begins in `bytes`. */
  get at(): number {
    return this.#get(RTP_AT);
  }

  /** Length of the packet, bytes. */
  get length(): number {
    return this.#get(RTP_LENGTH);
  }

  /** The marker bit, whose meaning the payload format defines. */
  get marker(): boolean {
    return (this.#get(RTP_FLAGS) & 0x80) !== 0;
  }

  set marker(marker: boolean) {
    this.#setFlags((this.#get(RTP_FLAGS) & 0xff7f) | (marker ? 0x80 : 0));
  }

  /** The payload type, 0 … 127. */
  get payloadType(): number {
    return this.#get(RTP_FLAGS) & 0x7f;
  }

  set payloadType(payloadType: number) {
    this.#setFlags((this.#get(RTP_FLAGS) & 0xff80) | (payloadType & 0x7f));
  }

  #setFlags(flags: number): void {
    this.#rows[this.#row + RTP_FLAGS] = flags;
    writeU16(this.bytes, this.at, flags);
  }

  /** The sequence number, 16 bits. */
  get sequenceNumber(): number {
    return this.#get(RTP_SEQUENCE);
  }

  set sequenceNumber(sequenceNumber: number) {
    writeU16(this.bytes, this.at + 2, sequenceNumber);
    this.#rows[this.#row + RTP_SEQUENCE] = sequenceNumber & 0xffff;
  }

  /** The timestamp in units of the payload's clock, 32 bits. */
  get timestamp(): number {
    return this.#get(RTP_TIMESTAMP);
  }

  set timestamp(timestamp: number) {
    writeU32(this.bytes, this.at + 4, timestamp);
    this.#rows[this.#row + RTP_TIMESTAMP] = timestamp;
  }

  /** The synchronization source, 32 bits. */
  get ssrc(): number {
    return this.#get(RTP_SSRC);
  }

  set ssrc(ssrc: number) {
    writeU32(this.bytes, this.at + 8, ssrc);
    this.#rows[this.#row + RTP_SSRC] = ssrc;
  }

  /** How many contributing sources there are, 0 … 15. */
  get csrcCount(): number {
    return (this.#get(RTP_FLAGS) >>> 8) & 0x0f;
  }

  /** The contributing source at `index`, below {@linkcode RtpPacket.csrcCount}. */
  csrc(index: number): number {
    return readU32(this.bytes, this.at + RTP_FIXED_HEADER_BYTES + 4 * index);
  }

  /** All contributing sources, as a new array. */
  get csrcs(): number[] {
    return Array.from({ length: this.csrcCount }, (_, index) => this.csrc(index));
  }

  /** Where the payload begins in `bytes`. */
  get payloadAt(): number {
    return this.#get(RTP_PAYLOAD_AT);
  }

  /** Length of the payload without its padding, bytes. */
  get payloadLength(): number {
    return this.#get(RTP_PAYLOAD_LENGTH);
  }

  /** The payload without its padding: a view. */
  get payload(): Uint8Array {
    return this.bytes.subarray(this.payloadAt, this.payloadAt + this.payloadLength);
  }

  /** Length of the padding behind the payload with its count, bytes; 0 without the P bit. */
  get paddingLength(): number {
    return this.#get(RTP_PADDING_LENGTH);
  }

  /** Whether there is a header extension, of whatever form. */
  get hasExtension(): boolean {
    return (this.#get(RTP_FLAGS) & 0x1000) !== 0;
  }

  /** "Defined by profile" of the header extension; 0 when there is none. */
  get extensionProfile(): number {
    return this.#get(RTP_EXTENSION_PROFILE);
  }

  /** The header extension's data, of whatever form: a view; empty when there is none. */
  get extension(): Uint8Array {
    const at = this.#get(RTP_EXTENSION_AT);
    return this.bytes.subarray(at, at + this.#get(RTP_EXTENSION_LENGTH));
  }

  /** How many well-formed elements the header extension has. */
  get elementCount(): number {
    return this.#get(RTP_ELEMENT_COUNT);
  }

  /**
   * Where the data of the first element with identifier `id` begins in `bytes`; −1 when there is none.
   * Its length is {@linkcode RtpPacket.elementLength} of that.
   */
  elementAt(id: number): number {
    const count = this.elementCount;
    const listed = Math.min(count, RTP_MAX_ELEMENTS);
    for (let i = 0; i < listed; i++) {
      const element = this.#get(RTP_ELEMENTS + i);
      if (element >>> 24 === id) return this.at + (element & 0xffff);
    }
    return count > listed ? this.#unlistedElementAt(id, count - listed) : -1;
  }

  /** Elements for which the row had no room. */
  #unlistedElementAt(id: number, count: number): number {
    let at = this.at + (this.#get(RTP_ELEMENTS + RTP_MAX_ELEMENTS - 1) & 0xffff);
    for (let i = 0; i < count; i++) {
      at = this.#nextElementAt(at);
      if (this.#elementId(at) === id) return at;
    }
    return -1;
  }

  /** The data of the element behind the one with its data at `at`; there is one. */
  #nextElementAt(at: number): number {
    at += this.elementLength(at);
    while (this.bytes[at] === 0) at++;
    return at + (this.#isOneByte ? 1 : 2);
  }

  get #isOneByte(): boolean {
    return this.extensionProfile === ONE_BYTE_PROFILE;
  }

  #elementId(at: number): number {
    return this.#isOneByte ? this.bytes[at - 1]! >>> 4 : this.bytes[at - 2]!;
  }

  /** Length of the data that {@linkcode RtpPacket.elementAt} has found at `at`, bytes. */
  elementLength(at: number): number {
    const length = this.bytes[at - 1]!;
    return this.#isOneByte ? (length & 0x0f) + 1 : length;
  }

  /** The data of the first element with identifier `id`: a view, or `undefined`. */
  element(id: number): Uint8Array | undefined {
    const at = this.elementAt(id);
    return at < 0 ? undefined : this.bytes.subarray(at, at + this.elementLength(at));
  }

  /** All well-formed elements in their order, as a new array of views. */
  get elements(): RtpElement[] {
    const elements: RtpElement[] = [];
    if (this.elementCount === 0) return elements;
    let at = this.at + (this.#get(RTP_ELEMENTS) & 0xffff);
    for (;;) {
      elements.push({
        id: this.#elementId(at),
        data: this.bytes.subarray(at, at + this.elementLength(at)),
      });
      if (elements.length === this.elementCount) return elements;
      at = this.#nextElementAt(at);
    }
  }

  /**
   * Replaces the data of the first element with identifier `id`. `false`, with nothing changed, when
   * there is none or its length is another.
   */
  setElement(id: number, data: Uint8Array): boolean {
    const at = this.elementAt(id);
    if (at < 0 || this.elementLength(at) !== data.length) return false;
    writeBytes(this.bytes, at, data);
    return true;
  }

  /** Whether the data of the first element with identifier `id` is `data`: no allocation. */
  elementEquals(id: number, data: Uint8Array): boolean {
    const at = this.elementAt(id);
    return at >= 0 && sdesItemEquals(this.bytes, at, this.elementLength(at), data);
  }
}
