/**
 * The hub's own figures, and the sensors of a small fleet, for Prometheus.
 *
 * In: what happens. Out: `/metrics`. Promise: aggregates whatever the number of hosts; no label from outside
 * that is not bounded.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { memoryUsage } from "node:process";
import type { SampleKind } from "@millwright/schema";
import { Counter, Gauge, Registry } from "prom-client";
import type { HostView } from "../fleet/fleet.ts";
import { sensorText } from "./sensors.ts";

const DELAY_RESOLUTION_MS = 10;

/** What is read at a scrape. */
export interface MetricSources {
  readonly connected: () => number;
  readonly hosts: () => readonly HostView[];
  readonly revision: () => number;
  readonly now: () => number;
}

export interface HubMetrics extends Disposable {
  readonly framesReceived: Counter;
  readonly framesSent: Counter;
  readonly complaints: Counter;
  /** Connections and requests that were not let in, by `code`. */
  readonly refused: Counter<"code">;
  readonly samples: Counter<"kind">;
  readonly quarantined: Counter;
  readonly forgotten: Counter;
  readonly receipts: Counter<"result">;
  /** Revisions that were not offered, by `reason`. */
  readonly verificationFailures: Counter<"reason">;
  readonly blobBytes: Counter;
  countSamples(kinds: readonly SampleKind[]): void;
  text(): Promise<string>;
  readonly contentType: string;
}

export function hubMetrics(sources: MetricSources): HubMetrics {
  const registry = new Registry();
  const registers = [registry];
  const counter = <L extends string = never>(name: string, help: string, labelNames: L[] = []) =>
    new Counter<L>({ name: `millwright_hub_${name}`, help, labelNames, registers });
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      ...{ name: `millwright_hub_${name}`, help, registers },
      collect() {
        this.set(read());
      },
    });
  gauge("hosts", "Hosts of the fleet.", () => sources.hosts().length);
  gauge("hosts_connected", "Hosts that are connected.", sources.connected);
  gauge("revision", "Number of the revision that is offered; 0: none.", sources.revision);
  gauge("resident_memory_bytes", "Memory of the process.", () => memoryUsage.rss());
  const running = new Gauge({
    name: "millwright_hub_hosts_running",
    help: "Hosts by the revision that they say they run.",
    labelNames: ["revision"],
    registers,
    collect() {
      this.reset();
      for (const { status } of sources.hosts()) {
        if (status?.running) this.inc({ revision: status.running.revision });
      }
    },
  });
  running.reset();
  const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  delay.enable();
  gauge(
    "event_loop_delay_p99_seconds",
    "How late the event loop was, 99 % of the time since the last scrape.",
    () => lateness(delay.percentile(99)),
  );
  gauge(
    "event_loop_delay_max_seconds",
    "How late the event loop was at most since the last scrape.",
    () => {
      const most = lateness(delay.max);
      // A stall of last month says nothing about now. This gauge is read after the other.
      delay.reset();
      return most;
    },
  );
  const samples = counter("feedback_samples_total", "Samples of feedback taken.", ["kind"]);
  return {
    framesReceived: counter("frames_received_total", "Messages from hosts."),
    framesSent: counter("frames_sent_total", "Messages to hosts."),
    complaints: counter("complaints_total", "Messages and connections with something wrong."),
    refused: counter("refused_total", "Connections and requests not let in.", ["code"]),
    samples,
    quarantined: counter("quarantined_total", "Samples and receipts set aside."),
    forgotten: counter("forgotten_samples_total", "Samples deleted because their time was over."),
    receipts: counter("receipts_total", "Receipts taken.", ["result"]),
    verificationFailures: counter("verification_failures_total", "Revisions not offered.", [
      "reason",
    ]),
    blobBytes: counter("blob_bytes_total", "Bytes of models sent to hosts."),
    countSamples(kinds) {
      for (const kind of kinds) samples.inc({ kind });
    },
    contentType: registry.contentType,
    text: async () => `${await registry.metrics()}${sensorText(sources.hosts(), sources.now())}`,
    [Symbol.dispose]() {
      delay.disable();
      registry.clear();
    },
  };
}

/** The monitor counts its own period in. */
function lateness(nanoseconds: number): number {
  const late = nanoseconds / 1e9 - DELAY_RESOLUTION_MS / 1000;
  return Number.isFinite(late) ? Math.max(0, late) : 0;
}
