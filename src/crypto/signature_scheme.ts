import type { HashAlgorithm, SignatureScheme } from "./provider.ts";

/** What a {@linkcode SignatureScheme} is made of. */
export interface SignatureSchemeParts {
  /** ECDSA, RSASSA-PKCS1-v1_5, or RSASSA-PSS with a salt as long as the digest. */
  readonly kind: "ecdsa" | "pkcs1" | "pss";
  /** The hash under the signature. */
  readonly hash: HashAlgorithm;
}

/** How a scheme's name splits up. */
export const SIGNATURE_SCHEMES: Readonly<
  Record<SignatureScheme, SignatureSchemeParts>
> = {
  "ecdsa_secp256r1_sha256": { kind: "ecdsa", hash: "sha-256" },
  "ecdsa_secp384r1_sha384": { kind: "ecdsa", hash: "sha-384" },
  "rsa_pkcs1_sha256": { kind: "pkcs1", hash: "sha-256" },
  "rsa_pkcs1_sha384": { kind: "pkcs1", hash: "sha-384" },
  "rsa_pkcs1_sha512": { kind: "pkcs1", hash: "sha-512" },
  "rsa_pss_rsae_sha256": { kind: "pss", hash: "sha-256" },
};
