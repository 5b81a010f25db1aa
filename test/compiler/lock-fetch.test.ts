import { readdirSync } from "node:fs";
import type { RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { digestOf } from "@millwright/schema";
import { expect, test } from "vitest";
import { Failure } from "../../compiler/failure.ts";
import { resolveSource } from "../../compiler/lock/lock.ts";
import { ggufBytes, smallModel } from "./gguf-kit.ts";
import { tlsServer } from "./tls-kit.ts";

const model = ggufBytes(smallModel, [{ name: "blk.0.attn_q.weight", shape: [128, 128] }]);

function lockFrom(url: string, signal: AbortSignal = new AbortController().signal) {
  return resolveSource(url, "/nowhere", signal);
}

async function failureOf(resolving: Promise<unknown>): Promise<string> {
  const error = await resolving.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Failure)) throw new Error(`no Failure: ${error}`);
  expect(error.code).toBe("lock/not-fetched");
  return error.message;
}

test("a model on the web is locked from its bytes as they stream by", async () => {
  const server = await tlsServer((_request, response) => {
    for (let at = 0; at < model.length; at += 10_000)
      response.write(model.subarray(at, at + 10_000));
    response.end();
  });
  const artifact = await lockFrom(`${server}/x.gguf`);
  expect(artifact).toMatchObject({
    digest: digestOf(model),
    size: model.length,
    facts: { kind: "model", layers: 4 },
  });
});

test("redirects are followed over TLS alone, and not for ever", async () => {
  const answers: Record<string, RequestListener> = {
    "/moved": (_request, response) => response.writeHead(302, { location: "/x.gguf" }).end(),
    "/x.gguf": (_request, response) => response.end(model),
    "/plain": (_request, response) =>
      response.writeHead(302, { location: "http://127.0.0.1:1/x.gguf" }).end(),
    "/file": (_request, response) =>
      response.writeHead(302, { location: "file:///etc/hostname" }).end(),
    "/round": (_request, response) => response.writeHead(307, { location: "/round" }).end(),
  };
  const server = await tlsServer((request, response) => {
    answers[request.url ?? ""]?.(request, response);
  });
  expect((await lockFrom(`${server}/moved`)).digest).toBe(digestOf(model));
  expect(await failureOf(lockFrom(`${server}/plain`))).toContain("http:");
  expect(await failureOf(lockFrom(`${server}/file`))).toContain("file:");
  expect(await failureOf(lockFrom(`${server}/round`))).toContain("redirected more than");
});

test("what a server refuses, or breaks off, is a failure that names source and reason", async () => {
  const server = await tlsServer((request, response) => {
    if (request.url === "/none") response.writeHead(404).end("no such model");
    else {
      response.writeHead(200, { "content-length": model.length });
      response.write(model.subarray(0, 1000), () => response.destroy());
    }
  });
  expect(await failureOf(lockFrom(`${server}/none`))).toContain(
    `${server}/none could not be fetched`,
  );
  expect(await failureOf(lockFrom(`${server}/none`))).toContain("404");
  expect(await failureOf(lockFrom(`${server}/broken`))).toContain(`${server}/broken`);
});

test("a page in place of a model is no GGUF, and nothing of a fetch is left behind", async () => {
  const server = await tlsServer((_request, response) => response.end("<!doctype html>"));
  await expect(lockFrom(`${server}/x.gguf`)).rejects.toMatchObject({ code: "lock/not-gguf" });
  expect(readdirSync(tmpdir()).filter((name) => /^millwright-lock-\w{6}$/.test(name))).toEqual([]);
});

test("an abort ends a fetch whose server has gone silent", async () => {
  const stop = new AbortController();
  const server = await tlsServer((_request, response) => {
    response.write(model.subarray(0, 100));
    stop.abort(new Error("enough"));
  });
  await expect(lockFrom(`${server}/x.gguf`, stop.signal)).rejects.toThrow("enough");
});
