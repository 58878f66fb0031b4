/** Measures in a worker of the browser, so that the page stays alive. */
import { measure } from "../measure.ts";
import { type PacketSpec, PROFILES } from "../packet_set.ts";
import { providers } from "../providers.ts";
import type { Subject } from "../subject.ts";
import { SessionSubject } from "../subjects/session.ts";
import type { BeginMessage, PageResult, WorkerMessage } from "./messages.ts";

/** A worker's own side, which the library of types for Deno knows under another name. */
interface WorkerSide {
  postMessage(message: WorkerMessage): void;
  onmessage: ((event: { data: BeginMessage }) => void) | null;
}

/** A frame of voice, and one of video that fills a datagram. */
const SIZES = [160, 1200];

/** Many short turns: when something else disturbs a few, the median does not notice. */
const THOROUGH = { rounds: 25, roundMs: 4, warmUpPackets: 8000, warmUpMs: 200, stretches: 0 };
const QUICK = { rounds: 1, roundMs: 2, warmUpPackets: 128, warmUpMs: 10, stretches: 0 };

const self = globalThis as unknown as WorkerSide;

self.onmessage = ({ data: { quick } }) => {
  const specs = SIZES.flatMap((payloadBytes) =>
    PROFILES.map((profile) => ({ profile, payloadBytes }))
  );
  const missing = (["wasm", "ts"] as const).filter((name) =>
    !providers().some((one) => one.name === name)
  );
  for (const name of missing) {
    self.postMessage({ type: "note", text: `This browser has no ${TITLES[name]}.` });
  }
  specs.forEach((spec, i) => {
    for (const result of measureCase(spec, quick, i / specs.length, 1 / specs.length)) {
      self.postMessage({ type: "result", result });
    }
  });
  self.postMessage({ type: "done" });
};

const TITLES = { wasm: "WebAssembly with SIMD", ts: "TypeScript" };

/** Measures the providers side by side; `from` and `share` say how far all is then. */
function measureCase(spec: PacketSpec, quick: boolean, from: number, share: number): PageResult[] {
  const subjects: Subject[] = [];
  for (const { name, ciphers, batches } of providers()) {
    if (name !== "wasm" && name !== "ts") continue;
    for (const batch of batches.toReversed()) {
      subjects.push(new SessionSubject(name, ciphers, spec, batch));
    }
  }
  const text = `${spec.profile.replace("SRTP_", "")}, ${spec.payloadBytes} bytes`;
  const timings = measure(subjects, quick ? QUICK : THOROUGH, (_, done, of) => {
    self.postMessage({ type: "progress", share: from + share * done / of, text });
  });
  for (const subject of subjects) subject.dispose();
  return subjects.map(({ name, batch }, i) => ({
    provider: name as PageResult["provider"],
    ...spec,
    batch,
    ...timings[i]!,
  }));
}
