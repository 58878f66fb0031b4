/** SRTP and SRTCP against pion, with Cryptex. Skipped where there is no Go. @module */
import { pionSrtpMissing, startPionSrtp } from "./peers/pion_srtp.ts";
import { srtpInterop } from "./srtp_suite.ts";

srtpInterop({
  name: "pion",
  missing: await pionSrtpMissing(),
  start: startPionSrtp,
  cryptex: true,
});
