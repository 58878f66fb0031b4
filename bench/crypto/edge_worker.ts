/**
 * What runs in workerd, whose clock stands still while a request is answered: does as much work as it
 * is asked to, and the asker takes the time.
 */
import { hexEncode } from "../../src/base/mod.ts";
import { deriveSessionKeys } from "../../src/srtp/mod.ts";
import { masterKey, masterSalt, type PacketSpec, TAG_BYTES } from "./packet_set.ts";
import { providers } from "./providers.ts";
import { type Subject, WrongAnswer } from "./subject.ts";
import { nobleSubject } from "./subjects/noble.ts";
import { nodeCryptoSubject } from "./subjects/node_crypto.ts";
import { SessionSubject } from "./subjects/session.ts";

/** One request. */
export interface EdgeOrder extends PacketSpec {
  readonly subject: string;
  /** Packets per call. */
  readonly batch: number;
  /** Sets of packets to work through. */
  readonly sets: number;
  /** Whether packets are only protected, or unprotected, too. */
  readonly both: boolean;
}

/** Receivers must not miss packets: what only protects is another subject than what does both. */
const subjects = new Map<string, Subject>();

function subjectOf({ subject, batch, both, profile, payloadBytes }: EdgeOrder): Subject {
  const key = [subject, batch, both, profile, payloadBytes].join();
  let found = subjects.get(key);
  if (found === undefined) {
    found = makeSubject(subject, batch, { profile, payloadBytes });
    subjects.set(key, found);
  }
  return found;
}

function makeSubject(name: string, batch: number, spec: PacketSpec): Subject {
  const { profile } = spec;
  const keys = deriveSessionKeys(profile, masterKey(profile), masterSalt(profile)).rtp;
  if (name === "noble") return nobleSubject(spec, keys);
  if (name === "node:crypto Buffer") return nodeCryptoSubject(spec, keys, "Buffer");
  if (name === "node:crypto KeyObject") return nodeCryptoSubject(spec, keys, "KeyObject");
  const provider = providers().find((one) => one.name === name);
  if (provider === undefined) throw new WrongAnswer(`${name} is not here`);
  return new SessionSubject(name, provider.ciphers, spec, batch);
}

function obey(order: EdgeOrder): { check: string } {
  const subject = subjectOf(order);
  let check = "";
  for (let set = 0; set < order.sets; set++) {
    subject.advance();
    subject.protect();
    if (set === 0) check = tagOf(subject, order);
    if (order.both) subject.unprotect();
  }
  return { check };
}

function tagOf(subject: Subject, { profile }: EdgeOrder): string {
  const packet = subject.firstProtected();
  return hexEncode(packet.subarray(packet.length - TAG_BYTES[profile]));
}

/** The worker. */
export default {
  async fetch(request: Request): Promise<Response> {
    if (request.method === "GET") {
      return Response.json(providers().map(({ name, batches }) => ({ name, batches })));
    }
    try {
      return Response.json(obey(await request.json() as EdgeOrder));
    } catch (error) {
      return new Response((error as Error).message, { status: 500 });
    }
  },
};
