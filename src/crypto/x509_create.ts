/**
 * Self-signed X.509 v3 certificates (RFC 5280 §4.1): a container for a key, which is all that WebRTC
 * asks of them (RFC 8827 §6.5).
 */
import { type Entropy, randomBytes } from "../base/mod.ts";
import { DER } from "./der_reader.ts";
import {
  derBitString,
  derElement,
  derNull,
  derOid,
  derSequence,
  derTime,
  derUnsigned,
  derUtf8String,
} from "./der_writer.ts";
import { OID_COMMON_NAME, OID_ECDSA_WITH_SHA256, OID_SHA256_WITH_RSA } from "./oids.ts";
import type { SignatureScheme, SigningKey } from "./provider.ts";

/** What a self-signed certificate says. */
export interface SelfSignedOptions {
  /** The key it carries and is signed with. */
  readonly key: SigningKey;
  /** Common name of subject and issuer; not checked by anyone. */
  readonly commonName: string;
  /** Start of validity, Unix milliseconds, cut to whole seconds. */
  readonly notBeforeMs: number;
  /** End of validity, Unix milliseconds, cut to whole seconds. */
  readonly notAfterMs: number;
  /** Where the serial number comes from. */
  readonly entropy: Entropy;
}

/** RFC 5280 §4.1.2.2 wants at most 20 bytes; 16 random ones do not repeat. */
const SERIAL_BYTES = 16;

/** Writes and signs a certificate, DER. */
export function createSelfSigned(options: SelfSignedOptions): Uint8Array {
  const { key, entropy } = options;
  const ec = key.algorithm === "ecdsa-p256";
  const scheme: SignatureScheme = ec ? "ecdsa_secp256r1_sha256" : "rsa_pkcs1_sha256";
  // RFC 5758 §3.2: no parameters with ECDSA; RFC 4055 §5: NULL with RSA.
  const algorithm = ec
    ? derSequence(derOid(OID_ECDSA_WITH_SHA256))
    : derSequence(derOid(OID_SHA256_WITH_RSA), derNull());
  const attribute = derSequence(derOid(OID_COMMON_NAME), derUtf8String(options.commonName));
  const name = derSequence(derElement(DER.set, attribute));
  const serial = randomBytes(entropy, SERIAL_BYTES);
  serial[0] = (serial[0]! & 0x7f) | 0x40; // positive and never zero
  const tbs = derSequence(
    derElement(DER.context0, derUnsigned(Uint8Array.of(2))), // v3
    derUnsigned(serial),
    algorithm,
    name,
    derSequence(derTime(options.notBeforeMs), derTime(options.notAfterMs)),
    name,
    key.publicKeyInfo,
  );
  return derSequence(tbs, algorithm, derBitString(key.sign(scheme, tbs)));
}
