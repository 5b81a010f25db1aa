/** A web server with TLS on loopback, whose certificate the tests of this process trust. */

import type { RequestListener } from "node:http";
import { createServer } from "node:https";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { onTestFinished } from "vitest";

/** Its address. The server ends with the test. */
export async function tlsServer(answer: RequestListener): Promise<string> {
  const before = getCACertificates("default");
  setDefaultCACertificates([...before, certificate]);
  const server = createServer({ cert: certificate, key: privateKey }, answer);
  await new Promise<void>((listening) => {
    server.listen(0, "127.0.0.1", listening);
  });
  onTestFinished(async () => {
    setDefaultCACertificates(before);
    const closed = new Promise((done) => {
      server.close(done);
    });
    server.closeAllConnections();
    await closed;
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return `https://127.0.0.1:${address.port}`;
}

/** Made for this file and good for nothing else: it names 127.0.0.1, from 2020 to 2120. */
const certificate = `-----BEGIN CERTIFICATE-----
MIIBZzCCAQ6gAwIBAgIBATAKBggqhkjOPQQDAjAaMRgwFgYDVQQDDA9taWxsd3Jp
Z2h0IHRlc3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBoxGDAW
BgNVBAMMD21pbGx3cmlnaHQgdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IA
BGGdI3NFLjJ5StUlhj2sFRiQchbkNPTUuBv0yhQaysU6o2zddwDX61P/1YW0ntDC
A7Dn3uFCTOO4UH/jlYOIBdejQzBBMA8GA1UdEQQIMAaHBH8AAAEwDwYDVR0TAQH/
BAUwAwEB/zAdBgNVHQ4EFgQUEaoygZ+y2oD2usx3bYIv+1uCUTYwCgYIKoZIzj0E
AwIDRwAwRAIgAbjIMAvLycY8I5nbAPvxf269uX6xbrl0t1spwTGrGvQCIGXUUGR0
V2x3l3AUgqUo3XwutBhLCWJRtcbyPR2mWO1a
-----END CERTIFICATE-----
`;

const privateKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgz4x3Yvrrq7F7aBFP
iqjeJZLQFzVlEt8xddts7TZPLCOhRANCAARhnSNzRS4yeUrVJYY9rBUYkHIW5DT0
1Lgb9MoUGsrFOqNs3XcA1+tT/9WFtJ7QwgOw597hQkzjuFB/45WDiAXX
-----END PRIVATE KEY-----
`;
