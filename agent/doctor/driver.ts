import { access, constants, open, readdir, readFile } from "node:fs/promises";
import { AGENT_UNIT } from "../install/install.ts";
import { type Check, fail, ok, type Symptom, warn } from "./finding.ts";
import { said } from "./said.ts";

const query = [
  "--query-gpu=index,name,driver_version,memory.total,persistence_mode",
  "--format=csv,noheader",
];
/** PCI: display controllers of a maker. */
const NVIDIA = "0x10de";

/** Whether the GPUs that are built in can be used. */
export const checkDriver: Check = async (_patient, signal) => [
  ...(await nvidia(signal)),
  ...(await amd()),
];

async function nvidia(signal: AbortSignal): Promise<readonly Symptom[]> {
  const version = await readFile("/proc/driver/nvidia/version", "utf8").catch(() => undefined);
  if (version === undefined) {
    const built = await isOnBus(NVIDIA);
    return built
      ? [
          fail(
            "There is an NVIDIA GPU, and its driver is not loaded.",
            "Install the driver (apt-get install nvidia-driver), or load it: modprobe nvidia.",
          ),
        ]
      : [ok("no NVIDIA GPU: models run on the cores")];
  }
  const text = await said("nvidia-smi", query, signal);
  if (text === undefined || text === "")
    return [
      fail(
        "The NVIDIA driver is loaded, and nvidia-smi shows no GPU or does not end.",
        "Look at dmesg for NVRM and Xid; library and module of other versions need a restart of the machine.",
      ),
    ];
  const symptoms = [...gpusIn(text), ...(await kernelLog())];
  if (!(await isOpen("/dev/nvidia-uvm")))
    symptoms.push(
      fail(
        "/dev/nvidia-uvm cannot be opened: CUDA will find no GPU.",
        "Run nvidia-modprobe -u -c=0 before the agent starts; nvidia-persistenced does it at every boot.",
      ),
    );
  return symptoms;
}

/** What the driver's answer to `query` says. */
export function gpusIn(text: string): readonly Symptom[] {
  const gpus = text.split("\n").map((line) => line.split(",").map((value) => value.trim()));
  const told = gpus.map((values) => values.slice(0, -1).join(", ")).join("; ");
  const asleep = gpus.filter((values) => values.at(-1) === "Disabled").map(([index]) => index);
  return [
    ok(`${gpus.length} NVIDIA GPUs: ${told}`),
    ...(asleep.length === 0
      ? []
      : [
          warn(
            `Persistence mode is off on GPU ${asleep.join(", ")}: the driver is loaded anew for every first user.`,
            "Run systemctl enable --now nvidia-persistenced.",
          ),
        ]),
  ];
}

/** Whether the agent may see what the kernel tells of GPUs: its unit must grant it, whoever asks here. */
export async function kernelLog(
  folders: readonly string[] = ["/etc/systemd/system", "/usr/lib/systemd/system"],
  log = "/dev/kmsg",
): Promise<readonly Symptom[]> {
  const units = await Promise.all(
    folders.map((folder) => readFile(`${folder}/${AGENT_UNIT}`, "utf8").catch(() => undefined)),
  );
  const unit = units.find((text) => text !== undefined);
  const mayRead = unit === undefined ? await isReadable(log) : unit.includes("CAP_SYSLOG");
  return [
    mayRead
      ? ok("the agent may read the kernel's log, which tells of Xid errors")
      : warn(
          "The agent may not read the kernel's log, so Xid errors are not seen.",
          "Run millwright-agent install, whose unit has CAP_SYSLOG; by hand: sysctl kernel.dmesg_restrict=0.",
        ),
  ];
}

async function isReadable(path: string): Promise<boolean> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => undefined);
  await file?.close();
  return file !== undefined;
}

async function amd(): Promise<readonly Symptom[]> {
  const there = await access("/dev/kfd").then(
    () => true,
    () => false,
  );
  if (!there) return [];
  return (await isOpen("/dev/kfd"))
    ? [ok("an AMD GPU, /dev/kfd opens")]
    : [
        warn(
          "/dev/kfd cannot be opened by this user.",
          "Put the user millwright into the group render: usermod -aG render millwright.",
        ),
      ];
}

function isOpen(path: string): Promise<boolean> {
  return access(path, constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
}

/** Whether a display controller of this maker is built in. */
async function isOnBus(maker: string): Promise<boolean> {
  const bus = "/sys/bus/pci/devices";
  const slots = await readdir(bus).catch(() => []);
  const read = (path: string) => readFile(path, "utf8").catch(() => "");
  const makers = await Promise.all(
    slots.map(async (slot) => {
      const [vendor, kind] = await Promise.all([
        read(`${bus}/${slot}/vendor`),
        read(`${bus}/${slot}/class`),
      ]);
      return kind.startsWith("0x03") && vendor.trim() === maker;
    }),
  );
  return makers.includes(true);
}
