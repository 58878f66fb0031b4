import { tsSrtp } from "../../src/srtp/mod.ts";
import { testCiphers } from "./cipher_suite.ts";

testCiphers(tsSrtp);
