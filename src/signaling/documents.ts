/** OpenAPI 3.1 and AsyncAPI 3.0, made of the schemas that the messages are read with. */
import { CLOSE_CODES } from "./errors.ts";
import { CLIENT_MESSAGES, SERVER_MESSAGES } from "./message_schemas.ts";
import { PROTOCOL_VERSION } from "./messages.ts";
import { CREATE_ROOM } from "./room_routes.ts";
import type { JsonSchema, Schema } from "./schema.ts";

const INFO = { title: "Sterna signaling", version: `${PROTOCOL_VERSION}.0.0` };

const BEARER = { type: "http", scheme: "bearer", bearerFormat: "JWT" };

const ERROR: JsonSchema = {
  type: "object",
  required: ["error"],
  properties: {
    error: {
      type: "object",
      required: ["code", "message"],
      properties: { code: { type: "string" }, message: { type: "string" } },
    },
  },
};

type Schemas = Readonly<Record<string, Schema<unknown>>>;

/** The HTTP routes, mounted at `base`. */
export function openApi(base: string, hasTurn: boolean): JsonSchema {
  const get = (summary: string, type = "application/json", secured = false): JsonSchema =>
    operation(summary, { [type]: {} }, undefined, secured);
  const post = (summary: string, type: string, body: JsonSchema, answer: string): JsonSchema =>
    operation(summary, { [answer]: {} }, { [type]: { schema: body } }, true);
  const parameters = [{ name: "room", in: "path", required: true, schema: { type: "string" } }];
  return {
    openapi: "3.1.0",
    info: INFO,
    servers: [{ url: base || "/" }],
    paths: {
      "/ws": {
        get: operation("WebSocket handshake; see /asyncapi.json", {}, undefined, true, 101),
      },
      "/events": {
        post: post(
          "Server messages as server-sent events",
          "application/json",
          CLIENT_MESSAGES.join.json,
          "text/event-stream",
        ),
      },
      "/messages": {
        post: post(
          "Client messages, one a line; the first is act",
          "application/x-ndjson",
          { oneOf: Object.values(CLIENT_MESSAGES as Schemas).map(({ json }) => json) },
          "application/json",
        ),
      },
      "/rooms": {
        post: post(
          "Create a room, or set it up anew",
          "application/json",
          CREATE_ROOM.json,
          "application/json",
        ),
      },
      "/rooms/{room}": {
        parameters,
        get: get("What the room is", "application/json", true),
        delete: get("End the room", "application/json", true),
      },
      ...(hasTurn && { "/turn": { get: get("TURN credentials", "application/json", true) } }),
      "/healthz": { get: get("Whether the process works") },
      "/readyz": { get: get("Whether new clients are welcome") },
      "/metrics": { get: get("Counters for Prometheus", "text/plain") },
    },
    components: { securitySchemes: { bearer: BEARER } },
  };
}

function operation(
  summary: string,
  content: JsonSchema,
  body: JsonSchema | undefined,
  secured: boolean,
  status = 200,
): JsonSchema {
  return {
    summary,
    ...(body && { requestBody: { required: true, content: body } }),
    responses: {
      [status]: { description: "done", content },
      default: { description: "refused", content: { "application/json": { schema: ERROR } } },
    },
    // Either is enough; which one a server asks for is its configuration.
    ...(secured && { security: [{ bearer: [] }, {}] }),
  };
}

/** The messages over the WebSocket at `base`/ws. */
export function asyncApi(base: string): JsonSchema {
  const client = messages(CLIENT_MESSAGES as Schemas);
  const server = messages(SERVER_MESSAGES as Schemas);
  const channel = (address: string, from: JsonSchema): JsonSchema => ({
    address,
    messages: from,
    bindings: { ws: { method: "GET" } },
  });
  const all = (id: string, from: JsonSchema): JsonSchema[] =>
    Object.keys(from).map((name) => ({ $ref: `#/channels/${id}/messages/${name}` }));
  const operation = (action: string, id: string, from: JsonSchema): JsonSchema => ({
    action,
    channel: { $ref: `#/channels/${id}` },
    messages: all(id, from),
  });
  return {
    asyncapi: "3.0.0",
    info: { ...INFO, description: `Close codes: ${JSON.stringify(CLOSE_CODES)}` },
    channels: {
      toServer: channel(`${base}/ws`, client),
      toClient: channel(`${base}/ws`, server),
    },
    operations: {
      fromClients: operation("receive", "toServer", client),
      toClients: operation("send", "toClient", server),
    },
  };
}

function messages(schemas: Schemas): JsonSchema {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { json }]) => [name, { name, payload: json }]),
  );
}
