/** Loads the engine and prints what it can use. A process of its own: one for another processor dies without a word. */
import { getLlama, getModuleVersion } from "node-llama-cpp";

const llama = await getLlama({
  build: "never",
  gpu: process.argv[2] === "auto" ? "auto" : false,
  maxThreads: 1,
  logger: () => undefined,
});
const gpus = llama.gpu === false ? [] : await llama.getGpuDeviceNames();
const found = { version: await getModuleVersion(), gpu: llama.gpu, gpus };
process.stdout.write(JSON.stringify(found));
await llama.dispose();
process.exit(0);
