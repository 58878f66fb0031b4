/**
 * X.509 certificates (RFC 5280 §4.1) as far as DTLS needs them: the peer's key is read out of its
 * certificate, and the fingerprint from signaling says whether to believe it (RFC 8827 §6.5), so
 * names, extensions and the issuer's signature are passed over.
 */
import { utf8DecodeStrict } from "../base/mod.ts";
import { DER, DerReader } from "./der_reader.ts";

/** The parts of a certificate, views of its bytes. */
export interface CertificateInfo {
  /** The signed part, TBSCertificate. */
  readonly tbs: Uint8Array;
  /** DER SubjectPublicKeyInfo, for {@linkcode CryptoProvider.verify}. */
  readonly publicKeyInfo: Uint8Array;
  /** Object identifier of the issuer's signature algorithm, dotted decimal. */
  readonly signatureAlgorithm: string;
  /** The issuer's signature over `tbs`. */
  readonly signature: Uint8Array;
  /** Start of validity, Unix milliseconds. */
  readonly notBeforeMs: number;
  /** End of validity, Unix milliseconds. */
  readonly notAfterMs: number;
}

/** Larger certificates are not read, bytes. Self-signed ones have 300 to 1500. */
export const MAX_CERTIFICATE_BYTES = 16_384;

/** Takes a certificate apart; `undefined` when it is malformed. Never throws. */
export function parseCertificate(der: Uint8Array): CertificateInfo | undefined {
  if (der.length > MAX_CERTIFICATE_BYTES) return undefined;
  const outer = new DerReader(der);
  const certificate = outer.enter(DER.sequence);
  const tbs = certificate?.element(DER.sequence);
  const signatureAlgorithm = certificate?.enter(DER.sequence)?.oid();
  const signature = certificate?.bitString();
  if (tbs === undefined || signatureAlgorithm === undefined || signature === undefined) {
    return undefined;
  }
  if (!outer.done || !certificate!.done) return undefined;
  const signed = parseSigned(new DerReader(tbs).enter(DER.sequence)!);
  return signed && { tbs, signatureAlgorithm, signature, ...signed };
}

/** RFC 5280 §4.1: version, serial, algorithm, issuer, validity, subject, key, then what we skip. */
function parseSigned(
  tbs: DerReader,
): Pick<CertificateInfo, "publicKeyInfo" | "notBeforeMs" | "notAfterMs"> | undefined {
  if (tbs.tag === DER.context0 && tbs.contents(DER.context0) === undefined) return undefined;
  if (tbs.contents(DER.integer) === undefined) return undefined;
  if (tbs.contents(DER.sequence) === undefined) return undefined;
  if (tbs.contents(DER.sequence) === undefined) return undefined;
  const validity = tbs.enter(DER.sequence);
  if (validity === undefined || tbs.contents(DER.sequence) === undefined) return undefined;
  const notBeforeMs = parseTime(validity), notAfterMs = parseTime(validity);
  const publicKeyInfo = tbs.element(DER.sequence);
  if (notBeforeMs === undefined || notAfterMs === undefined) return undefined;
  return publicKeyInfo && { publicKeyInfo, notBeforeMs, notAfterMs };
}

/** RFC 5280 §4.1.2.5: `YYMMDDHHMMSSZ` for 1950 to 2049, or `YYYYMMDDHHMMSSZ`. */
function parseTime(reader: DerReader): number | undefined {
  const tag = reader.tag;
  if (tag !== DER.utcTime && tag !== DER.generalizedTime) return undefined;
  const contents = reader.contents(tag);
  let text = contents && utf8DecodeStrict(contents);
  if (text === undefined) return undefined;
  if (tag === DER.utcTime) text = (text < "50" ? "20" : "19") + text;
  if (!/^\d{14}Z$/.test(text)) return undefined;
  const field = (at: number, length = 2): number => Number(text.slice(at, at + length));
  return Date.UTC(field(0, 4), field(4) - 1, field(6), field(8), field(10), field(12));
}
