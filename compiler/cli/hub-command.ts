import { join, resolve } from "node:path";
import { parseDigest, parseDuration } from "@millwright/schema";
import { Failure } from "../failure.ts";
import { type AddCommand, type Context, printJson } from "./context.ts";
import { keysOption } from "./keys-option.ts";

interface Options {
  readonly repo: string;
  readonly data: string;
  readonly listen: string;
  readonly keys?: string;
  readonly poll: string;
  readonly root?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly viewerToken?: string;
  readonly json?: true;
}

const example = `
Example:
  $ millwright hub --repo git@git.acme.example:factory.git --data /var/lib/millwright-hub \\
      --listen 0.0.0.0:7420 --tls-cert hub.crt --tls-key hub.key --viewer-token viewer.token --keys /etc/millwright`;

export const hubCommand: AddCommand = (program, context) => {
  program
    .command("hub")
    .description(
      "follow the branch releases, serve plans to agents, take what they report, show it",
    )
    .option("--repo <path or URL>", "the repository", ".")
    .option("--data <folder>", "the hub's own folder", "millwright-hub")
    .option(
      "--listen <address>",
      "address and port; off loopback TLS and a viewer token are needed",
      "127.0.0.1:7420",
    )
    .option(...keysOption)
    .option("--poll <duration>", "how often the branch is looked at", "10s")
    .option(
      "--root <digest>",
      "the fingerprint of the root of trust; the first that is seen is believed when absent",
    )
    .option("--tls-cert <file>", "the certificate, PEM")
    .option("--tls-key <file>", "its key, PEM")
    .option("--viewer-token <file>", "a file with the token that viewers must show")
    .option("--json", "print { url } when it answers")
    .addHelpText("after", example)
    .action(async (options: Options) => {
      await serve(options, context);
      context.finish(0);
    });
};

async function serve(options: Options, context: Context): Promise<void> {
  const { terminal } = context;
  const { readFile } = await import("node:fs/promises");
  const { pino } = await import("pino");
  const { clockOf, runHub } = await import("../hub/hub.ts");
  const { readKey } = await import("../release/release.ts");
  const { keysFolder } = await import("./keys-option.ts");
  const remote = /^[a-z+]+:\/\/|^[^/]+@[^/]+:/i.test(options.repo);
  const repository = remote ? options.repo : resolve(terminal.cwd, options.repo);
  const folder = keysFolder(options.keys, repository.replace(/\.git$/, ""), terminal);
  const onlineKey = await readKey(join(folder, "online.pem"));
  if (onlineKey === undefined) {
    throw new Failure(
      "cli/no-online-key",
      `${folder} holds no online.pem. Copy it from where millwright init made it, and name the folder with --keys.`,
    );
  }
  const pinned = options.root === undefined ? undefined : parseDigest(options.root);
  const pollMs = parseDuration(options.poll);
  if (pollMs === undefined || pollMs < 50 || (options.root !== undefined && pinned === undefined)) {
    throw new Failure(
      "cli/bad-option",
      "--poll wants a duration such as 10s, at least 50ms; --root wants sha256: and 64 hex digits.",
    );
  }
  const file = async (path: string | undefined) =>
    path === undefined ? undefined : readFile(resolve(terminal.cwd, path), "utf8");
  const [cert, key, token] = await Promise.all([
    file(options.tlsCert),
    file(options.tlsKey),
    file(options.viewerToken),
  ]);
  const logger = pino({ base: {}, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination(2));
  await runHub(
    {
      repository,
      data: resolve(terminal.cwd, options.data),
      listen: addressOf(options.listen),
      onlineKey,
      pollMs,
      clock: clockOf(terminal.now),
      journal: (severity, event) => logger[severity](event),
      ready: ({ url }) => {
        if (options.json) printJson(context, { url });
        else terminal.err(`The hub answers on ${url}\n`);
      },
      ...(pinned !== undefined && { pinned }),
      ...(cert !== undefined && key !== undefined && { tls: { cert, key } }),
      ...(token !== undefined && { viewerToken: token.trim() }),
    },
    terminal.signal,
  );
}

function addressOf(text: string): { readonly host: string; readonly port: number } {
  const [, host, port] = /^\[?([^\]\s]+?)\]?:(\d{1,5})$/.exec(text) ?? [];
  if (host === undefined || Number(port) > 65_535)
    throw new Failure(
      "cli/bad-option",
      `--listen ${text}: write an address and a port, such as 127.0.0.1:7420.`,
    );
  return { host, port: Number(port) };
}
