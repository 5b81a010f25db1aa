import { type DestinationStream, pino } from "pino";
import type { Journal } from "../life/life.ts";

/** The journal as lines of JSON, one an event, for journald or a file. */
export function pinoJournal(destination: DestinationStream): Journal {
  const logger = pino({ base: {}, timestamp: pino.stdTimeFunctions.isoTime }, destination);
  return (severity, event) => {
    logger[severity](event);
  };
}
