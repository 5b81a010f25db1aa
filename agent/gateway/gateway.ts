/**
 * The gateway: the OpenAI-compatible endpoint of a host. It holds no model; it finds one that is ready and passes on.
 *
 *   GET  /v1/models, /v1/models/:id    names of deployments and routes
 *   POST /v1/chat/completions          messages → an answer, whole or streamed (`stream`, `stream_options.include_usage`)
 *   POST /v1/completions               a text, or several → their continuation
 *   POST /v1/responses                 OpenAI's Responses API, what of it is about text; nothing is stored
 *   POST /v1/rerank                    a query and documents → how well each answers, the best first
 *   POST /v1/embeddings                a text, or several → vectors, as numbers or base64
 *   POST /v1/feedback                  what somebody says of an answer: `{ id, kind, … }` with
 *                                        rating: value, metric?, min?, max?, optimize?    correction: output
 *                                        comment: text    preference: chosen, rejected    implicit: signal, dwell_ms?
 *                                        always: model? (when the host may have forgotten the answer), role?
 *                                      → 202 `{ id }` once it survives a power cut
 *   GET  /healthz
 *   GET  /openapi.json, /              all of this for programs, and for people
 *   GET  /blobs/sha256:…               a model, for the hosts of the site that the plan names as peers: from a place on
 *
 * Whoever calls sends `authorization: Bearer <key>` where the factory of the model has `apiKeys`.
 *
 * In: requests, the live table of instances (`Serving`), the plan. Out: answers; interactions and opinions to the `Recorder`.
 * Promise: every error is `{ error: { message, type, param, code } }`; what would change the meaning of a request is
 * refused and never ignored; the temperature is 0 unless the caller asks for another; a client that leaves stops the
 * engine; an answer says which plan, deployment and model made it; stopping and moving drop no request.
 */
import type { KeyObject } from "node:crypto";
import {
  type Chance,
  type Clock,
  type Conditions,
  type Journal,
  type Service,
  together,
} from "../life/life.ts";
import type { Serving } from "../reconcile/reconcile.ts";
import type { Relay } from "../relay/relay.ts";
import { breakersOf } from "../routing/routing.ts";
import type { PeerDesk } from "../store/store.ts";
import type { VerifiedPlan } from "../trust/trust.ts";
import { allowancesOf } from "./allowance.ts";
import type { Limits } from "./app.ts";
import { callersOf } from "./callers.ts";
import { Counter, type GatewayCounts, type Usage } from "./counts.ts";
import { deskOf } from "./desk.ts";
import { farDesk } from "./far-desk.ts";
import { keepListening } from "./keep-listening.ts";
import { neighbourDoor } from "./neighbour-door.ts";
import type { Office } from "./office.ts";
import type { Recorder } from "./recorder.ts";
import { type RouteCount, RouteCounts } from "./route-counts.ts";
import { shadowsOf } from "./shadow.ts";
import { type Timing, Timings } from "./timings.ts";

export type { GatewayCounts, Usage } from "./counts.ts";
export type { Interaction, Opinion, OpinionTaken, Origin, Recorder, Said } from "./recorder.ts";

export { type RouteCount, routeMetrics } from "./route-counts.ts";
export { buckets, type Times, type Timing } from "./timings.ts";

export interface GatewayRequest {
  /** `host:port`; port 0 takes a free one. Absent: it waits for `listenOn`. */
  readonly listen?: string;
  readonly serving: Serving;
  /** The plan that the host runs now. */
  readonly plan: () => VerifiedPlan | undefined;
  readonly recorder: Recorder;
  /** Where other hosts of the site ask for models; absent: nowhere. */
  readonly peers?: PeerDesk;
  /** How other hosts are asked, and who this one is for them; absent: it knows of no others. */
  readonly around?: { readonly key: KeyObject; readonly relay: Relay };
  readonly clock: Clock;
  readonly chance: Chance;
  readonly journal: Journal;
  readonly conditions: Conditions;
  /** How long clients may take with their requests; the usual times when absent. */
  readonly limits?: Limits;
  /** How long requests may go on when it stops or moves; 30 seconds when absent. */
  readonly drainMs?: number;
  /** Told each address that it got: `127.0.0.1:7430`. */
  readonly listening?: (address: string) => void;
}

export interface Gateway {
  readonly run: Service;
  /** Moves to another address while it runs. The old one finishes what flows there. Told of every plan: keys change too. */
  listenOn(address: string): void;
  /** Where it listens now: `127.0.0.1:7430`. */
  address(): string | undefined;
  counts(): GatewayCounts;
  /** What was answered since the start, by key, model and deployment. */
  usage(): readonly Usage[];
  /** How long tasks took since the start. */
  timings(): readonly Timing[];
  /** What became of routes since the start, and which deployments are asked last now. */
  routes(): readonly RouteCount[];
}

export function gateway(request: GatewayRequest): Gateway {
  const counter = new Counter();
  const timings = new Timings();
  const breakers = breakersOf();
  const routeCounts = new RouteCounts();
  const { around, conditions, drainMs = 30_000 } = request;
  const far = around && farDesk(around.relay, request);
  const desk = deskOf({ ...request, breakers, ...(far && { far }) });
  const shadows = shadowsOf({ ...request, desk, counts: routeCounts });
  let closed = false;
  let address: string | undefined;
  const office: Omit<Office, "deadline"> = {
    ...request,
    ...{ breakers, desk, routeCounts, shadows },
    callers: callersOf(() => request.plan()?.plan),
    allowances: allowancesOf(request.clock),
    counter,
    timings,
    closed: () => closed,
  };
  const listening = keepListening({
    office,
    ...{ conditions, drainMs },
    wanted: request.listen,
    moved: (to) => {
      address = to;
      if (to !== undefined) request.listening?.(to);
    },
    stopping: () => {
      closed = true;
    },
  });
  const neighbours = around && neighbourDoor(office, around.key, conditions, drainMs);
  return {
    async run(signal) {
      await together([listening.run, ...(neighbours ? [neighbours] : [])], signal);
      await shadows.end();
    },
    listenOn: listening.listenOn,
    address: () => address,
    counts: () => counter.counts,
    usage: () => counter.usage,
    timings: () => timings.all,
    routes: () => [
      ...routeCounts.all,
      ...breakers.open(request.clock.now()).map(
        (deployment): RouteCount => ({
          ...{ what: "millwright.route.breaker.open", labels: { deployment }, value: 1 },
        }),
      ),
    ],
  };
}
