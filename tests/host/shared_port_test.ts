import assert from "node:assert/strict";
import { type Certificate, createCertificate } from "../../src/crypto/mod.ts";
import {
  type MemoryHost,
  TransportDriver,
  type TransportListener,
  VirtualNetwork,
} from "../../src/host/mod.ts";
import type { IceCandidate, IceEvent, IceParameters } from "../../src/ice/mod.ts";
import { test } from "../harness.ts";

/** One connection of a host. */
class Party implements TransportListener {
  readonly driver: TransportDriver;
  readonly certificate: Certificate;
  readonly candidates: IceCandidate[] = [];
  connected = false;

  constructor(host: MemoryHost, controlling: boolean, port?: number) {
    this.certificate = createCertificate({
      crypto: host.crypto,
      entropy: host.entropy,
      nowMs: host.wallClock(),
    });
    const { certificate } = this;
    this.driver = new TransportDriver({
      host,
      certificate,
      controlling,
      udp: { port },
      listener: this,
    });
  }

  onIce(event: IceEvent): void {
    if (event.type === "candidate") this.candidates.push(event.candidate);
  }

  onDtls(event: Parameters<TransportListener["onDtls"]>[0]): void {
    if (event.type === "state") this.connected = event.state === "connected";
  }

  onGatheringError(): void {}
  onSctpState(): void {}
  onDataChannel(): void {}

  /** Applies what the other side signaled. */
  meet(ice: IceParameters, certificate: Certificate, candidates: readonly IceCandidate[]): void {
    this.driver.setRemote({
      ice,
      fingerprints: [{ algorithm: "sha-256", value: certificate.fingerprint("sha-256") }],
      dtlsRole: this.driver.transport.ice.controlling ? "server" : "client",
    });
    for (const { usernameFragment: _, ...candidate } of candidates) {
      this.driver.addRemoteCandidate(candidate);
    }
  }
}

test("A peer that signals the address of another one first does not keep it out of a shared port", async () => {
  const network = new VirtualNetwork({ seed: 3 });
  const server = network.createHost("10.0.0.1");
  const forMallory = new Party(server, true, 4000);
  const forVictim = new Party(server, true, 4000);
  const victim = new Party(network.createHost("10.0.0.2"), false);
  const parties = [forMallory, forVictim, victim];
  for (const party of parties) party.driver.gather();
  await network.advance(10);

  // Mallory never sends a packet: it names the victim's address as its own.
  const mallory = { usernameFragment: "mallory", password: "m".repeat(24), lite: false };
  forMallory.meet(mallory, victim.certificate, victim.candidates);
  await network.advance(200);

  const of = (party: Party) =>
    [party.driver.localIceParameters, party.certificate, party.candidates] as const;
  forVictim.meet(...of(victim));
  victim.meet(...of(forVictim));
  await network.advance(5000);
  assert.ok(forVictim.connected && victim.connected);
  assert.equal(forMallory.connected, false);

  // Much later Mallory's checks of the victim's address are over, and change nothing.
  await network.advance(120_000);
  assert.ok(forVictim.connected && victim.connected);
  for (const party of parties) party.driver.close();
  await network.advance(10);
  assert.equal(server.openSockets, 0);
});
