import type { Input, Value } from '../../../connect/govmomi/schema/values.ts'
import type { Lease, LeaseFile } from '../model/lease.ts'
import { method, type ManagedObject } from '../model/managed-object.ts'
import { faults, toLocalizedFault } from '../model/method-fault.ts'
import type { World } from '../model/world.ts'
import type { Source } from '../pull/open-source.ts'
import { probeSources, pullFiles } from '../pull/pull-files.ts'

/** How long a server tries to reach a URL where the client does not say. */
const PROBE_SECONDS = 10

const CHECKSUMS: Readonly<Record<string, LeaseFile['checksumType']>> = {
  sha1: 'sha1',
  sha256: 'sha256',
  sha512: 'sha512',
}

/** An import as clients see it. */
export function createLeaseObject(world: World, lease: Lease): ManagedObject {
  const demandReady = (): void => {
    const isGone = world.vms.find(lease.vm.ref.value) !== lease.vm
    if (lease.state !== 'ready' || isGone) throw faults.invalidState()
  }
  const onHost = world.seed.kind === 'esxi'
  const demandPull = (): void => {
    if (onHost) throw faults.notSupported()
    demandReady()
  }
  return {
    ref: lease.ref,
    properties: {
      initializeProgress: () => (lease.state === 'initializing' ? 0 : 100),
      transferProgress: () => lease.percent,
      mode: () => 'pushOrGet',
      capabilities: () => ({ pullModeSupported: !onHost, corsSupported: true }),
      info: () => (lease.state === 'ready' ? describeLease(world, lease) : undefined),
      state: () => lease.state,
      error: () => (lease.error === undefined ? undefined : toLocalizedFault(lease.error)),
    },
    methods: {
      HttpNfcLeaseProgress: method(({ percent }: { percent: number }) => {
        demandReady()
        if (percent < 0 || percent > 100) throw faults.invalidArgument('percent')
        lease.renew(percent)
      }),
      HttpNfcLeaseComplete: method(() => {
        demandReady()
        // Disks that the descriptor has no file for stay empty; at least one has to have been filled.
        if (lease.files.length > 0 && lease.files.every(({ received }) => received === undefined))
          throw faults.invalidState()
        lease.complete()
      }),
      HttpNfcLeaseAbort: method(async () => {
        if (lease.state !== 'initializing' && lease.state !== 'ready') throw faults.invalidState()
        await lease.fail(faults.requestCanceled())
      }),
      HttpNfcLeaseGetManifest: method(() => {
        demandReady()
        return lease.files.flatMap(describeManifest)
      }),
      HttpNfcLeaseSetManifestChecksumType: method(
        ({ deviceUrlsToChecksumTypes }: { deviceUrlsToChecksumTypes: Value<'KeyValue'>[] }) => {
          demandReady()
          for (const { key, value } of deviceUrlsToChecksumTypes) {
            const file = lease.files.find((each) => each.key === key)
            const type = CHECKSUMS[value.toLowerCase()]
            if (file === undefined || type === undefined)
              throw faults.invalidArgument('deviceUrlsToChecksumTypes')
            file.checksumType = type
          }
        },
      ),
      HttpNfcLeasePullFromUrls_Task: method(({ files }: { files: Source[] }, { session }) => {
        demandPull()
        return world.tasks.start(
          {
            entity: lease.vm.ref,
            entityName: lease.vm.state.name,
            description: 'HttpNfcLease.pullFromUrls',
            userName: session.userName,
            duration: 0,
            shared: true,
          },
          async (work) => {
            await pullFiles(world, { lease, sources: files }, work)
            return undefined
          },
        )
      }),
      HttpNfcLeaseProbeUrls: method(
        async ({ files, timeout }: { files: Source[]; timeout?: number }, { signal }) => {
          demandPull()
          const end = AbortSignal.timeout((timeout ?? PROBE_SECONDS) * 1000)
          const reached = await probeSources(world, files, AbortSignal.any([signal, end]))
          return reached.map((serverAccessible) => ({ serverAccessible }))
        },
      ),
    },
  }
}

function describeLease(world: World, { ref, token, vm, files }: Lease): Input<'HttpNfcLeaseInfo'> {
  const { origin, thumbprint } = world.uploads.to(vm.state.host)
  const capacity = vm.state.devices.reduce((sum, device) => sum + Number(device['capacityInKB'] ?? 0), 0)
  return {
    lease: ref,
    entity: vm.ref,
    deviceUrl: files.map((file) => ({
      key: file.key,
      importKey: file.importKey,
      url: `${origin}/nfc/${token}/${file.name}`,
      sslThumbprint: thumbprint,
      disk: file.disk,
      targetId: file.name,
      datastoreKey: `${origin}/nfc/${token}/`,
    })),
    totalDiskCapacityInKB: BigInt(capacity),
    leaseTimeout: world.leases.timeout / 1000,
    hostMap: [
      {
        datastoreKey: `${origin}/nfc/${token}/`,
        hosts: [{ url: `${origin}/nfc/`, sslThumbprint: thumbprint }],
      },
    ],
  }
}

function describeManifest(file: LeaseFile): readonly Input<'HttpNfcLeaseManifestEntry'>[] {
  if (file.received === undefined) return []
  const { size, sha1, checksum } = file.received
  return [
    {
      key: file.key,
      sha1,
      checksum,
      checksumType: file.checksumType,
      size: BigInt(size),
      disk: file.disk,
    },
  ]
}
