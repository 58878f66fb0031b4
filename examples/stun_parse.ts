/**
 * The STUN codec alone: writes a Binding request with credentials, reads it back, and checks it.
 *
 *     deno run examples/stun_parse.ts
 *
 * @module
 */
import { tsCrypto } from "@sterna/webrtc/crypto";
import { StunAttribute, StunClass, StunMethod, StunReader, StunWriter } from "@sterna/webrtc/stun";

const key = tsCrypto.createHmac("sha-1", new TextEncoder().encode("a password of 22 chars"));
const transactionId = crypto.getRandomValues(new Uint8Array(12));

const out = new Uint8Array(256);
const writer = new StunWriter();
writer.begin(out, 0, StunMethod.BINDING, StunClass.REQUEST, transactionId);
writer.text(StunAttribute.USERNAME, "remote:local");
const message = out.subarray(0, writer.integrity(key).fingerprint().finish());

const reader = new StunReader();
console.log("well-formed:        ", reader.read(message));
console.log("username:           ", reader.text(StunAttribute.USERNAME));
console.log("message integrity:  ", reader.verifyIntegrity(key));
console.log("fingerprint:        ", reader.verifyFingerprint());

message[30]! ^= 1;
reader.read(message);
console.log("tampered, integrity:", reader.verifyIntegrity(key));
