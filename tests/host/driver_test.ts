import assert from "node:assert/strict";
import { createCertificate } from "../../src/crypto/mod.ts";
import {
  type Host,
  type MemoryHost,
  TransportDriver,
  type TransportListener,
  type UdpFailure,
  type UdpOptions,
  VirtualNetwork,
} from "../../src/host/mod.ts";
import { generateIceParameters, type IceEvent } from "../../src/ice/mod.ts";
import { test } from "../harness.ts";

class Listener implements TransportListener {
  readonly heard: string[] = [];
  readonly failures: UdpFailure[] = [];

  onIce(event: IceEvent): void {
    if (event.type === "candidate") this.heard.push(event.candidate.address);
    else if (event.type === "gathering") this.heard.push(event.state);
  }

  onGatheringError(failure: UdpFailure): void {
    this.failures.push(failure);
  }

  onDtls(): void {}
  onSctpState(): void {}
  onDataChannel(): void {}
}

function drive(
  host: Host,
  udp?: UdpOptions,
): { driver: TransportDriver; listener: Listener } {
  const certificate = createCertificate({
    crypto: host.crypto,
    entropy: host.entropy,
    nowMs: host.wallClock(),
  });
  const listener = new Listener();
  const driver = new TransportDriver({ host, certificate, controlling: true, udp, listener });
  return { driver, listener };
}

function lone(
  addresses: string | string[] = "10.0.0.1",
): { network: VirtualNetwork; host: MemoryHost } {
  const network = new VirtualNetwork({ seed: 1 });
  return { network, host: network.createHost(addresses) };
}

test("Closing while sockets are being opened leaves none open", async () => {
  const { network, host } = lone(["10.0.0.1", "10.0.0.2"]);
  const { driver, listener } = drive(host);
  driver.gather();
  driver.close();
  await network.advance(10);
  assert.equal(host.openSockets, 0);
  assert.deepEqual(listener.heard, []);
});

test("A restart in the middle of gathering gathers once, for the new generation (RFC 8445 §9)", async () => {
  const { network, host } = lone();
  const { driver, listener } = drive(host);
  driver.gather();
  driver.restartIce();
  driver.gather();
  await network.advance(10);
  assert.deepEqual(listener.heard, ["new", "gathering", "10.0.0.1", "complete"]);
  driver.close();
  assert.equal(host.openSockets, 0);
});

test("Gathering that a restart interrupted goes on when the restart is taken back (RFC 9429 §5.7)", async () => {
  const { network, host } = lone();
  const { driver, listener } = drive(host);
  const before = driver.localIceParameters;
  driver.gather();
  driver.restartIce(generateIceParameters(host.entropy, false));
  driver.cancelIceRestart();
  await network.advance(10);
  assert.deepEqual(driver.localIceParameters, before);
  assert.deepEqual(listener.heard.slice(-3), ["gathering", "10.0.0.1", "complete"]);
  driver.close();
});

test("An ICE restart looks at the host's addresses again (RFC 8445 §9)", async () => {
  const { network, host } = lone();
  const { driver, listener } = drive(host);
  driver.gather();
  await network.advance(10);
  host.addAddress("10.0.0.9");
  driver.restartIce();
  driver.gather();
  await network.advance(10);
  assert.deepEqual(listener.heard.slice(-4), ["gathering", "10.0.0.1", "10.0.0.9", "complete"]);
  host.removeAddress("10.0.0.1");
  driver.restartIce();
  driver.gather();
  await network.advance(10);
  assert.deepEqual(listener.heard.slice(-3), ["gathering", "10.0.0.9", "complete"]);
  driver.close();
  assert.equal(host.openSockets, 0);
});

test("A host without addresses completes gathering, and says why there are no candidates", async () => {
  const { network, host } = lone("127.0.0.1");
  const { driver, listener } = drive(host, { includeLoopback: false });
  driver.gather();
  await network.advance(10);
  assert.deepEqual(listener.heard, ["complete"]);
  assert.equal(listener.failures.length, 1);
  assert.equal(listener.failures[0]!.ip, undefined);
  driver.close();
});

test("A host with IPv6 alone gathers it", async () => {
  const { network, host } = lone("2001:db8::1");
  const { driver, listener } = drive(host);
  driver.gather();
  await network.advance(10);
  assert.deepEqual(listener.heard, ["gathering", "2001:db8::1", "complete"]);
  driver.close();
});

