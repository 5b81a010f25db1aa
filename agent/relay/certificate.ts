import { createPublicKey, type KeyObject, sign } from "node:crypto";

/**
 * A certificate that says the host's key and nothing else, signed by that key, for TLS between hosts: whoever is shown it
 * looks at the key alone, which the plan names. X.509 (RFC 5280, section 4.1) with Ed25519 (RFC 8410, sections 3 and 4),
 * in DER. Written here because Node makes none, and libraries that do weigh more than all of this folder; we read none.
 */
export function certificateOf(key: KeyObject): string {
  const algorithm = sequence(objectId("2b6570"));
  const name = sequence(tagged(0x31, sequence(objectId("550403"), tagged(0x0c, "millwright"))));
  const body = sequence(
    tagged(0xa0, tagged(0x02, Buffer.from([2]))),
    tagged(0x02, Buffer.from([1])),
    algorithm,
    name,
    // For ever: a key ends with the plan that names it. RFC 5280, section 4.1.2.5.
    sequence(tagged(0x17, "200101000000Z"), tagged(0x18, "99991231235959Z")),
    name,
    createPublicKey(key).export({ type: "spki", format: "der" }),
  );
  const signature = tagged(0x03, Buffer.concat([Buffer.from([0]), sign(null, body, key)]));
  const lines =
    sequence(body, algorithm, signature)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function objectId(hex: string): Buffer {
  return tagged(0x06, Buffer.from(hex, "hex"));
}

/** Nothing here has more than 255 bytes but the whole, which has fewer than 65,536. */
function tagged(tag: number, content: Buffer | string): Buffer {
  const bytes = Buffer.from(content);
  const { length } = bytes;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), bytes]);
}
