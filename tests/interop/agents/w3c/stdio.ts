/**
 * The agent as a program for Node or Bun: commands on standard input, one per line. The end of the
 * input asks to leave.
 *
 * @module
 */
import process from "node:process";
import { createInterface } from "node:readline";
import type { Request } from "../../protocol.ts";
import { type Stack, W3cAgent } from "./agent.ts";

/** Serves until the input ends, then closes all connections and calls `leave`. */
export function serve(stack: Stack, leave: () => void): void {
  const send = (message: unknown): void =>
    void process.stdout.write(JSON.stringify(message) + "\n");
  const agent = new W3cAgent(stack, send);
  const lines = createInterface({ input: process.stdin });
  lines.on("line", (line) => void agent.handle(JSON.parse(line) as Request).then(send));
  lines.on("close", () => {
    agent.closeAll();
    leave();
  });
}
