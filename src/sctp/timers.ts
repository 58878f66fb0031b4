import { TimerTable } from "../base/mod.ts";

/** The timers of an association (RFC 9260 §16, RFC 6525 §5.1.1, RFC 8899 §5.1.1). */
export type SctpTimer =
  | "t1"
  | "t2"
  | "t3"
  | "sack"
  | "heartbeat"
  | "reconfig"
  | "probe";

/** The timer table of one association. */
export type SctpTimers = TimerTable<SctpTimer>;

/** A table with every timer disarmed. */
export function createTimers(): SctpTimers {
  return new TimerTable<SctpTimer>([
    "t1",
    "t2",
    "t3",
    "sack",
    "heartbeat",
    "reconfig",
    "probe",
  ]);
}
