/** PKCS #8 (RFC 5958 §2) around EC private keys (RFC 5915 §3). */
import { DER, DerReader } from "./der_reader.ts";
import { derBitString, derElement, derOctetString, derOid, derSequence } from "./der_writer.ts";
import { derUnsigned } from "./der_writer.ts";
import { OID_EC_PUBLIC_KEY, OID_RSA_ENCRYPTION, OID_SECP256R1 } from "./oids.ts";

/** What a PKCS #8 file holds, as far as we look into it. */
export type PrivateKeyInfo =
  | { readonly algorithm: "ecdsa-p256"; readonly secret: Uint8Array; readonly point?: Uint8Array }
  | { readonly algorithm: "rsa-2048" };

/** Reads a PKCS #8 file, or returns `undefined` when it is malformed or of another kind. */
export function parsePkcs8(pkcs8: Uint8Array): PrivateKeyInfo | undefined {
  const outer = new DerReader(pkcs8);
  const body = outer.enter(DER.sequence);
  const version = body?.unsigned();
  const algorithm = body?.enter(DER.sequence);
  const key = body?.contents(DER.octetString);
  if (version === undefined || algorithm === undefined || key === undefined) return undefined;
  if (!outer.done) return undefined;
  const name = algorithm.oid();
  if (name === OID_RSA_ENCRYPTION) return { algorithm: "rsa-2048" };
  if (name !== OID_EC_PUBLIC_KEY || algorithm.oid() !== OID_SECP256R1) return undefined;
  return parseEcPrivateKey(key);
}

/** RFC 5915 §3: version 1, the secret, then optional parameters and public key. */
function parseEcPrivateKey(key: Uint8Array): PrivateKeyInfo | undefined {
  const body = new DerReader(key).enter(DER.sequence);
  const version = body?.unsigned();
  const secret = body?.contents(DER.octetString);
  if (version?.[0] !== 1 || secret?.length !== 32) return undefined;
  body!.contents(DER.context0);
  const point = body!.enter(DER.context1)?.bitString();
  if (!body!.done) return undefined;
  return point === undefined
    ? { algorithm: "ecdsa-p256", secret }
    : { algorithm: "ecdsa-p256", secret, point };
}

/** Writes a P-256 key with its public point. */
export function writeP256Pkcs8(secret: Uint8Array, point: Uint8Array): Uint8Array {
  const inner = derSequence(
    derUnsigned(Uint8Array.of(1)),
    derOctetString(secret),
    derElement(DER.context1, derBitString(point)),
  );
  return derSequence(
    derUnsigned(new Uint8Array(1)),
    derSequence(derOid(OID_EC_PUBLIC_KEY), derOid(OID_SECP256R1)),
    derOctetString(inner),
  );
}
