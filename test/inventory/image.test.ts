import { describe, expect, it } from 'vitest'

import type { VseEstate } from '../../inventory/schema/levels.ts'
import { ovaOf } from '../../inventory/schema/placement.ts'
import { listNodes } from '../../inventory/schema/walk.ts'
import { loadInventory } from '../../src/load/load-inventory.ts'
import { createTestProject } from '../load/support/project.ts'
import { writeEstate } from '../load/support/written.ts'

const project = await createTestProject()
let count = 0

async function load(more: Readonly<Record<string, unknown>>, placement = {}): Promise<VseEstate> {
  const estate = writeEstate() as unknown as { sites: Record<string, { placement: object }> }
  Object.assign(estate.sites['fra']?.placement ?? {}, placement)
  const file = await project.write(`image-${++count}.json`, JSON.stringify({ ...estate, ...more }))
  return (await loadInventory([file], { project })).estate as unknown as VseEstate
}

function firstOva(estate: VseEstate) {
  const [scope] = listNodes(estate)
  if (scope === undefined) throw new TypeError('no node')
  return ovaOf({ ...scope, estate })
}

const imageUrl = { url: 'https://images.acme.example/vse.ova', sha256: 'ab'.repeat(32) }

describe('the image', () => {
  it('is the file, kept as a template, where nothing else is said', async () => {
    const estate = await load({})
    expect(firstOva(estate)).toMatchObject({ image: estate.image.path, template: true })
    expect(firstOva(await load({}, { imageTemplate: false }))).toMatchObject({ template: false })
  })

  it('is fetched from its URL where there is one', async () => {
    expect(firstOva(await load({ imageUrl }))).toMatchObject({
      image: imageUrl.url,
      sha256: imageUrl.sha256,
      template: true,
    })
  })

  it.each([
    ['another protocol', { ...imageUrl, url: 'ftp://images.acme.example/vse.ova' }, 'imageUrl.url'],
    ['a password in it', { ...imageUrl, url: 'https://joe:pw@images.acme.example/vse.ova' }, 'imageUrl.url'],
    ['no URL', { ...imageUrl, url: 'vse.ova' }, 'imageUrl.url'],
    ['half a SHA-256', { ...imageUrl, sha256: 'abab' }, 'imageUrl.sha256'],
    ['no SHA-256', { url: imageUrl.url }, 'imageUrl.sha256'],
    ['half a thumbprint', { ...imageUrl, thumbprint: 'AB:CD' }, 'imageUrl.thumbprint'],
    ['one as long as no hash', { ...imageUrl, thumbprint: 'AB:'.repeat(24) + 'AB' }, 'imageUrl.thumbprint'],
  ])('may not have %s', async (...[, written, path]) => {
    await expect(load({ imageUrl: written })).rejects.toMatchObject({
      issues: [expect.objectContaining({ path })],
    })
  })
})
