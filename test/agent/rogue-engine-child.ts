/** An engine that does one thing wrong: `rogue-engine-child.ts WHAT PORT` as a process, or WHAT as it is asked for. */
import { createServer, type ServerResponse } from "node:http";
import { json } from "node:stream/consumers";

const [what = "", port = ""] = process.argv.slice(2);
const { ENGINE_KEY: key = "" } = process.env;

const piece = (content: string) =>
  `data: ${JSON.stringify({ choices: [{ delta: { content }, finish_reason: null }] })}\n\n`;
const last = `data: ${JSON.stringify({ choices: [{ delta: {}, finish_reason: "stop" }] })}\n\ndata: [DONE]\n\n`;

function refuse(response: ServerResponse, status: number, error: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(error));
}

function answer(wanted: string, response: ServerResponse): void {
  const stream = () => response.writeHead(200, { "content-type": "text/event-stream" });
  switch (wanted) {
    case "too-long":
      // As llama-server says it.
      refuse(response, 400, {
        error: { code: 400, message: "the request exceeds it", type: "exceed_context_size_error" },
      });
      return;
    case "too-long-vllm":
      refuse(response, 400, {
        object: "error",
        message: "This model's maximum context length is 1024 tokens. Your prompt has 4000.",
        code: 400,
      });
      return;
    case "out-of-memory":
      refuse(response, 500, { error: { message: "CUDA out of memory, 2 GiB wanted" } });
      return;
    case "redirects":
      response.writeHead(307, { location: "http://127.0.0.1:1/elsewhere" }).end();
      return;
    case "no-stream":
      refuse(response, 200, { choices: [{ message: { content: "all at once" } }] });
      return;
    case "rubbish":
      stream().end("data: {{{ this is no JSON\n\n");
      return;
    case "other-json":
      stream().end('data: {"choices": "none"}\n\n');
      return;
    case "error-in-stream":
      stream().end(`${piece("It")}data: {"error": {"message": "the cache is full"}}\n\n`);
      return;
    case "half":
      stream().end(piece("half an answer"));
      return;
    case "dies":
      stream().write(piece("last words"), () => {
        process.stderr.write("engine: the GPU has fallen off the bus\n");
        process.exit(7);
      });
      return;
    case "calls": {
      const call = (fields: object) =>
        `data: ${JSON.stringify({ choices: [{ delta: { tool_calls: [fields] } }] })}\n\n`;
      stream().end(
        call({ index: 0, id: "call_1", type: "function", function: { name: "find_parcel" } }) +
          call({ index: 0, function: { arguments: '{"id":' } }) +
          call({ index: 0, function: { name: "", arguments: "4821}" } }) +
          'data: {"choices":[{"delta":{},"finish_reason":"tool_calls"}]}\n\n' +
          'data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":7,"prompt_tokens_details":{"cached_tokens":4}}}\n\n' +
          "data: [DONE]\n\n",
      );
      return;
    }
    case "waits":
      stream().write(piece("and then"));
      response.once("close", () => process.stdout.write("nobody listens\n"));
      return;
    case "endless-line": {
      const line = "x".repeat(64 * 1024);
      const more = () => {
        while (!response.destroyed && response.write(line));
        if (!response.destroyed) response.once("drain", more);
      };
      stream().write("data: ");
      more();
      return;
    }
    default:
      // Slow, in small and odd pieces, with a comment as SGLang sends it, and a character cut in two.
      stream();
      for (const byte of Buffer.from(`: ping\n\n${piece("Grüße")}\r\n${piece(" aus Köln")}${last}`))
        response.write(Buffer.of(byte));
      response.end();
  }
}

process.stdout.write(`my key is ${key}\n`);
if (what === "refuses-to-start") {
  process.stderr.write("error: unknown argument --flash-attn\n");
  process.exit(2);
}
// It takes no hint: only a kill ends it.
if (what === "stubborn") process.on("SIGTERM", () => {});
let probes = 0;
const server = createServer(async (request, response) => {
  if (request.url === "/health") {
    probes += 1;
    if (what === "never-ready") response.writeHead(503).end();
    else if (what === "hangs" && probes > 1) return;
    else response.end("ok");
  } else if (request.headers.authorization !== `Bearer ${key}`) {
    refuse(response, 401, { error: { message: "wrong key" } });
  } else {
    const asked = (await json(request)) as { messages: { content: string }[] };
    answer(asked.messages[0]?.content ?? "", response);
  }
});
if (what === "never-listens") setInterval(() => {}, 1000);
else server.listen(Number(port), "127.0.0.1");