test("A port that is taken and an address that is not ours are told", async () => {
  const { network, host } = lone();
  const taken = await host.openUdp({ ip: "10.0.0.1", port: 4000 }, () => {}, () => {});
  const { driver, listener } = drive(host, { port: 4000, addresses: ["10.0.0.1", "10.0.0.7"] });
  driver.gather();
  await network.advance(10);
  assert.deepEqual(listener.heard, ["complete"]);
  assert.deepEqual(listener.failures.map(({ ip, port }) => `${ip} ${port}`), [
    "10.0.0.7 4000",
    "10.0.0.1 4000",
  ]);
  void taken.close();
  driver.restartIce();
  driver.gather();
  await network.advance(10);
  assert.deepEqual(listener.heard.slice(-2), ["10.0.0.1", "complete"]);
  driver.close();
});

test("A shared port outlives the connection that made it, and opens again after the last one", async () => {
  const { network, host } = lone();
  const first = drive(host, { port: 4000 });
  const second = drive(host, { port: 4000 });
  const third = drive(host, { port: 4000 });
  first.driver.gather();
  await network.advance(10);
  first.driver.close();
  second.driver.gather();
  await network.advance(10);
  assert.deepEqual(second.listener.heard, ["gathering", "10.0.0.1", "complete"]);
  third.driver.close(); // never gathered
  assert.equal(host.openSockets, 1);
  second.driver.close();
  assert.equal(host.openSockets, 0);
});

test("Connections that name one port share its sockets, whichever addresses they offer", async () => {
  const { network, host } = lone(["10.0.0.1", "10.0.0.2", "127.0.0.1"]);
  const first = drive(host, { port: 4000, addresses: ["10.0.0.1"] });
  const second = drive(host, { port: 4000, includeLoopback: true });
  first.driver.gather();
  await network.advance(10);
  second.driver.gather();
  await network.advance(10);
  assert.deepEqual(first.listener.heard, ["gathering", "10.0.0.1", "complete"]);
  assert.deepEqual(second.listener.heard, [
    "gathering",
    "10.0.0.1",
    "10.0.0.2",
    "127.0.0.1",
    "complete",
  ]);
  assert.equal(host.openSockets, 3);
  first.driver.close();
  assert.equal(host.openSockets, 3);
  second.driver.close();
  assert.equal(host.openSockets, 0);
});

test("A fixed port is opened again only when it was closed", async () => {
  const { network, host } = lone();
  const order: string[] = [];
  const slow: Host = new Proxy(host, {
    get(target, name) {
      if (name !== "openUdp") {
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      }
      return async (...options: Parameters<Host["openUdp"]>) => {
        const socket = await target.openUdp(...options);
        order.push("open");
        return Object.create(socket, {
          address: { value: socket.address },
          close: {
            value: () =>
              new Promise<void>((resolve) =>
                host.setTimer(() => {
                  order.push("closed");
                  void socket.close();
                  resolve();
                }, 5)
              ),
          },
        });
      };
    },
  });
  const first = drive(slow, { port: 4000 });
  first.driver.gather();
  await network.advance(10);
  first.driver.close();
  const second = drive(slow, { port: 4000 });
  second.driver.gather();
  await network.advance(20);
  assert.deepEqual(order, ["open", "closed", "open"]);
  assert.deepEqual(second.listener.failures, []);
  second.driver.close();
  await network.advance(20);
  assert.equal(host.openSockets, 0);
});

test("Closing ends the resolution of names that only this connection waits for (RFC 6762)", () => {
  const { host } = lone();
  const signals: AbortSignal[] = [];
  const waiting: Host = new Proxy(host, {
    get(target, name) {
      if (name === "resolveMdns") {
        return (_: string, signal: AbortSignal) => {
          signals.push(signal);
          return new Promise(() => {});
        };
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const { driver } = drive(waiting);
  driver.setRemote({
    ice: { usernameFragment: "abcd", password: "0123456789012345678901", lite: false },
    fingerprints: [{ algorithm: "sha-256", value: "00:".repeat(31) + "00" }],
    dtlsRole: "server",
  });
  driver.addRemoteCandidate({
    foundation: "1",
    component: 1,
    protocol: "udp",
    priority: 1,
    address: "00000000-0000-4000-8000-000000000000.local",
    port: 5000,
    type: "host",
  });
  assert.deepEqual(signals.map(({ aborted }) => aborted), [false]);
  driver.close();
  assert.deepEqual(signals.map(({ aborted }) => aborted), [true]);
});

test("A command that throws ends its step: later ones are still carried out", async () => {
  const { network, host } = lone();
  const { driver, listener } = drive(host);
  assert.throws(() => driver.restartIce({ usernameFragment: "a", password: "b", lite: false }));
  driver.gather();
  await network.advance(10);
  assert.deepEqual(listener.heard, ["gathering", "10.0.0.1", "complete"]);
  driver.close();
});
