const start = Buffer.from("version https://git-lfs.github.com/spec/");
/** The specification of Git LFS allows no longer ones. Bytes. */
const LONGEST = 1024;

/** Whether a file is not what its name says, but what Git LFS leaves in its place. */
export function isLargeFilePointer(bytes: Uint8Array): boolean {
  return bytes.length <= LONGEST && start.equals(bytes.subarray(0, start.length));
}
