/** What strangers send: noise, and beginnings of every protocol on the port (RFC 7983 §7). */
import { type Address, DatagramBatch } from "../../src/base/mod.ts";
import type { MemoryHost } from "../../src/host/mod.ts";
import type { Chance } from "./chance.ts";

const HEADERS: readonly (readonly number[])[] = [
  [],
  // STUN Binding request, success and error responses, indication (RFC 8489 §5).
  [0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42],
  [1, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42],
  [1, 0x11, 0, 0, 0x21, 0x12, 0xa4, 0x42],
  [0, 0x11, 0, 0, 0x21, 0x12, 0xa4, 0x42],
  // DTLS: ClientHello, alert, data of epoch 1 (RFC 6347 §4.1).
  [22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 100, 1],
  [21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 1, 0],
  [23, 254, 253, 0, 1, 0, 0, 0, 0, 0, 9, 0, 60],
  // SRTP, and a TURN channel.
  [128, 111],
  [64, 0],
];

/** One packet that nobody asked for. */
export function hostilePacket(chance: Chance): Uint8Array {
  const packet = new Uint8Array(chance.of([0, 1, 13, 20, 28, 113, 500, 1200]));
  chance.entropy(packet);
  const header = chance.of(HEADERS);
  if (packet.length < header.length) return packet;
  packet.set(header);
  if (header[4] === 0x21 && packet.length >= 20) {
    packet[2] = (packet.length - 20) >>> 8;
    packet[3] = (packet.length - 20) & 0xff;
  }
  return packet;
}

/** Floods `to` from a new port of `stranger`. Returns how many answers came back. */
export async function flood(
  stranger: MemoryHost,
  to: Address,
  count: number,
  chance: Chance,
): Promise<number> {
  let answers = 0;
  const [own] = stranger.interfaces();
  const socket = await stranger.openUdp(
    { ip: own!.ip },
    (batch) => answers += batch.count,
    () => {},
  );
  const batch = new DatagramBatch();
  for (let i = 0; i < count; i++) {
    batch.push(hostilePacket(chance), to);
    if (batch.count === 50 || i === count - 1) {
      socket.send(batch);
      batch.clear();
      await stranger.network.advance(20);
    }
  }
  await stranger.network.advance(2000);
  await socket.close();
  return answers;
}
