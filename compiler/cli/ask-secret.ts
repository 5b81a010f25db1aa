import process from "node:process";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { Failure } from "../failure.ts";

/** Asks at the terminal, and shows nothing of what is typed. */
export function askSecret(question: string): Promise<string> {
  process.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  return new Promise((resolve, reject) => {
    lines.once("SIGINT", () => lines.close());
    lines.once("close", () => {
      process.stderr.write("\n");
      reject(new Failure("release/no-passphrase", "No passphrase was typed. Run it again."));
    });
    lines.question("", (answer) => {
      resolve(answer);
      lines.close();
    });
  });
}
