import { packageMissing } from "../packages.ts";
import type { PackageName } from "../versions.ts";
import { writeDocTests } from "./docs.ts";
import { runExamples } from "./examples.ts";
import { testFiles } from "./files.ts";
import { addOutcomes, brokenOutcome, NOTHING, type Outcome } from "./outcome.ts";
import {
  programVersion,
  type Progress,
  runBun,
  runDeno,
  runNode,
  skippedOutcome,
} from "./runners.ts";
import { runWorkerd } from "./workerd.ts";

/** A group of tests with a runtime and a limit of its own. */
export interface Suite {
  /** What `deno task test NAME` calls it. */
  readonly name: string;
  /** What it shows. */
  readonly about: string;
  /** A run that takes longer hangs, and is killed, milliseconds. */
  readonly limitMs: number;
  /** Whether only `STERNA_REQUIRE_ALL=1` or asking for it by name runs it. */
  readonly extra?: boolean;
  /** Runs it. */
  run(limitMs: number, progress: Progress): Promise<Outcome>;
}

const MINUTE = 60_000;

/** Folders below `tests/` with a suite of their own. */
const OWN_SUITE = /^tests\/(interop|soak|examples|package|signaling_stores)\//;

/** Folders below `tests/` that test Deno tools. */
const DENO_ONLY = /^tests\/(tools)\//;

/**
 * Layers without sockets, whose tests also run on an edge host. Those of crypto and dtls compare with
 * `node:crypto`, of which workerd has a part.
 */
const EDGE_LAYERS = [...["base", "stun", "rtp", "sdp", "dcep", "ice", "srtp", "sctp"], "signaling"];

/** Tests of the Rust core, which an edge host takes as a compiled module, and of SRTP's providers. */
const EDGE_CORE =
  /^tests\/(crypto\/(aead|crc32c)|host\/(wasm_\w+|(native|selected)_srtp))_test\.ts$/;

async function commonTests(): Promise<string[]> {
  const files = await testFiles(["tests"], /_test\.ts$/);
  return files.filter((file) => !OWN_SUITE.test(file));
}

async function portableTests(): Promise<string[]> {
  return (await commonTests()).filter((file) => !DENO_ONLY.test(file));
}

async function onPackage(name: PackageName, run: () => Promise<Outcome>): Promise<Outcome> {
  const missing = await packageMissing(name);
  return missing === undefined ? await run() : skippedOutcome(missing);
}

async function newerNode(
  name: "node-24" | "node-26",
  limitMs: number,
  progress: Progress,
): Promise<Outcome> {
  if (Deno.build.os !== "linux" || Deno.build.arch !== "x86_64") {
    return skippedOutcome(`${name} is pinned for Linux on x64 only`);
  }
  const files = await portableTests();
  return await onPackage(name, () => runNode(name, files, limitMs, progress, name));
}

/** Stores of rooms on real servers; those whose clients run everywhere in every runtime. */
async function runStores(limitMs: number, progress: Progress): Promise<Outcome> {
  const files = await testFiles(["tests/signaling_stores"], /_test\.ts$/);
  const portable = files.filter((file) => /\/(redis|nats)_test\.ts$/.test(file));
  const flags = ["--no-check", "--unstable-kv"];
  const outcomes = [
    await runDeno("stores", files, limitMs, progress, flags),
    await runBun("stores-bun", portable, limitMs, progress),
    await runNode("stores-node", portable, limitMs, progress),
  ];
  return outcomes.reduce(addOutcomes, NOTHING);
}

/** Every suite, fast ones first. */
export const suites: readonly Suite[] = [
  {
    name: "deno",
    about: "every layer under Deno, with leak sanitizers",
    limitMs: 4 * MINUTE,
    run: async (limitMs, progress) => runDeno("deno", await commonTests(), limitMs, progress),
  },
  {
    name: "docs",
    about: "the examples of the documents and docstrings",
    limitMs: 2 * MINUTE,
    run: async (limitMs, progress) =>
      runDeno("docs", await writeDocTests(), limitMs, progress, ["--check"]),
  },
  {
    name: "workerd",
    about: "the layers without sockets, and the Rust core, on an edge host",
    limitMs: 4 * MINUTE,
    run: async (limitMs, progress) => {
      const folders = EDGE_LAYERS.map((layer) => `tests/${layer}`);
      const files = (await commonTests()).filter((file) => EDGE_CORE.test(file));
      return await onPackage("workerd", () => runWorkerd(folders, files, limitMs, progress));
    },
  },
  {
    name: "bun",
    about: "every layer under Bun",
    limitMs: 4 * MINUTE,
    run: async (limitMs, progress) => {
      const files = await portableTests();
      if (await programVersion("bun") !== undefined) return runBun("bun", files, limitMs, progress);
      return await onPackage("bun", () => runBun("bun", files, limitMs, progress));
    },
  },
  {
    name: "node",
    about: "every layer under the Node on PATH, compiled to JavaScript",
    limitMs: 4 * MINUTE,
    run: async (limitMs, progress) => runNode("node", await portableTests(), limitMs, progress),
  },
  {
    name: "node-24",
    about: "every layer under Node 24, as TypeScript",
    limitMs: 4 * MINUTE,
    extra: true,
    run: (limitMs, progress) => newerNode("node-24", limitMs, progress),
  },
  {
    name: "node-26",
    about: "every layer under Node 26, as TypeScript",
    limitMs: 4 * MINUTE,
    extra: true,
    run: (limitMs, progress) => newerNode("node-26", limitMs, progress),
  },
  {
    name: "stores",
    about: "signaling on Redis, NATS, Deno KV and Durable Objects, in Deno, Bun and Node",
    limitMs: 4 * MINUTE,
    run: runStores,
  },
  {
    name: "examples",
    about: "the programs in examples/",
    limitMs: 3 * MINUTE,
    run: runExamples,
  },
  {
    name: "package",
    about: "the npm package, installed into an empty folder",
    limitMs: 4 * MINUTE,
    run: async (limitMs, progress) =>
      runDeno("package", await testFiles(["tests/package"], /_test\.ts$/), limitMs, progress),
  },
  {
    name: "interop",
    about: "browsers and other WebRTC stacks",
    limitMs: 4 * MINUTE,
    run: async (limitMs, progress) => {
      const files = await testFiles(["tests/interop"], /_test\.ts$/);
      if (files.length === 0) return brokenOutcome("there is no test file");
      let outcome = NOTHING;
      // One process each: a native add-on that crashes takes only its own tests along.
      for (const file of files) {
        const name = file.replaceAll("/", "_").replace(/_test\.ts$/, "");
        const one = await runDeno(name, [file], limitMs, progress, ["--no-check"]);
        outcome = addOutcomes(outcome, one);
      }
      return outcome;
    },
  },
];
