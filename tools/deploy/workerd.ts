/** What wrangler makes of `wrangler.jsonc`, for workerd on this machine. */
import { root } from "../test/process.ts";

/** The part of the configuration that matters here. */
interface WranglerConfiguration {
  readonly compatibility_date: string;
  readonly durable_objects: { bindings: { name: string; class_name: string }[] };
  readonly migrations: { new_sqlite_classes: string[] }[];
  readonly vars: Record<string, string>;
}

/** Reads `wrangler.jsonc`: JSON with comments on lines of their own. */
async function wranglerConfiguration(): Promise<WranglerConfiguration> {
  const text = await Deno.readTextFile(`${root}examples/deploy/cloudflare/wrangler.jsonc`);
  return JSON.parse(text.replaceAll(/^\s*\/\/.*$/gm, "")) as WranglerConfiguration;
}

/**
 * The same Worker for workerd: these variables stand for its secrets, the folder for the storage of
 * its objects.
 */
export async function workerdConfiguration(
  port: number,
  objects: string,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const { compatibility_date: date, durable_objects, migrations, vars } =
    await wranglerConfiguration();
  const withSql = new Set(migrations.flatMap(({ new_sqlite_classes: names }) => names));
  const classes = durable_objects.bindings.map(({ class_name: name }) =>
    `(className = "${name}", uniqueKey = "${name}", enableSql = ${withSql.has(name)}),`
  );
  const bindings = [
    ...durable_objects.bindings.map(({ name, class_name }) =>
      `(name = "${name}", durableObjectNamespace = "${class_name}"),`
    ),
    ...Object.entries({ ...vars, ...env }).map(([name, text]) =>
      `(name = "${name}", text = ${JSON.stringify(text)}),`
    ),
  ];
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "objects", disk = (path = "${objects}", writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.js")],
  compatibilityDate = "${date}",
  durableObjectNamespaces = [
    ${classes.join("\n    ")}
  ],
  durableObjectStorage = (localDisk = "objects"),
  bindings = [
    ${bindings.join("\n    ")}
  ],
);
`;
}
