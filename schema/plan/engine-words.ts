/** What may stand in braces in an engine's command and environment; the host puts the values there. */
export const enginePlaceholders = [
  "model",
  "adapter",
  "port",
  "key",
  "name",
  "context",
  "parallel",
  "tokens",
  "threads",
  "gpus",
] as const;
export type EnginePlaceholder = (typeof enginePlaceholders)[number];

/** A word in single braces. Doubled ones are left alone: chat templates are full of them. */
const WORD = /(?<!\{)\{([A-Za-z]+)\}(?!\})/g;

/** The words in braces, placeholders or not. */
export function bracedIn(text: string): readonly string[] {
  return [...text.matchAll(WORD)].map(([, word = ""]) => word);
}

/** Puts the values in. What has none stays as it is. */
export function filledIn(
  text: string,
  values: Readonly<Partial<Record<EnginePlaceholder, string | number>>>,
): string {
  const known: Readonly<Record<string, string | number | undefined>> = values;
  return text.replace(WORD, (whole, word: string) =>
    Object.hasOwn(known, word) ? String(known[word] ?? whole) : whole,
  );
}

/**
 * Injection: these have another program run in the engine's place, or inside it. The operator's list of programs
 * would be worth nothing.
 */
const loading =
  /^(LD_|DYLD_|PYTHON|PERL|RUBY|NODE_|JAVA_|JDK_|BASH_|GCONV_|GLIBC_|CUDA_INJECTION|NVTX_INJECTION|SSL_|GIT_)|_PROXY$|^(PATH|HOME|SHELL|ENV|IFS|LUA_INIT|GGML_BACKEND_PATH|VLLM_PLUGINS|TMPDIR)$/;

/** Which GPUs it sees, where it keeps what it compiles, and that it fetches nothing: the host says that. */
const kept =
  /^(HF_.*OFFLINE|TRANSFORMERS_OFFLINE|HF_ENDPOINT|HF_HOME|HF_TOKEN|LLAMA_ARG_(OFFLINE|HOST|PORT|TOOLS|AGENT|MCP_.*)|VLLM_(HOST_IP|PORT)|DO_NOT_TRACK|(CUDA|HIP|ROCR|GPU|GGML_VK)_VISIBLE_DEVICES|GPU_DEVICE_ORDINAL|CUDA_DEVICE_ORDER|CUDA_CACHE_.*|XDG_.*)$/;

/** Why a plan may not set this environment variable of an engine; `undefined` when it may. */
export function refusedVariable(name: string): string | undefined {
  if (loading.test(name)) return "it could have another program run inside the engine";
  if (kept.test(name)) return "the host sets it, or nobody";
  return undefined;
}
