import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

/** A file of an archive; a folder where it has no content. */
interface Entry {
  readonly path: string
  /** Permissions, in octal as `chmod` takes them. */
  readonly mode: number
  readonly content?: Buffer | string
}

const FOLDER = 0o040000
const FILE = 0o100000

function hex(value: number): string {
  return value.toString(16).padStart(8, '0').toUpperCase()
}

/** One entry in the form that `cpio` calls newc: a header of thirteen numbers, the name and the content, each filled up to four. */
function renderEntry({ path, mode, content }: Entry, inode: number): Buffer {
  const body = Buffer.from(content ?? '')
  const name = Buffer.from(`${path}\0`)
  const type = content === undefined ? FOLDER : FILE
  const numbers = [inode, type | mode, 0, 0, 1, 0, body.length, 0, 0, 0, 0, name.length, 0]
  const header = Buffer.from(`070701${numbers.map(hex).join('')}`)
  const fill = (length: number): Buffer => Buffer.alloc((4 - (length % 4)) % 4)
  const head = header.length + name.length
  return Buffer.concat([header, name, fill(head), body, fill(body.length)])
}

// A machine as small as it can be: `busybox` boots it, asks for a name and a password, and is all of its commands.
const INIT = `#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc none /proc
mount -t devtmpfs none /dev
chmod 666 /dev/kmsg
hostname vse
hash=$(mkpasswd -m md5 zsroot)
echo "root:!:0:0:root:/:/bin/sh" > /etc/passwd
echo "zsroot:$hash:1000:1000:zsroot:/home/zsroot:/bin/sh" >> /etc/passwd
echo "zsroot:x:1000:" > /etc/group
echo 'PS1="[\\u@\\h \\w]$ "' > /etc/profile
chown 1000 /home/zsroot
# A kernel talks whenever it likes.
echo 4 > /proc/sys/kernel/printk
while true; do setsid getty 0 tty1 linux; done
`

// Asks as the real one is said to ask, in the words that the test gives, and keeps what it was told.
const VZEN = `#!/bin/sh
case "$1" in
configure-network)
  printf 'nameserver (DNS server IP address) []: '; read dns
  while true; do
    printf 'ifconfig_em0 (Management interface IP address with netmask) []: '; read ip
    case "$ip" in */*) break;; esac
    echo 'Please re-enter netmask after IP address: (Ex.1.2.3.4/24)'
  done
  echo '<4>em0: link state changed to UP' > /dev/kmsg
  printf '\\033[1;33mdefaultrouter\\033[0m (Default gateway IP address) []: '; read gateway
  printf '\\033[7mhostname (Hostname of the Virtual Service Edge) [vse]:\\033[0m '; read name
  echo "$dns $ip $gateway $name" > /tmp/network
  echo 'Successfully Applied Changes';;
show) cat /tmp/network;;
surprise) printf 'Feeling lucky? <y/n> [n]: '; read lucky;;
graphics) printf '\\342\\226\\221\\342\\226\\222\\342\\226\\223\\n'; sleep 60;;
esac
`

// What there is of it in a test: it asks, does not show what is typed, and runs the rest.
const SUDO = `#!/bin/sh
[ "$1" = -p ] && { printf '%s' "$2"; shift 2; } || printf 'Password:'
stty -echo; read password; stty echo; echo
[ "$password" = "$(cat /etc/sudo-password)" ] || { echo 'Sorry, try again.'; exit 1; }
exec "$@"
`

/** Writes the initial RAM disk of a small machine whose user is `zsroot` with the documented password. */
export function writeInitrd(busybox: string): Buffer {
  const entries: readonly Entry[] = [
    ...['bin', 'dev', 'etc', 'proc', 'home', 'home/zsroot'].map((path) => ({ path, mode: 0o755 })),
    { path: 'tmp', mode: 0o1777 },
    // Changing one’s password takes root’s rights.
    { path: 'bin/busybox', mode: 0o4755, content: readFileSync(busybox) },
    { path: 'bin/vzen', mode: 0o755, content: VZEN },
    { path: 'bin/sudo', mode: 0o755, content: SUDO },
    { path: 'etc/sudo-password', mode: 0o644, content: 'zsroot\n' },
    { path: 'init', mode: 0o755, content: INIT },
  ]
  const end: Entry = { path: 'TRAILER!!!', mode: 0, content: '' }
  return gzipSync(Buffer.concat([...entries, end].map(renderEntry)), { level: 1 })
}
