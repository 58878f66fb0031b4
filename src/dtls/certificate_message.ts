/**
 * Certificate (RFC 5246 §7.4.2): a list of DER certificates, the peer's own first.
 *
 * ```text
 * +-----------+----------------+----------------+-----
 * | total (3) | certificate <3>| certificate <3>| …
 * +-----------+----------------+----------------+-----
 * ```
 */
import { writeBytes, writeU24 } from "../base/mod.ts";
import { Reader } from "./reader.ts";

/** Parses the body into views of the certificates, or returns `undefined`. */
export function parseCertificateMessage(body: Uint8Array): Uint8Array[] | undefined {
  const reader = new Reader(body);
  const list = new Reader(reader.vector24());
  if (!reader.complete) return undefined;
  const certificates: Uint8Array[] = [];
  while (list.remaining > 0) {
    const certificate = list.vector24();
    if (list.failed || certificate.length === 0) return undefined;
    certificates.push(certificate);
  }
  return certificates;
}

/** Writes the body of the message and returns the offset behind it. */
export function writeCertificateMessage(
  certificates: readonly Uint8Array[],
  out: Uint8Array,
  at: number,
): number {
  const start = at;
  at += 3;
  for (const certificate of certificates) {
    at = writeU24(out, at, certificate.length);
    at = writeBytes(out, at, certificate);
  }
  writeU24(out, start, at - start - 3);
  return at;
}
