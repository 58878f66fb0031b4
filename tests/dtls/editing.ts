/**
 * Changes handshake messages on their way, as an attacker on the path or a broken peer would.
 *
 * @module
 */
import { readU16, readU24 } from "../../src/base/mod.ts";
import {
  type ClientHello,
  parseClientHello,
  writeClientHello,
} from "../../src/dtls/client_hello.ts";
import { HANDSHAKE, writeHandshakeHeader } from "../../src/dtls/handshake_header.ts";
import { writeRecordHeader } from "../../src/dtls/record.ts";
import {
  parseServerHello,
  type ServerHello,
  writeServerHello,
} from "../../src/dtls/server_hello.ts";

/** A record and where it stood. */
export interface RawRecord {
  readonly type: number;
  readonly version: number;
  readonly epoch: number;
  readonly sequence: number;
  readonly fragment: Uint8Array;
}

/** Takes a well-formed datagram apart. */
export function records(datagram: Uint8Array): RawRecord[] {
  const out: RawRecord[] = [];
  for (let at = 0; at < datagram.length;) {
    const length = readU16(datagram, at + 11);
    out.push({
      type: datagram[at]!,
      version: readU16(datagram, at + 1),
      epoch: readU16(datagram, at + 3),
      sequence: readU24(datagram, at + 8),
      fragment: datagram.slice(at + 13, at + 13 + length),
    });
    at += 13 + length;
  }
  return out;
}

/** One record as a datagram. */
export function record(
  type: number,
  epoch: number,
  sequence: number,
  fragment: Uint8Array,
  version = 0xfefd,
): Uint8Array {
  const out = new Uint8Array(13 + fragment.length);
  writeRecordHeader(out, 0, type, version, epoch, sequence, fragment.length);
  out.set(fragment, 13);
  return out;
}

/** Joins datagrams into one. */
export function join(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** A handshake message in one fragment, without a record around it. */
export function handshake(type: number, sequence: number, body: Uint8Array): Uint8Array {
  const out = new Uint8Array(12 + body.length);
  writeHandshakeHeader(out, 0, type, body.length, sequence, 0, body.length);
  out.set(body, 12);
  return out;
}

/**
 * Rewrites the plain, unfragmented handshake messages of `type` in a datagram; `edit` returns the new
 * body, or `undefined` to take the message out.
 */
export function editMessages(
  datagram: Uint8Array,
  type: number,
  edit: (body: Uint8Array) => Uint8Array | undefined,
): Uint8Array {
  return join(
    records(datagram).flatMap((r) => {
      if (r.type === 22 && r.epoch === 0 && r.fragment[0] === type) {
        const body = edit(r.fragment.slice(12));
        if (body === undefined) return [];
        const message = handshake(type, readU16(r.fragment, 4), body);
        return [record(22, 0, r.sequence, message, r.version)];
      }
      return [record(r.type, r.epoch, r.sequence, r.fragment, r.version)];
    }),
  );
}

/** Changes ClientHellos. */
export function editClientHello(
  datagram: Uint8Array,
  edit: (hello: ClientHello) => ClientHello,
): Uint8Array {
  return editMessages(datagram, HANDSHAKE.client_hello, (body) => {
    const out = new Uint8Array(4096);
    return out.slice(0, writeClientHello(edit(parseClientHello(body)!), out, 0));
  });
}

/** Changes ServerHellos. */
export function editServerHello(
  datagram: Uint8Array,
  edit: (hello: ServerHello) => ServerHello,
): Uint8Array {
  return editMessages(datagram, HANDSHAKE.server_hello, (body) => {
    const out = new Uint8Array(4096);
    return out.slice(0, writeServerHello(edit(parseServerHello(body)!), out, 0));
  });
}

/** `extensions` with one set or, with `undefined`, taken out. */
export function withExtension(
  extensions: ReadonlyMap<number, Uint8Array>,
  type: number,
  data: Uint8Array | undefined,
): Map<number, Uint8Array> {
  const copy = new Map(extensions);
  if (data === undefined) copy.delete(type);
  else copy.set(type, data);
  return copy;
}
