/** Floor 3: SRTP. @module */
export * from "./cipher.ts";
export type { SrtpProfile } from "../crypto/mod.ts";
