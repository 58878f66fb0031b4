/** SubjectPublicKeyInfo (RFC 5280 §4.1.2.7): the keys that certificates of DTLS peers carry. */
import { DER, DerReader } from "./der_reader.ts";
import { derBitString, derOid, derSequence } from "./der_writer.ts";
import { OID_EC_PUBLIC_KEY, OID_RSA_ENCRYPTION, OID_SECP256R1, OID_SECP384R1 } from "./oids.ts";

/** An elliptic-curve key; whether the point is on its curve is for the verifier to check. */
export interface EcPublicKey {
  /** Tells the kinds apart. */
  readonly kind: "ec";
  /** By its RFC 8422 name. */
  readonly curve: "secp256r1" | "secp384r1";
  /** Uncompressed: 4, x, y. */
  readonly point: Uint8Array;
}

/** An RSA key, both numbers big-endian without leading zeros. */
export interface RsaPublicKey {
  /** Tells the kinds apart. */
  readonly kind: "rsa";
  /** n. */
  readonly modulus: Uint8Array;
  /** e. */
  readonly exponent: Uint8Array;
}

/** A public key that {@linkcode parsePublicKeyInfo} understands. */
export type PublicKey = EcPublicKey | RsaPublicKey;

/** RFC 9325 §4.5: RSA keys shorter than 2048 bits give less than 112 bits of security. */
const MIN_RSA_BITS = 2048;
/** Our bound on the work of a verification; generators offer up to 4096, some tools 8192. */
const MAX_RSA_BITS = 8192;
/** Our bound on the work: FIPS 186-5 §A.1.1 wants 2¹⁶ < e < 2²⁵⁶, everyone takes 65537, some 3. */
const MAX_RSA_EXPONENT_BYTES = 4;

/** The key inside `info`, or `undefined` when it is malformed, unknown, weak or unreasonably large. */
export function parsePublicKeyInfo(info: Uint8Array): PublicKey | undefined {
  const outer = new DerReader(info);
  const body = outer.enter(DER.sequence);
  const algorithm = body?.enter(DER.sequence);
  const key = body?.bitString();
  if (algorithm === undefined || key === undefined || !outer.done || !body!.done) return undefined;
  const name = algorithm.oid();
  if (name === OID_EC_PUBLIC_KEY) return parseEcKey(algorithm, key);
  if (name === OID_RSA_ENCRYPTION) return parseRsaKey(algorithm, key);
  return undefined;
}

/** RFC 5480 §2. */
function parseEcKey(parameters: DerReader, point: Uint8Array): EcPublicKey | undefined {
  const name = parameters.oid();
  const curve = name === OID_SECP256R1
    ? "secp256r1"
    : name === OID_SECP384R1
    ? "secp384r1"
    : undefined;
  if (curve === undefined || !parameters.done) return undefined;
  // RFC 8422 §5.1.2: uncompressed is the one point format of TLS.
  if (point[0] !== 4 || point.length !== (curve === "secp256r1" ? 65 : 97)) return undefined;
  return { kind: "ec", curve, point };
}

/** RFC 8017 appendix A.1.1; RFC 3279 §2.3.1: the parameters are NULL. */
function parseRsaKey(parameters: DerReader, key: Uint8Array): RsaPublicKey | undefined {
  if (parameters.contents(DER.null)?.length !== 0 || !parameters.done) return undefined;
  const outer = new DerReader(key);
  const body = outer.enter(DER.sequence);
  const modulus = body?.unsigned(), exponent = body?.unsigned();
  if (modulus === undefined || exponent === undefined) return undefined;
  if (!outer.done || !body!.done || modulus.length === 0 || exponent.length === 0) return undefined;
  const bits = 8 * modulus.length - Math.clz32(modulus[0]!) + 24;
  if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) return undefined;
  const odd = modulus.at(-1)! & exponent.at(-1)! & 1;
  if (odd === 0 || exponent.length > MAX_RSA_EXPONENT_BYTES) return undefined;
  if (exponent.length === 1 && exponent[0]! < 3) return undefined;
  return { kind: "rsa", modulus, exponent };
}

/** The SubjectPublicKeyInfo of an uncompressed P-256 point. */
export function p256PublicKeyInfo(point: Uint8Array): Uint8Array {
  return derSequence(
    derSequence(derOid(OID_EC_PUBLIC_KEY), derOid(OID_SECP256R1)),
    derBitString(point),
  );
}
