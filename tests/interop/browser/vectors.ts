/** What the page runs: the vectors of every provider that browsers have. */
import "../../crypto/aead_test.ts";
import "../../crypto/crc32c_test.ts";
import "../../crypto/hash_test.ts";
import "../../host/wasm_srtp_test.ts";
import "../../srtp/key_derivation_test.ts";
import "../../srtp/ts_cipher_test.ts";
import { type CaseResult, runAll } from "./registry.ts";

/** What the page tells of itself. */
export interface VectorReport {
  readonly userAgent: string;
  readonly results: readonly CaseResult[];
}

const report: VectorReport = { userAgent: navigator.userAgent, results: await runAll() };
await fetch("/report", { method: "POST", body: JSON.stringify(report) });
