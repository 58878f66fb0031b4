/**
 * A stack from npm under command. The first argument names it, the second one is the folder that it
 * is installed in.
 */
import { createRequire } from "node:module";
import process from "node:process";
import { pathToFileURL } from "node:url";
import type { AnyConnection, Stack } from "./agent.ts";
import { serve } from "./stdio.ts";

interface StackModule {
  RTCPeerConnection: new (configuration?: object) => AnyConnection;
}

const [name = "", home = ""] = process.argv.slice(2);

async function load<T>(specifier: string): Promise<T> {
  const path = createRequire(`${home}/package.json`).resolve(specifier);
  const module = await import(pathToFileURL(path).href) as T & { default?: T };
  return module.default ?? module;
}

const stacks: Record<string, () => Promise<Stack & { cleanup?(): void }>> = {
  async werift() {
    const { RTCPeerConnection } = await load<StackModule>("werift");
    return {
      create: () => new RTCPeerConnection({ iceServers: [] }),
      // Its send takes a Buffer or a string.
      wrap: (data) => Buffer.from(data.buffer),
    };
  },

  async "@roamhq/wrtc"() {
    const { RTCPeerConnection } = await load<StackModule>("@roamhq/wrtc");
    return { create: () => new RTCPeerConnection(), unset: 65_535 };
  },

  async "node-datachannel"() {
    const { RTCPeerConnection } = await load<StackModule>("node-datachannel/polyfill");
    const { cleanup } = await load<{ cleanup(): void }>("node-datachannel");
    return { create: () => new RTCPeerConnection({ iceServers: [] }), cleanup };
  },
};

const stack = await stacks[name]!();
serve(stack, () => {
  stack.cleanup?.();
  // Some keep threads or sockets of their own.
  process.exit(0);
});
