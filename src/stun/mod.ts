/**
 * Session Traversal Utilities for NAT: the message codec of RFC 8489 with the attributes of ICE
 * (RFC 8445), credentials, and client transactions. No I/O: bytes in, bytes out.
 *
 * @module
 */
export { type Address, SternaError } from "../base/mod.ts";
export type { HashAlgorithm, HmacKey } from "../crypto/mod.ts";
export {
  COMPREHENSION_OPTIONAL_FROM,
  isBindingAttribute,
  StunAttribute,
} from "./attribute_types.ts";
export * from "./crc32.ts";
export * from "./credentials.ts";
export * from "./errors.ts";
export * from "./header.ts";
export {
  PASSWORD_ALGORITHM_MD5,
  PASSWORD_ALGORITHM_SHA256,
  type PasswordAlgorithm,
  passwordHash,
} from "./password_algorithms.ts";
export * from "./reader.ts";
export * from "./transaction.ts";
export * from "./writer.ts";
