/** The barest agent: a key, a token (RFC 7519, EdDSA), a WebSocket. Its types are stripped before it is run. */
import { createPrivateKey, randomUUID, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import WebSocket from "ws";

const [hub = "", state = "", host = "", kid = ""] = process.argv.slice(1);
const key = createPrivateKey(readFileSync(`${state}/identity/key.pem`));
const iat = Math.floor(Date.now() / 1000);
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
const claims = { iss: host, sub: host, aud: hub, iat, exp: iat + 60, jti: randomUUID() };
const body = `${part({ alg: "EdDSA", kid })}.${part(claims)}`;
const token = `${body}.${sign(null, Buffer.from(body), key).toString("base64url")}`;
const socket = new WebSocket(`${hub}/v1/opamp`, {
  headers: { authorization: `Bearer ${token}` },
  perMessageDeflate: false,
});
process.once("SIGTERM", () => socket.close());
