/**
 * The unit of upload: lines of JSON, one a sample, in order of `seq`, gzipped and signed by the host.
 * The same samples are the same bytes under the same name, so a repeated upload changes nothing.
 */
export const SEGMENT_TYPE = "application/vnd.millwright.feedback+jsonl+gzip";

/** The path under the hub's origin. The DSSE signature over the body (base64) goes into the header below. */
export function segmentPath(host: string, epoch: string, first: number, last: number): string {
  return `/v1/feedback/${host}/${epoch}/${first}-${last}`;
}

export const SIGNATURE_HEADER = "millwright-signature";

/** Largest segment accepted, compressed and after decompression, in bytes. */
export const segmentLimits = { compressed: 8 * 1024 ** 2, plain: 64 * 1024 ** 2 } as const;
