import { constants, zstdCompressSync } from "node:zlib";

/** dpkg reads zstd since Debian 12 and Ubuntu 18.04. One thread: the same bytes on any machine. */
export function compressed(bytes: Uint8Array, level: number): Uint8Array {
  return zstdCompressSync(bytes, {
    params: {
      [constants.ZSTD_c_compressionLevel]: level,
      [constants.ZSTD_c_checksumFlag]: 1,
      // Node itself is larger than the window of the highest levels.
      ...(level > 15 && { [constants.ZSTD_c_windowLog]: 26 }),
    },
  });
}
