/** STUN messages as a peer, or somebody who is none, would send them. */
import {
  type HmacKey,
  StunAttribute,
  StunClass,
  StunMethod,
  StunWriter,
} from "../../src/stun/mod.ts";
import { tsCrypto } from "../../src/crypto/mod.ts";

export interface Wanted {
  readonly messageClass?: StunClass;
  readonly method?: number;
  readonly id?: Uint8Array;
  readonly username?: string;
  readonly password?: string;
  readonly priority?: number;
  /** Attribute type and two words. */
  readonly role?: readonly [type: number, high: number, low: number];
  readonly useCandidate?: boolean;
  readonly unknown?: number;
  readonly fingerprint?: boolean;
  readonly error?: number;
  readonly extra?: (writer: StunWriter) => void;
}

export const CONTROLLING: number = StunAttribute.ICE_CONTROLLING;
export const CONTROLLED: number = StunAttribute.ICE_CONTROLLED;

export function hmacOf(password: string): HmacKey {
  return tsCrypto.createHmac("sha-1", new TextEncoder().encode(password));
}

let lastId = 0;

/** A Binding message; by default a check. */
export function message(wanted: Wanted): Uint8Array {
  const { messageClass = StunClass.REQUEST, method = StunMethod.BINDING } = wanted;
  const id = wanted.id ?? new Uint8Array(12).fill(++lastId);
  const out = new Uint8Array(1024);
  const writer = new StunWriter().begin(out, 0, method, messageClass, id);
  if (wanted.username !== undefined) writer.text(StunAttribute.USERNAME, wanted.username);
  if (wanted.priority !== undefined) writer.u32(StunAttribute.PRIORITY, wanted.priority);
  if (wanted.role !== undefined) writer.u64(...wanted.role);
  if (wanted.useCandidate) writer.flag(StunAttribute.USE_CANDIDATE);
  if (wanted.unknown !== undefined) writer.u32(wanted.unknown, 0);
  if (wanted.error !== undefined) writer.errorCode(wanted.error, "");
  wanted.extra?.(writer);
  if (wanted.password !== undefined) writer.integrity(hmacOf(wanted.password));
  if (wanted.fingerprint !== false) writer.fingerprint();
  return out.slice(0, writer.finish());
}
