/**
 * Schemas that are written once and used three times: to read untrusted JSON, to explain a refusal,
 * and, as JSON Schema 2020-12, in the OpenAPI and AsyncAPI documents.
 *
 * Reading copies: only fields that a schema names survive, so that nothing else is stored or relayed.
 */

/** A JSON Schema (draft 2020-12), as OpenAPI 3.1 and AsyncAPI 3 embed it. */
export interface JsonSchema {
  /** Keywords of JSON Schema. */
  readonly [keyword: string]: unknown;
}

/** Reads and describes values of one type. */
export interface Schema<Value> {
  /** The same rules for documents. */
  readonly json: JsonSchema;
  /** A clean copy of `value`, or `undefined` when it breaks a rule. Never throws. */
  read(value: unknown): Value | undefined;
  /** Taken where the field is absent. */
  readonly absent?: Value;
  /** The field may be absent and then stays so. */
  readonly isOptional?: boolean;
  /** What is wrong with `value`, in words; called after `read` refused it. */
  explain?(value: unknown): string;
}

/** A schema whose field may be absent. */
export interface OptionalSchema<Value> extends Schema<Value> {
  /** Tells it apart. */
  readonly isOptional: true;
}

/** One schema for each field: optional where the type says so, so that the compiler compares them. */
export type FieldSchemas<Value> = {
  readonly [Key in keyof Value]-?: Record<never, never> extends Pick<Value, Key>
    ? OptionalSchema<Exclude<Value[Key], undefined>>
    : Schema<Value[Key]>;
};

type Fields = Record<string, unknown>;

/** One literal. */
export function literal<Value extends string | number | boolean>(value: Value): Schema<Value> {
  return { json: { const: value }, read: (given) => given === value ? value : undefined };
}

/** One of some texts. */
export function oneOf<Value extends string>(...values: readonly Value[]): Schema<Value> {
  const known = new Set<unknown>(values);
  return {
    json: { type: "string", enum: values },
    read: (value) => known.has(value) ? value as Value : undefined,
  };
}

/** Text of at most `maxLength` UTF-16 code units that matches `pattern`. */
export function text(
  rule: { maxLength: number; pattern?: RegExp; description?: string },
): Schema<string> {
  const { maxLength, pattern, description } = rule;
  return {
    json: {
      type: "string",
      maxLength,
      ...(pattern && { pattern: pattern.source }),
      ...(description !== undefined && { description }),
    },
    read: (value) =>
      typeof value === "string" && value.length <= maxLength && (pattern?.test(value) ?? true)
        ? value
        : undefined,
  };
}

/** A whole number within bounds. */
export function integer(minimum: number, maximum: number, description?: string): Schema<number> {
  return {
    json: { type: "integer", minimum, maximum, ...(description !== undefined && { description }) },
    read: (value) =>
      Number.isInteger(value) && (value as number) >= minimum && (value as number) <= maximum
        ? value as number
        : undefined,
  };
}

/** `true` or `false`. */
export const BOOLEAN: Schema<boolean> = {
  json: { type: "boolean" },
  read: (value) => typeof value === "boolean" ? value : undefined,
};

/** Any JSON value; only the length of the whole message bounds it. */
export function anything(description: string): Schema<unknown> {
  return { json: { description }, read: (value) => value };
}

/** `null` or what `schema` takes. */
export function nullable<Value>(schema: Schema<Value>): Schema<Value | null> {
  return {
    json: { oneOf: [{ type: "null" }, schema.json] },
    read: (value) => value === null ? null : schema.read(value),
  };
}

/** May be absent. */
export function optional<Value>(schema: Schema<Value>): OptionalSchema<Value> {
  return { ...schema, isOptional: true };
}

/** Is `absent` where the field is absent. */
export function withDefault<Value>(schema: Schema<Value>, absent: Value): Schema<Value> {
  return { ...schema, json: { ...schema.json, default: absent }, absent };
}

