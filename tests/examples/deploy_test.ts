/** The projects of examples/deploy: built, started and asked by the code of `deno task deploy:check`. */
import assert from "node:assert/strict";
import { buildProject } from "../../tools/deploy/build.ts";
import { deployHosts, folderOf } from "../../tools/deploy/hosts.ts";
import { startProject } from "../../tools/deploy/server.ts";
import { smoke, SMOKE_ENV } from "../../tools/deploy/smoke.ts";
import { packageMissing } from "../../tools/packages.ts";
import { root, runProcess } from "../../tools/test/process.ts";
import { test } from "../harness.ts";

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly imports?: Readonly<Record<string, string>>;
}

for (const host of deployHosts) {
  const skip = host.package && await packageMissing(host.package);
  test(`The example for ${host.title} builds, and does what a deployment must`, async () => {
    await buildProject(host);
    const server = await startProject(host, SMOKE_ENV);
    let wentByItself = false;
    try {
      await smoke(server.base);
    } finally {
      wentByItself = await server.stop();
    }
    assert.ok(wentByItself || !host.drains);
  }, { skip });
}

test("A server without keys does not start, unless rooms are said to be open", async () => {
  const host = deployHosts.find(({ name }) => name === "node")!;
  await buildProject(host);
  await assert.rejects(startProject(host, {}), /JWT_SECRET/);
  const server = await startProject(host, { OPEN_ROOMS: "1" });
  assert.ok(await server.stop());
});

test("The examples read the same options and name the same versions as this repository", async () => {
  const own = JSON.parse(await Deno.readTextFile(`${root}deno.json`)) as {
    version: string;
    imports: Record<string, string>;
  };
  const read = (host: string, file: string): Promise<string> =>
    Deno.readTextFile(`${root}examples/deploy/${host}/${file}`);
  const options = await read("node", "options.ts");
  for (const host of deployHosts) {
    assert.equal(await read(host.name, "options.ts"), options, host.name);
    const manifest = JSON.parse(await read(host.name, host.manifest)) as Manifest;
    const ranges = { ...manifest.dependencies, ...manifest.devDependencies };
    for (const [name, range] of Object.entries(manifest.imports ?? {})) {
      ranges[name] = range.replace(/^npm:.*@/, "");
    }
    for (const [name, range] of Object.entries(ranges)) {
      const ours = name === "@sterna/webrtc" ? `^${own.version}` : own.imports[name];
      if (ours !== undefined) assert.equal(range, ours.replace(/^npm:.*@/, ""), name);
    }
  }
});

test("The container runs without rights, and its health check tells a server from none", async () => {
  const host = deployHosts.find(({ name }) => name === "node")!;
  const lines = (await Deno.readTextFile(`${folderOf(host)}/Dockerfile`))
    .replaceAll(/^#.*\n/gm, "").replaceAll("\\\n", " ").split("\n").filter((line) => line !== "");
  const last = lines.slice(lines.findLastIndex((line) => line.startsWith("FROM ")));
  assert.match(last.find((line) => line.startsWith("USER ")) ?? "", /^USER (?!root|0)/);
  for (const line of lines.filter((line) => /^COPY (?!--from)/.test(line))) {
    for (const file of line.split(" ").slice(1, -1)) await Deno.stat(`${folderOf(host)}/${file}`);
  }
  const words = last.find((line) => line.startsWith("HEALTHCHECK "))?.replace(/^.*?CMD /, "");
  const [command, ...args] = JSON.parse(words ?? "[]") as string[];
  const check = async (port: string): Promise<number> =>
    (await runProcess({ command: command!, args, env: { PORT: port }, limitMs: 10_000 })).code;

  await buildProject(host);
  const server = await startProject(host, SMOKE_ENV);
  try {
    assert.equal(await check(server.env["PORT"]!), 0);
  } finally {
    await server.stop();
  }
  assert.equal(await check(server.env["PORT"]!), 1);
});
