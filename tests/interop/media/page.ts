/**
 * A page that calls the test's server with a fake camera and microphone, plays what comes back, and
 * reports its statistics.
 */

/** What the page reports in the end. */
export interface PageReport {
  /** What went wrong, if anything. */
  readonly error?: string;
  /** Video frames that it decoded of what came back. */
  readonly framesDecoded: number;
  /** Audio packets that came back and were authentic. */
  readonly audioPackets: number;
  /** Picture Loss Indications that it took from us. */
  readonly pictureLosses: number;
  /** Receiver reports of ours that it took. */
  readonly reports: number;
}

/** The page. */
export const page: string = `<!doctype html><meta charset="utf-8"><title>media</title><script>
const PATIENCE_MS = 25000;
const post = (path, body) => fetch(path, { method: "POST", body: JSON.stringify(body) });

async function counts(pc) {
  const seen = { framesDecoded: 0, audioPackets: 0, pictureLosses: 0, reports: 0 };
  for (const stat of (await pc.getStats()).values()) {
    if (stat.type === "inbound-rtp" && stat.kind === "video") {
      seen.framesDecoded += stat.framesDecoded ?? 0;
    }
    if (stat.type === "inbound-rtp" && stat.kind === "audio") {
      seen.audioPackets += stat.packetsReceived ?? 0;
    }
    if (stat.type === "outbound-rtp" && stat.kind === "video") {
      seen.pictureLosses += stat.pliCount ?? 0;
    }
    if (stat.type === "remote-inbound-rtp") seen.reports++;
  }
  return seen;
}

async function call() {
  const pc = new RTCPeerConnection();
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
  for (const track of stream.getTracks()) pc.addTrack(track, stream);
  pc.ontrack = ({ streams: [incoming], track }) => {
    const element = document.createElement(track.kind);
    element.muted = true;
    element.srcObject = incoming ?? new MediaStream([track]);
    document.documentElement.append(element);
    element.play().catch(() => {});
  };
  await pc.setLocalDescription();
  await new Promise((resolve) => {
    const look = () => pc.iceGatheringState === "complete" && resolve();
    pc.addEventListener("icegatheringstatechange", look);
    look();
  });
  const response = await post("/offer", { sdp: pc.localDescription.sdp });
  await pc.setRemoteDescription({ type: "answer", sdp: await response.text() });
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const seen = await counts(pc);
    const enough = seen.framesDecoded >= 20 && seen.audioPackets >= 100 &&
      seen.pictureLosses > 0 && seen.reports >= 2;
    if (enough || performance.now() > until) return seen;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

call().then((seen) => post("/report", seen), (error) => post("/report", { error: String(error) }));
</script>`;