/** A list. */
export function list<Value>(item: Schema<Value>, maxItems: number): Schema<Value[]> {
  return {
    json: { type: "array", maxItems, items: item.json },
    read: (value) => {
      if (!Array.isArray(value) || value.length > maxItems) return undefined;
      const items: Value[] = [];
      for (const given of value) {
        const read = item.read(given);
        if (read === undefined) return undefined;
        items.push(read);
      }
      return items;
    },
  };
}

/** An object whose keys are free, such as the attributes of a member. */
export function record(
  rule: { key: RegExp; value: Schema<string>; maxEntries: number; description: string },
): Schema<Record<string, string>> {
  const { key, value, maxEntries, description } = rule;
  return {
    json: {
      type: "object",
      maxProperties: maxEntries,
      propertyNames: { pattern: key.source },
      additionalProperties: value.json,
      description,
    },
    read: (given) => {
      if (!isFields(given)) return undefined;
      const entries = Object.entries(given);
      if (entries.length > maxEntries) return undefined;
      for (const [name, item] of entries) {
        if (!key.test(name) || value.read(item) === undefined) return undefined;
      }
      // fromEntries defines: a key such as __proto__ stays a key.
      return Object.fromEntries(entries) as Record<string, string>;
    },
  };
}

/** An object with these fields; the fields of `Value` and the schemas are compared by the compiler. */
export function object<Value extends object>(
  fields: FieldSchemas<Value>,
  description?: string,
): Schema<Value> {
  const schemas = Object.entries<Schema<unknown>>(fields as Record<string, Schema<unknown>>);
  const names = schemas.map(([name]) => name), readers = schemas.map(([, schema]) => schema);
  const isRequired = ([, schema]: [string, Schema<unknown>]): boolean =>
    schema.isOptional !== true && schema.absent === undefined;
  return {
    json: {
      type: "object",
      ...(description !== undefined && { description }),
      required: schemas.filter(isRequired).map(([name]) => name),
      properties: Object.fromEntries(schemas.map(([name, schema]) => [name, schema.json])),
    },
    read: (value) => {
      if (!isFields(value)) return undefined;
      const copy: Fields = {};
      // By index, without destructuring: this runs for every message.
      for (let i = 0; i < names.length; i++) {
        const name = names[i]!, schema = readers[i]!;
        const given = value[name];
        const read = given === undefined ? schema.absent : schema.read(given);
        if (read !== undefined) copy[name] = read;
        else if (given !== undefined || schema.isOptional !== true) return undefined;
      }
      return copy as Value;
    },
    explain: (value) => {
      if (!isFields(value)) return "is an object";
      for (const [name, schema] of schemas) {
        const given = value[name];
        if (given === undefined) {
          if (schema.isOptional !== true && schema.absent === undefined) return `needs ${name}`;
        } else if (schema.read(given) === undefined) {
          return `${name} ${schema.explain?.(given) ?? `breaks ${JSON.stringify(schema.json)}`}`;
        }
      }
      return "is malformed";
    },
  };
}

/** Objects that are told apart by their `type`. */
export function variants<Value extends { type: string }>(
  schemas: { readonly [Type in Value["type"]]: Schema<Extract<Value, { type: Type }>> },
): Schema<Value> {
  const byType = new Map<unknown, Schema<unknown>>(Object.entries(schemas));
  return {
    json: { oneOf: [...byType.values()].map(({ json }) => json) },
    read: (value) =>
      isFields(value) ? byType.get(value.type)?.read(value) as Value | undefined : undefined,
    explain: (value) => {
      if (!isFields(value)) return "a message is one JSON object";
      const schema = byType.get(value.type);
      return schema === undefined
        ? `unknown type; known are ${[...byType.keys()].join(", ")}`
        : `${String(value.type)} ${schema.explain?.(value) ?? "is malformed"}`;
    },
  };
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
