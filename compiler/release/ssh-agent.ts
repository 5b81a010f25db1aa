/**
 * The four messages of ssh-agent's protocol (RFC 9987) that signing needs: list keys, sign. An Ed25519 signature of an
 * agent is over the bytes themselves, so it is a signature of TUF like any other; the key never leaves the agent.
 */
import { connect } from "node:net";
import type { PublicKey } from "@millwright/schema";
import { Failure } from "../failure.ts";
import type { Signer } from "./signer.ts";
import { keyOfSshBlob, sshBlobOf } from "./signer-key.ts";

const REQUEST_IDENTITIES = 11;
const IDENTITIES_ANSWER = 12;
const SIGN_REQUEST = 13;
const SIGN_RESPONSE = 14;
/** OpenSSH's own limit for a message. Bytes. */
const MAX_MESSAGE = 262_144;
const MAX_KEYS = 1_000;
/** A person may have to touch a hardware key or answer a question. */
const PATIENCE_MS = 120_000;

/** The first of `wanted` that the agent at `socket` holds; `undefined` when it holds none. */
export async function sshSigner(
  socket: string,
  wanted: readonly PublicKey[],
  signal: AbortSignal,
): Promise<Signer | undefined> {
  const held = new Set(await keysIn(socket, signal));
  const publicKey = wanted.find((key) => held.has(key));
  return publicKey && { publicKey, sign: (bytes) => signIn(socket, publicKey, bytes, signal) };
}

/** The Ed25519 keys that the agent holds. */
async function keysIn(socket: string, signal: AbortSignal): Promise<readonly PublicKey[]> {
  const answer = await ask(socket, Buffer.from([REQUEST_IDENTITIES]), signal);
  if (answer[0] !== IDENTITIES_ANSWER) throw refused("does not list its keys");
  const reader = readerOf(answer.subarray(1));
  const count = reader.number();
  if (count > MAX_KEYS) throw refused(`claims to hold ${count} keys`);
  const keys: PublicKey[] = [];
  for (let index = 0; index < count; index += 1) {
    const key = keyOfSshBlob(reader.text());
    // The comment.
    reader.text();
    if (key !== undefined) keys.push(key);
  }
  return keys;
}

async function signIn(
  socket: string,
  key: PublicKey,
  bytes: Uint8Array,
  signal: AbortSignal,
): Promise<Buffer> {
  const request = Buffer.concat([
    Buffer.from([SIGN_REQUEST]),
    framed(sshBlobOf(key)),
    framed(bytes),
    // Flags: none.
    Buffer.alloc(4),
  ]);
  const answer = await ask(socket, request, signal);
  if (answer[0] !== SIGN_RESPONSE) throw refused("did not sign: was the question declined?");
  const signature = readerOf(readerOf(answer.subarray(1)).text());
  const kind = signature.text().toString("latin1");
  const made = signature.text();
  if (kind !== "ssh-ed25519" || made.length !== 64)
    throw refused("signed with another kind of key");
  return made;
}

/** Sends one message and gives the answer's body. */
function ask(socket: string, body: Uint8Array, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const connection = connect(socket);
    const chunks: Buffer[] = [];
    let size = 0;
    const fail = (why: string, cause?: unknown) => {
      connection.destroy();
      reject(refused(why, cause));
    };
    const limit = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
    const stop = () => fail("did not answer in time");
    limit.addEventListener("abort", stop, { once: true });
    connection.on("close", () => {
      limit.removeEventListener("abort", stop);
      fail("closed the connection without an answer");
    });
    connection.on("error", (error) => fail("cannot be reached", error));
    connection.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size < 4) return;
      const all = Buffer.concat(chunks);
      const length = all.readUInt32BE(0);
      // Endless data: an agent is another program, and may be forwarded from another machine.
      if (length === 0 || length > MAX_MESSAGE) fail("sent a message of no possible size");
      else if (size >= length + 4) {
        resolve(all.subarray(4, length + 4));
        connection.destroy();
      }
    });
    connection.write(framed(body));
  });
}

function framed(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** Reads the agent's numbers and texts one after the other; throws a `Failure` where there are none left. */
function readerOf(bytes: Buffer) {
  let at = 0;
  const take = (count: number) => {
    if (count > bytes.length - at) throw refused("sent a message that is cut off");
    at += count;
    return bytes.subarray(at - count, at);
  };
  const number = () => take(4).readUInt32BE(0);
  return { number, text: () => take(number()) };
}

function refused(what: string, cause?: unknown): Failure {
  const cure = "Look at it with ssh-add -l, or sign with a key file: --keys DIR.";
  return new Failure("release/ssh-agent", `The ssh-agent ${what}. ${cure}`, { cause });
}
