import type { Architecture } from "./agent-tree.ts";

const description = `agent of Millwright, which runs an AI factory from a git repository
 Proves the plan of this host, runs its models, answers tasks on an
 OpenAI-compatible endpoint, reports. Carries its own Node.`;

export function controlOf(version: string, architecture: Architecture): Record<string, string> {
  return {
    Package: "millwright-agent",
    Version: version,
    Architecture: architecture,
    Maintainer: "The Millwright authors <millwright@localhost>",
    Section: "admin",
    Priority: "optional",
    // What Node and the engine are linked with; systemd brings sysusers and systemd-notify.
    Depends: "libc6 (>= 2.31), libstdc++6, libgcc-s1, libatomic1, systemd (>= 249)",
    Description: description,
  };
}

/** Finds its Node beside itself, so that an unpacked package runs where it lies. */
export const launcher = `#!/bin/sh
home="\${0%/bin/*}/lib/millwright"
exec "$home/bin/node" "$home/agent/cli/millwright-agent.ts" "$@"
`;

/** With DPKG_ROOT the package is laid into an image of another machine, where nothing is started. */
const begin = `#!/bin/sh
set -e
root="\${DPKG_ROOT:-}"
state="$root/var/lib/millwright"
runs_here() { [ -z "$root" ] && [ -d /run/systemd/system ]; }
`;

/** What dpkg calls (Debian policy, chapter 6). */
export const scripts: Readonly<Record<string, string>> = {
  postinst: `${begin}
if [ "$1" = configure ]; then
  systemd-sysusers \${root:+--root="$root"} millwright.conf
  mkdir -p "$state"
  chmod 700 "$state"
  # By number: the users of an image are not those of this machine.
  chown "$(sed -n 's/^millwright:[^:]*:\\([0-9]*\\):\\([0-9]*\\):.*/\\1:\\2/p' "$root/etc/passwd")" "$state"
  if runs_here; then
    systemctl daemon-reload
    # An upgrade: models go on, and the new agent takes them over.
    if [ -n "$2" ]; then systemctl try-restart millwright-agent.service; fi
  fi
fi
`,
  prerm: `${begin}
if [ "$1" = remove ]; then
  if runs_here; then
    systemctl disable --now millwright-agent.service millwright-runner.socket
    systemctl stop 'millwright-runner@*'
  else
    systemctl --root="\${root:-/}" disable millwright-agent.service millwright-runner.socket
  fi
fi
`,
  postrm: `${begin}
case "$1" in
  remove)
    # Kept: who the host is, whom it believes, and what its hub has not acknowledged.
    rm -rf "$state/blobs" "$state/runners" "$state/slots" "$state/cuda-cache" "$state/running.json" "$state/lock"
    for each in spool outbox; do
      if [ -d "$state/$each" ]; then find "$state/$each" -type f -empty -delete; fi
    done
    if [ -d "$state" ]; then find "$state" -depth -type d -empty -delete; fi
    ;;
  purge) rm -rf "$state" ;;
esac
if runs_here; then systemctl daemon-reload; fi
`,
};
