import { LAUNCHER } from "../update/update.ts";

/** Where the parts of an install lie. */
export interface Place {
  /** The Node that came with the agent. */
  readonly node: string;
  /** The folder that holds `cli/` and `runner/`. */
  readonly agent: string;
}

export interface InstallFile {
  /** Below `/etc` for an install by hand, below `/usr/lib` in a package. */
  readonly folder: "systemd/system" | "sysusers.d";
  readonly name: string;
  readonly text: string;
}

export const STATE = "/var/lib/millwright";
export const USER = "millwright";
const RUNNER_SOCKET = "/run/millwright/runner.sock";
export const AGENT_UNIT = "millwright-agent.service";
export const SOCKET_UNIT = "millwright-runner.socket";
const RUNNER_UNIT = "millwright-runner@.service";

/** All that systemd must know of the agent. */
export function installFiles(place: Place): readonly InstallFile[] {
  return [
    { folder: "systemd/system", name: AGENT_UNIT, text: agentUnit(place) },
    { folder: "systemd/system", name: SOCKET_UNIT, text: socketUnit },
    { folder: "systemd/system", name: RUNNER_UNIT, text: runnerUnit(place) },
    { folder: "sysusers.d", name: "millwright.conf", text: sysusers },
  ];
}

/** `m` puts it into the groups that own the nodes of GPUs, and makes those that are missing. */
const sysusers = `# The user of the Millwright agent, and the groups that own the nodes of GPUs.
u ${USER} - "Millwright agent" ${STATE}
m ${USER} render
m ${USER} video
`;

/** What both processes go without, but for capabilities that are named. The order is that of systemd.exec(5). */
const sandbox = (
  capabilities = "",
  kernelLogs: "no" | "yes" = "yes",
) => `# V8 compiles: MemoryDenyWriteExecute would end it. PrivateUsers would hide a runner's folder from the agent that adopts it.
NoNewPrivileges=yes
CapabilityBoundingSet=${capabilities}
AmbientCapabilities=${capabilities}
UMask=0077
ProtectSystem=strict
ProtectHome=yes
ProtectProc=invisible
PrivateTmp=yes
PrivateMounts=yes
ProtectHostname=yes
ProtectClock=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=${kernelLogs}
ProtectControlGroups=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RemoveIPC=no
KeyringMode=private
SystemCallArchitectures=native
SystemCallErrorNumber=EPERM`;

function agentUnit({ node, agent }: Place): string {
  return `[Unit]
Description=Millwright agent: runs the models of this host's plan
Wants=network-online.target
After=network-online.target time-sync.target ${SOCKET_UNIT}
Requires=${SOCKET_UNIT}
# Before millwright-agent init there is nothing to run.
ConditionPathExists=${STATE}/identity/key.pem
# It never gives up: a hub or disk that comes back must find an agent.
StartLimitIntervalSec=0

[Service]
Type=notify
# The messages come from systemd-notify, a child of the agent.
NotifyAccess=all
WatchdogSec=60
TimeoutStartSec=120
TimeoutStopSec=60
# Starts the version that the plan names, or this package's own.
ExecStart=${node} ${agent}/${LAUNCHER} run --state ${STATE}
SyslogIdentifier=millwright-agent
Environment=MILLWRIGHT_RUNNER_SOCKET=${RUNNER_SOCKET}
User=${USER}
Group=${USER}
WorkingDirectory=${STATE}
StateDirectory=millwright
StateDirectoryMode=0700
Restart=always
RestartSec=5
# From 5 s to 5 minutes. systemd older than 254 does not know these two, and stays at 5 s.
RestartSteps=8
RestartMaxDelaySec=300
# Of the main process and its probes: models are in units of their own.
MemoryHigh=512M
MemoryMax=768M
TasksMax=256
LimitNOFILE=65536
# A core file would hold the host's key.
LimitCORE=0
OOMScoreAdjust=-100
# What nvidia-smi opens.
DevicePolicy=closed
DeviceAllow=char-nvidia rw
DeviceAllow=char-nvidia-frontend rw
DeviceAllow=char-nvidiactl rw
DeviceAllow=char-nvidia-caps rw
# Where the kernel tells of GPUs that fail: read with CAP_SYSLOG, its only capability. Nothing can be written there.
DeviceAllow=/dev/kmsg r
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
${sandbox("CAP_SYSLOG", "no")}
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources

[Install]
WantedBy=multi-user.target
`;
}

/**
 * The agent has no right to start units. It connects here instead, and systemd starts a runner for the connection: in a
 * unit of its own, which no stop or upgrade of the agent touches.
 */
const socketUnit = `[Unit]
Description=Millwright: where the agent asks for runners

[Socket]
ListenStream=${RUNNER_SOCKET}
Accept=yes
# Whoever may connect may have models loaded.
SocketUser=${USER}
SocketGroup=${USER}
SocketMode=0600
MaxConnections=256
RemoveOnStop=yes

[Install]
WantedBy=sockets.target
`;

function runnerUnit({ node, agent }: Place): string {
  const hidden = ["identity", "trust", "spool", "outbox"].map((name) => `-${STATE}/${name}`);
  return `[Unit]
Description=Millwright runner: one model instance
CollectMode=inactive-or-failed

[Service]
Type=exec
ExecStart=/bin/sh ${agent}/runner/process/start.sh ${node} ${agent}/runner/process/main.ts ${STATE}
StandardInput=socket
StandardOutput=journal
StandardError=journal
SyslogIdentifier=millwright-runner
User=${USER}
Group=${USER}
TimeoutStopSec=15
Restart=no
LimitNOFILE=65536
# CUDA pins memory.
LimitMEMLOCK=infinity
# Rather a model than what the host needs to be reached.
OOMScoreAdjust=200
OOMPolicy=kill
StateDirectory=millwright/runners millwright/cuda-cache
StateDirectoryMode=0700
# Theft of the host's key by a hostile model that broke its engine: what is not here cannot be read.
InaccessiblePaths=${hidden.join(" ")}
DevicePolicy=closed
DeviceAllow=char-nvidia rw
DeviceAllow=char-nvidia-frontend rw
DeviceAllow=char-nvidiactl rw
DeviceAllow=char-nvidia-uvm rw
DeviceAllow=char-nvidia-caps rw
DeviceAllow=char-nvidia-nvswitch rw
DeviceAllow=char-drm rw
DeviceAllow=char-kfd rw
# A model answers its agent, on a socket in its folder, and nobody else. Loopback is this unit's own, and nobody else's:
# an external engine is asked there.
PrivateNetwork=yes
IPAddressDeny=any
IPAddressAllow=localhost
RestrictAddressFamilies=AF_UNIX AF_NETLINK AF_INET AF_INET6
${sandbox()}
SystemCallFilter=@system-service @memlock
SystemCallFilter=~@privileged
`;
}
