import type { RoomStats } from "./room_stats.ts";

interface Metric {
  readonly name: string;
  readonly type: "gauge" | "counter";
  readonly help: string;
  /** Values, each with its labels. */
  readonly values: readonly (readonly [labels: string, value: number])[];
}

/** Levels and counters in the text format of Prometheus (version 0.0.4). */
export function metricsText(stats: RoomStats, storeErrors: number): string {
  const byLabel = (
    label: string,
    counts: ReadonlyMap<string, number>,
  ): (readonly [string, number])[] => [...counts].map(([key, n]) => [`{${label}="${key}"}`, n]);
  const one = (value: number): [string, number][] => [["", value]];
  const metrics: Metric[] = [
    gauge("connections", "Connections that are open.", one(stats.connections)),
    gauge("rooms", "Rooms that this instance follows.", one(stats.rooms)),
    gauge("sessions", "Members of those rooms, on any instance.", one(stats.sessions)),
    counter("messages_received", "Messages taken from clients.", one(stats.messagesReceived)),
    counter("messages_relayed", "Messages between members.", one(stats.messagesRelayed)),
    counter("messages_refused", "Refusals.", byLabel("code", stats.messagesRefused)),
    counter("connections_closed", "Closed by us.", byLabel("reason", stats.connectionsClosed)),
    counter("store_errors", "Failures of the store of rooms.", one(storeErrors)),
  ];
  return metrics.map(write).join("");
}

function gauge(name: string, help: string, values: Metric["values"]): Metric {
  return { name: `sterna_signaling_${name}`, type: "gauge", help, values };
}

function counter(name: string, help: string, values: Metric["values"]): Metric {
  return { name: `sterna_signaling_${name}_total`, type: "counter", help, values };
}

function write({ name, type, help, values }: Metric): string {
  const lines = values.map(([labels, value]) => `${name}${labels} ${value}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}
