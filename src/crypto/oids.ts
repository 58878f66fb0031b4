/** RFC 5480 §2.1.1: id-ecPublicKey. */
export const OID_EC_PUBLIC_KEY = "1.2.840.10045.2.1";
/** RFC 5480 §2.1.1.1: secp256r1. */
export const OID_SECP256R1 = "1.2.840.10045.3.1.7";
/** RFC 5480 §2.1.1.1: secp384r1. */
export const OID_SECP384R1 = "1.3.132.0.34";
/** RFC 8017 appendix A.1: rsaEncryption. */
export const OID_RSA_ENCRYPTION = "1.2.840.113549.1.1.1";
/** RFC 5758 §3.2: ecdsa-with-SHA256. */
export const OID_ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";
/** RFC 8017 appendix A.2.4: sha256WithRSAEncryption. */
export const OID_SHA256_WITH_RSA = "1.2.840.113549.1.1.11";
/** RFC 5280 appendix A.1: id-at-commonName. */
export const OID_COMMON_NAME = "2.5.4.3";
