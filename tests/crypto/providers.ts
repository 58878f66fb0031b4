/** The providers that every test of this folder runs against, by name. */
import { type CryptoProvider, tsCrypto } from "../../src/crypto/mod.ts";

export const providers: readonly CryptoProvider[] = [tsCrypto];
