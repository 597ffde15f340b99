import type { Machine } from '../guest.ts'

/** A line of the boot, and how long after power-on it appears, in the lab's milliseconds. */
export interface BootLine {
  readonly at: number
  readonly text: string
}

/** How long a boot takes until somebody can log in. */
export const BOOT_MS = 60_000

/** What the machine says while it boots; the adapters with their addresses in the order of the machine's. */
export function planBoot(machine: Machine): readonly BootLine[] {
  const adapters = machine
    .nics()
    .flatMap(({ mac, connected }, index) => [
      `em${index}: <Intel(R) PRO/1000 Legacy Network Connection 1.1.0> port 0x20${index}0-0x20${index}7 irq ${18 + index} at device ${index}.0 on pci2`,
      `em${index}: Ethernet address: ${mac.toLowerCase()}`,
      `em${index}: link state changed to ${connected ? 'UP' : 'DOWN'}`,
    ])
  const cards = machine
    .pciVendors()
    .map(
      (vendor, index) =>
        `pci3: <encrypt/decrypt> at device ${index}.0, vendor 0x${vendor.toString(16)} (no driver attached)`,
    )
  const stages: readonly (readonly string[])[] = [
    ['/boot/kernel/kernel text=0x14d2ac8 data=0x1384d0+0x4c15e8', 'Booting...'],
    [
      'Copyright (c) 1992-2020 The FreeBSD Project.',
      'FreeBSD 11.4-RELEASE-p13 #0: ZscalerOS-24 amd64',
      'VT(vga): text 80x25',
      `real memory  = ${machine.memoryMB() * 2 ** 20} (${machine.memoryMB()} MB)`,
      `FreeBSD/SMP: Multiprocessor System Detected: ${machine.cpus()} CPUs`,
    ],
    [
      'mpt0: <LSILogic 1030 Ultra4 Adapter> at device 16.0 on pci0',
      'da0: 512000MB (1048576000 512 byte sectors)',
    ],
    [...adapters, ...cards],
    [
      'Trying to mount root from ufs:/dev/da0p2 [rw]...',
      'Starting file system checks:',
      '/dev/da0p2: FILE SYSTEM CLEAN; SKIPPING CHECKS',
    ],
    ['Setting hostname.', 'Starting Network: lo0 em0.', 'Starting syslogd.'],
    ['Performing sanity check on sshd configuration.', 'Starting sshd.', 'Starting cron.', ''],
  ]
  return stages.flatMap((lines, stage) =>
    lines.map((text) => ({ at: Math.round((BOOT_MS * (stage + 1)) / (stages.length + 1)), text })),
  )
}
