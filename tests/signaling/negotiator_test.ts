import assert from "node:assert/strict";
import {
  type CandidateJson,
  type DescriptionJson,
  type NegotiationSignal,
  Negotiator,
  type PeerConnectionLike,
} from "../../src/signaling/mod.ts";
import { test } from "../harness.ts";

/** The signaling states of W3C webrtc-pc §4.3.1 and nothing else of a connection. */
class FakeConnection extends EventTarget implements PeerConnectionLike {
  signalingState = "stable";
  iceConnectionState = "new";
  restarts = 0;
  localDescription: DescriptionJson | null = null;
  readonly applied: string[] = [];
  candidateError: Error | undefined;

  async setLocalDescription(): Promise<void> {
    await Promise.resolve();
    const type = this.signalingState === "have-remote-offer" ? "answer" : "offer";
    this.signalingState = type === "offer" ? "have-local-offer" : "stable";
    this.localDescription = { type, sdp: type };
  }

  async setRemoteDescription({ type }: DescriptionJson): Promise<void> {
    await Promise.resolve();
    this.applied.push(type);
    this.signalingState = type === "offer" ? "have-remote-offer" : "stable";
  }

  addIceCandidate(candidate?: CandidateJson): Promise<void> {
    if (this.candidateError !== undefined) return Promise.reject(this.candidateError);
    this.applied.push(candidate?.candidate ?? "end");
    return Promise.resolve();
  }

  restartIce(): void {
    this.restarts++;
  }

  close(): void {
    this.signalingState = "closed";
  }
}

interface Side {
  connection: FakeConnection;
  negotiator: Negotiator;
  outbox: NegotiationSignal[];
  errors: unknown[];
}

function side(polite: boolean): Side {
  const connection = new FakeConnection();
  const outbox: NegotiationSignal[] = [], errors: unknown[] = [];
  const negotiator = new Negotiator({
    connection,
    polite,
    send: (signal) => void outbox.push(signal),
    onError: (error) => void errors.push(error),
  });
  return { connection, negotiator, outbox, errors };
}

/** Delivers in turn until both sides are quiet. */
async function settle(a: Side, b: Side): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
  while (a.outbox.length > 0 || b.outbox.length > 0) {
    const [fromA, fromB] = [a.outbox.splice(0), b.outbox.splice(0)];
    await Promise.all([
      ...fromA.map((signal) => b.negotiator.handle(signal)),
      ...fromB.map((signal) => a.negotiator.handle(signal)),
    ]);
  }
}

test("One offer is answered (W3C webrtc-pc §10.7)", async () => {
  const a = side(true), b = side(false);
  a.connection.dispatchEvent(new Event("negotiationneeded"));
  await settle(a, b);
  assert.deepEqual(a.connection.applied, ["answer"]);
  assert.deepEqual(b.connection.applied, ["offer"]);
  assert.equal(a.connection.signalingState, "stable");
});

test("Of two offers at once the impolite side's wins (W3C webrtc-pc §10.7)", async () => {
  const polite = side(true), impolite = side(false);
  polite.connection.dispatchEvent(new Event("negotiationneeded"));
  impolite.connection.dispatchEvent(new Event("negotiationneeded"));
  await settle(polite, impolite);
  assert.deepEqual(polite.connection.applied, ["offer"]);
  assert.deepEqual(impolite.connection.applied, ["answer"]);
  assert.deepEqual([...polite.errors, ...impolite.errors], []);
});

test("Candidates of an ignored offer may fail, others are reported (W3C webrtc-pc §10.7)", async () => {
  const { connection, negotiator, errors } = side(false);
  const candidate: NegotiationSignal = { type: "candidate", candidate: { candidate: "x" } };
  connection.candidateError = new Error("no remote description");
  await negotiator.handle(candidate);
  assert.equal(errors.length, 1);
  connection.dispatchEvent(new Event("negotiationneeded"));
  await negotiator.handle({ type: "description", description: { type: "offer", sdp: "" } });
  await negotiator.handle(candidate);
  assert.equal(errors.length, 1);
});

