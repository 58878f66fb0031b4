/** Our ends of SRTP, over batches: packets in, packets out. */
import { RTP_AT, RTP_COLUMNS, RTP_LENGTH, RTP_STATUS } from "../../src/rtp/mod.ts";
import { nativeSrtp } from "../../src/host/native_srtp.ts";
import { selectSrtp } from "../../src/host/srtp_policy.ts";
import { WASM_BUILDS, WasmCores, wasmModule } from "../../src/host/wasm_core.ts";
import { wasmSrtp } from "../../src/host/wasm_srtp.ts";
import {
  SRTP_OK,
  SRTP_TAILROOM_BYTES,
  type SrtpBatch,
  type SrtpCipherProvider,
  type SrtpReceiver,
  type SrtpSender,
  tsSrtp,
} from "../../src/srtp/mod.ts";

function wasmProviders(): SrtpCipherProvider[] {
  return WASM_BUILDS.flatMap((build) => {
    const module = wasmModule(build);
    const provider = module && wasmSrtp(tsSrtp, new WasmCores(module));
    return provider ? [{ ...provider, name: `wasm (${build})` }] : [];
  });
}

/** What hosts use. */
export const selected: SrtpCipherProvider = selectSrtp();

/** Every way of ours to do the cryptography that this runtime has. */
export const providers: readonly SrtpCipherProvider[] = [
  tsSrtp,
  nativeSrtp(),
  ...wasmProviders(),
  selected,
].filter((provider) => provider !== undefined);

/** What became of a packet: its bytes, or its status. */
export type Outcome = Uint8Array | number;

/** RTP or RTCP. */
export type Kind = "rtp" | "rtcp";

/** One after the other, so that one packet at a time is a batch, and all of the lanes work, too. */
const BATCH_SIZES = [1, 2, 5, 8, 13, 16, 21];

function inBatches(
  end: Pick<SrtpSender | SrtpReceiver, "createBatch">,
  packets: readonly Uint8Array[],
  apply: (batch: SrtpBatch) => void,
): Outcome[] {
  const outcomes: Outcome[] = [];
  for (let from = 0, n = 0; from < packets.length; n++) {
    const some = packets.slice(from, from + BATCH_SIZES[n % BATCH_SIZES.length]!);
    from += some.length;
    outcomes.push(...oneBatch(end, some, apply));
  }
  return outcomes;
}

function oneBatch(
  end: Pick<SrtpSender | SrtpReceiver, "createBatch">,
  packets: readonly Uint8Array[],
  apply: (batch: SrtpBatch) => void,
): Outcome[] {
  const room = packets.reduce((sum, packet) => sum + packet.length + SRTP_TAILROOM_BYTES, 0);
  const batch = end.createBatch(room, packets.length);
  let at = 0;
  for (const packet of packets) {
    batch.bytes.set(packet, at);
    batch.push(at, packet.length);
    at += packet.length + SRTP_TAILROOM_BYTES;
  }
  apply(batch);
  const outcomes = packets.map((_, index) => readRow(batch, index * RTP_COLUMNS));
  batch.release();
  return outcomes;
}

function readRow({ bytes, rows }: SrtpBatch, row: number): Outcome {
  const status = rows[row + RTP_STATUS]!;
  if (status !== SRTP_OK) return status;
  return bytes.slice(rows[row + RTP_AT], rows[row + RTP_AT]! + rows[row + RTP_LENGTH]!);
}

/** Protects packets in batches of several sizes. */
export function protectAll(
  sender: SrtpSender,
  packets: readonly Uint8Array[],
  kind: Kind,
): Outcome[] {
  return inBatches(
    sender,
    packets,
    (batch) => kind === "rtp" ? sender.protect(batch) : sender.protectControl(batch),
  );
}

/** Checks and decrypts packets in batches of several sizes. */
export function unprotectAll(
  receiver: SrtpReceiver,
  packets: readonly Uint8Array[],
  kind: Kind,
): Outcome[] {
  return inBatches(
    receiver,
    packets,
    (batch) => void (kind === "rtp" ? receiver.unprotect(batch) : receiver.unprotectControl(batch)),
  );
}

/** The packets, where none was refused. */
export function mustBePackets(outcomes: readonly Outcome[]): Uint8Array[] {
  return outcomes.map((outcome, index) => {
    if (typeof outcome !== "number") return outcome;
    throw new Error(`packet ${index} of ${outcomes.length} has status ${outcome}`);
  });
}
