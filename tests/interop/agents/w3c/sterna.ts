/** Sterna under command in Node or Bun. The process has to end by itself. */
import { RTCPeerConnection } from "../../../../mod.ts";
import type { AnyConnection } from "./agent.ts";
import { serve } from "./stdio.ts";

serve({ create: () => new RTCPeerConnection() as unknown as AnyConnection }, () => {});
