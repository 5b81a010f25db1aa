import { randomBytes } from "node:crypto";

/** Which host goes by which `instance_uid`, of those that are here (OpAMP, "Duplicate WebSocket connections"). */
export interface Instances {
  /**
   * The host goes by this from now on. Gives what it is to go by instead when it asks for that, or when another host
   * that is here has it already, as after a disk was cloned.
   */
  claim(host: string, instance: Uint8Array, asks: boolean, now: number): Uint8Array | undefined;
  release(host: string): void;
}

export function instances(): Instances {
  const hosts = new Map<string, string>();
  const taken = new Map<string, string>();
  const release = (host: string) => {
    const before = taken.get(host);
    taken.delete(host);
    if (before !== undefined && hosts.get(before) === host) hosts.delete(before);
  };
  return {
    release,
    claim(host, instance, asks, now) {
      const key = Buffer.from(instance).toString("latin1");
      if (!asks && taken.get(host) === key) return undefined;
      const owner = hosts.get(key);
      if (asks || (owner !== undefined && owner !== host)) return uuid7(now);
      release(host);
      hosts.set(key, host);
      taken.set(host, key);
      return undefined;
    },
  };
}

/** RFC 9562, section 5.7. */
function uuid7(now: number): Uint8Array {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(now, 0, 6);
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  return bytes;
}