/** A connection with timers by hand: `run` lets the given time pass. */
function broken(polite: boolean, isReachable = (): boolean => true): {
  connection: FakeConnection;
  negotiator: Negotiator;
  enter(state: string): void;
  run(ms: number): void;
} {
  const connection = new FakeConnection();
  let now = 0, due: { at: number; work: () => void } | undefined;
  const negotiator = new Negotiator({
    connection,
    polite,
    send: () => {},
    isReachable,
    schedule: (ms, work) => {
      const mine = due = { at: now + ms, work };
      return () => {
        if (due === mine) due = undefined;
      };
    },
  });
  const enter = (state: string): void => {
    connection.iceConnectionState = state;
    connection.dispatchEvent(new Event("iceconnectionstatechange"));
  };
  const run = (ms: number): void => {
    now += ms;
    if (due === undefined || due.at > now) return;
    const { work } = due;
    due = undefined;
    work();
  };
  return { connection, negotiator, enter, run };
}

test("ICE is restarted when it fails, by the polite side only later (W3C webrtc-pc §5.6.2)", () => {
  const impolite = broken(false), polite = broken(true);
  for (const side of [impolite, polite]) {
    side.enter("failed");
    side.run(0);
  }
  assert.deepEqual([impolite.connection.restarts, polite.connection.restarts], [1, 0]);
  // The other side's offer has come meanwhile.
  polite.connection.signalingState = "have-remote-offer";
  polite.run(1500);
  assert.equal(polite.connection.restarts, 0);
});

test("A short interruption is waited for, a long one restarts ICE", () => {
  const { connection, enter, run } = broken(false);
  enter("disconnected");
  run(1900);
  enter("connected");
  run(10_000);
  assert.equal(connection.restarts, 0);
  enter("disconnected");
  run(2000);
  assert.equal(connection.restarts, 1);
});

test("Restarts that do not help come at growing intervals", () => {
  const { connection, enter, run } = broken(false);
  const waits: number[] = [];
  for (let i = 1; i <= 8; i++) {
    enter("failed");
    let waited = 0;
    for (; connection.restarts < i; waited += 500) run(waited === 0 ? 0 : 500);
    waits.push(waited - 500);
    enter("checking");
  }
  assert.deepEqual(waits, [0, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
});

test("ICE is not restarted before the other side can hear of it", () => {
  let isReachable = false;
  const { connection, negotiator, enter, run } = broken(false, () => isReachable);
  enter("failed");
  run(0);
  assert.equal(connection.restarts, 0);
  isReachable = true;
  negotiator.reachable();
  run(0);
  assert.equal(connection.restarts, 1);
});

test("On another network the impolite side restarts ICE, the polite one where it does not", async () => {
  const impolite = broken(false), polite = broken(true), lonely = broken(true);
  for (const side of [impolite, polite, lonely]) {
    side.negotiator.restart();
    side.run(0);
  }
  await polite.negotiator.handle({ type: "description", description: { type: "offer", sdp: "" } });
  for (const side of [polite, lonely]) side.run(1500);
  const restarts = [impolite, polite, lonely].map(({ connection }) => connection.restarts);
  assert.deepEqual(restarts, [1, 0, 1]);
});

test("Late candidates of an ignored offer are told by their fragment (RFC 8839 §5.4)", async () => {
  const { connection, negotiator, errors } = side(false);
  connection.dispatchEvent(new Event("negotiationneeded"));
  const sdp = "v=0\r\na=ice-ufrag:k9ba\r\n";
  await negotiator.handle({ type: "description", description: { type: "offer", sdp } });
  await negotiator.handle({ type: "description", description: { type: "answer", sdp: "" } });
  connection.candidateError = new Error("no such fragment");
  const late = { candidate: "x", usernameFragment: "k9ba" };
  await negotiator.handle({ type: "candidate", candidate: late });
  assert.deepEqual(errors, []);
  await negotiator.handle({ type: "candidate", candidate: { ...late, usernameFragment: "other" } });
  assert.equal(errors.length, 1);
});
