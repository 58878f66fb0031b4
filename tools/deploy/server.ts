/** Starts a built project on a loopback port and ends it again. */
import { type DeployHost, folderOf } from "./hosts.ts";

/** How long a server may take to come up, milliseconds. */
const START_LIMIT_MS = 20_000;
/** How long it may take to go down without anybody connected, milliseconds. */
const STOP_LIMIT_MS = 10_000;
const POLL_MS = 50;

/** A project that runs. */
export interface RunningProject {
  /** `//127.0.0.1:<port>/rtc`. */
  readonly base: string;
  /** The environment it was started with. */
  readonly env: Readonly<Record<string, string>>;
  /** Asks it to go (SIGTERM). Resolves to whether it went by itself with exit code 0. */
  stop(): Promise<boolean>;
}

/** Starts `host` with these variables and waits until it is ready. */
export async function startProject(
  host: DeployHost,
  variables: Readonly<Record<string, string>>,
): Promise<RunningProject> {
  const port = freePort();
  const env = { HOST: "127.0.0.1", PORT: String(port), ...host.env?.(port), ...variables };
  const [command, ...args] = await host.command(port, env);
  const child = new Deno.Command(command!, {
    args,
    env: { NO_COLOR: "1", ...env },
    cwd: folderOf(host),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  let status: Deno.CommandStatus | undefined;
  const ended = child.status.then((value) => status = value);
  const stop = async (): Promise<boolean> => {
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
    if (status === undefined) child.kill("SIGTERM");
    const { code } = await ended;
    clearTimeout(timer);
    await output;
    return code === 0;
  };
  const base = `//127.0.0.1:${port}/rtc`;
  const deadline = performance.now() + START_LIMIT_MS;
  while (!await answers(`http:${base}/readyz`)) {
    if (status === undefined && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      continue;
    }
    await stop();
    throw new Error(`${host.name} does not start:\n${(await output).join("\n")}`);
  }
  return { base, env, stop };
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url);
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

/** A port that was free a moment ago. */
function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}
