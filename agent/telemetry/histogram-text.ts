import { buckets, type Times, type Timing } from "../gateway/gateway.ts";

/** The names of the semantic conventions, as Prometheus has them: with the unit. */
const shown: Readonly<Record<keyof Times, readonly [name: string, help: string]>> = {
  duration: ["gen_ai_server_request_duration_seconds", "From a task's arrival to its last piece."],
  queue: ["millwright_gateway_queue_seconds", "How long tasks waited for their turn."],
  firstToken: [
    "gen_ai_server_time_to_first_token_seconds",
    "From a task's arrival to the first piece of its answer.",
  ],
  perToken: [
    "gen_ai_server_time_per_output_token_seconds",
    "Between one token and the next, in the mean of an answer.",
  ],
};

/** In the text format of Prometheus, version 0.0.4: each bucket counts all that is not above its bound. */
export function histogramText(host: string, timings: readonly Timing[]): string {
  if (timings.length === 0) return "";
  return (Object.keys(shown) as (keyof Times)[])
    .map((kind) => {
      const [name, help] = shown[kind];
      const lines = timings.flatMap((timing) => seriesOf(name, host, timing, kind));
      return `# HELP ${name} ${help}\n# TYPE ${name} histogram\n${lines.join("\n")}\n`;
    })
    .join("");
}

function seriesOf(
  name: string,
  host: string,
  { operation, model, deployment, histograms }: Timing,
  kind: keyof Times,
): readonly string[] {
  // Names of deployments and routes, and of hosts: letters, digits and hyphens, which need no escape.
  const labels = `gen_ai_operation_name="${operation}",gen_ai_request_model="${model}",deployment="${deployment}",host="${host}"`;
  const { counts, sum } = histograms[kind];
  let below = 0;
  const lines = [...buckets[kind], "+Inf"].map((bound, index) => {
    below += counts[index] ?? 0;
    return `${name}_bucket{${labels},le="${bound}"} ${below}`;
  });
  return [...lines, `${name}_sum{${labels}} ${sum}`, `${name}_count{${labels}} ${below}`];
}
