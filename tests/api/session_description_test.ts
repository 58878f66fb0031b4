import assert from "node:assert/strict";
import { RTCSessionDescription } from "../../src/api/session_description.ts";
import { RTCError, RTCErrorEvent } from "../../src/api/rtc_error.ts";
import { RTCStatsReport } from "../../src/api/stats_report.ts";
import { test } from "../harness.ts";

test("A description needs a type, and its SDP defaults to nothing (webrtc-pc §4.6.2)", () => {
  assert.throws(() => Reflect.construct(RTCSessionDescription, []), TypeError);
  assert.throws(() => Reflect.construct(RTCSessionDescription, [{}]), TypeError);
  assert.throws(() => Reflect.construct(RTCSessionDescription, [{ type: "request" }]), TypeError);
  const description = new RTCSessionDescription({ type: "offer" });
  assert.equal(description.sdp, "");
  assert.deepEqual(JSON.parse(JSON.stringify(description)), { type: "offer", sdp: "" });
});

test("RTCError is an OperationError with details that default to null (webrtc-pc §11)", () => {
  const error = new RTCError({ errorDetail: "dtls-failure", sentAlert: 42 }, "bad certificate");
  assert.ok(error instanceof DOMException);
  assert.equal(error.name, "OperationError");
  assert.equal(error.code, 0);
  assert.equal(error.message, "bad certificate");
  assert.equal(error.sentAlert, 42);
  assert.equal(error.receivedAlert, null);
  assert.equal(error.sdpLineNumber, null);
  assert.equal(error.sctpCauseCode, null);
  assert.throws(() => Reflect.construct(RTCError, [{ errorDetail: "no-such" }]), TypeError);
  assert.equal(new RTCErrorEvent("error", { error }).error, error);
  assert.throws(() => Reflect.construct(RTCErrorEvent, ["error", {}]), TypeError);
});

test("RTCStatsReport is a read-only map (webrtc-pc §8.3)", () => {
  const one = { id: "T1", type: "transport", timestamp: 1 };
  const report = new RTCStatsReport([one, { ...one, id: "T2" }]);
  assert.equal(report.size, 2);
  assert.equal(report.get("T1"), one);
  assert.ok(report.has("T2"));
  assert.ok(!report.has("T3"));
  assert.deepEqual([...report.keys()], ["T1", "T2"]);
  assert.equal([...report.values()][0], one);
  assert.deepEqual([...report].map(([id]) => id), ["T1", "T2"]);
  const seen: string[] = [];
  report.forEach((stats, id, self) => seen.push(`${stats.type} ${id} ${self === report}`));
  assert.deepEqual(seen, ["transport T1 true", "transport T2 true"]);
});
