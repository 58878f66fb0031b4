import type { Address } from "../base/mod.ts";
import { StunAttribute, StunClass, StunMethod } from "../stun/mod.ts";
import type { AgentCore } from "./core.ts";
import type { LocalCredentials, RemoteCredentials } from "./credentials.ts";

/**
 * Writes a connectivity or consent check (RFC 8445 §7.2.2): a Binding request with USERNAME,
 * PRIORITY, our role and, when it nominates, USE-CANDIDATE. Returns its length.
 */
export function writeCheck(
  core: AgentCore,
  out: Uint8Array,
  id: Uint8Array,
  remote: RemoteCredentials,
  priority: number,
  useCandidate: boolean,
): number {
  const writer = core.writer
    .begin(out, 0, StunMethod.BINDING, StunClass.REQUEST, id)
    .bytes(StunAttribute.USERNAME, remote.username)
    .u32(StunAttribute.PRIORITY, priority)
    .u64(
      core.controlling ? StunAttribute.ICE_CONTROLLING : StunAttribute.ICE_CONTROLLED,
      core.tieBreakerHigh,
      core.tieBreakerLow,
    );
  if (useCandidate) writer.flag(StunAttribute.USE_CANDIDATE);
  return writer.integrity(remote.key).fingerprint().finish();
}

/** Queues a success response to the request in the reader (RFC 8445 §7.3.1.2). */
export function sendSuccess(
  core: AgentCore,
  local: LocalCredentials,
  from: Address,
  base: object,
): void {
  const length = core.writer
    .begin(
      core.transmits.claim(from, base),
      0,
      StunMethod.BINDING,
      StunClass.SUCCESS,
      core.reader.transactionId(),
    )
    .xorAddress(StunAttribute.XOR_MAPPED_ADDRESS, from)
    .integrity(local.key).fingerprint().finish();
  core.transmits.commit(length);
}

/** Error responses of ICE: RFC 8489 §14.8, RFC 8445 §7.3.1.1. */
export type CheckError = 400 | 420 | 487;

const REASONS: Readonly<Record<CheckError, string>> = {
  400: "Bad Request",
  420: "Unknown Attribute",
  487: "Role Conflict",
};

/** Queues an error response to the request in the reader, which was authenticated. */
export function sendError(
  core: AgentCore,
  local: LocalCredentials,
  from: Address,
  base: object,
  code: CheckError,
  unknown?: readonly number[],
): void {
  const writer = core.writer
    .begin(
      core.transmits.claim(from, base),
      0,
      StunMethod.BINDING,
      StunClass.ERROR,
      core.reader.transactionId(),
    )
    .errorCode(code, REASONS[code]);
  if (unknown !== undefined) writer.unknownAttributes(unknown);
  core.transmits.commit(writer.integrity(local.key).fingerprint().finish());
}
