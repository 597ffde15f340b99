import { describe, expect, it } from 'vitest'

import { selectFile, type SeenFile } from '../../../modules/file/select-file.ts'

const NODES = ['fra-1-a', 'fra-1-b', 'fra-1-ab'] as const
const seen = (name: string, more: Partial<SeenFile> = {}): SeenFile => ({
  name,
  size: 4096,
  isWhole: true,
  sha256: name,
  ...more,
})
const certificateOf = (node: string) => ({ subjects: [[node, 'vse-1.example']] })

const select = (files: readonly SeenFile[], match: Readonly<Record<string, string>> = {}) => {
  const { file, remarks } = selectFile(files, {
    kind: 'certificate',
    path: '/in/fra-1-a.zip',
    node: 'fra-1-a',
    nodes: NODES,
    match,
  })
  return { file: file?.name, remarks }
}

const HASH = 'ab'.repeat(32)

describe('the certificate of a node among files', () => {
  it.each<[string, { files: SeenFile[]; match?: Record<string, string>; wanted?: string }]>([
    [
      'by its name',
      { files: [seen('VSE fra-1-a (1).zip'), seen('fra-1-b.zip')], wanted: 'VSE fra-1-a (1).zip' },
    ],
    ['by the longest name in it', { files: [seen('fra-1-ab.zip')] }],
    [
      'by its content, whatever it is called',
      { files: [seen('cert-bundle.zip', certificateOf('fra-1-a'))], wanted: 'cert-bundle.zip' },
    ],
    [
      'by a pattern of the inventory',
      { files: [seen('VSE1.zip'), seen('VSE2.zip')], match: { 'fra-1-a': 'vse1.*' }, wanted: 'VSE1.zip' },
    ],
    [
      'by a hash of the inventory',
      {
        files: [seen('x.zip', { sha256: HASH }), seen('y.zip')],
        match: { 'fra-1-a': HASH.toUpperCase() },
        wanted: 'x.zip',
      },
    ],
    [
      'not by a pattern of another node',
      { files: [seen('fra-1-a.zip')], match: { 'fra-1-b': 'fra-1-a.zip' } },
    ],
    ['not where it is no ZIP file by its name', { files: [seen('fra-1-a.zip.crdownload')] }],
    [
      'once where the same content is there twice',
      {
        files: [seen('fra-1-a.zip', { sha256: 's' }), seen('fra-1-a (1).zip', { sha256: 's' })],
        wanted: 'fra-1-a (1).zip',
      },
    ],
  ])('is found %s', (_, { files, match, wanted }) => {
    expect(select(files, match).file).toBe(wanted)
  })

  it.each([
    [
      'another node’s',
      seen('fra-1-a.zip', certificateOf('fra-1-b')),
      'fra-1-a.zip is named for fra-1-a, and holds the certificate of fra-1-b',
    ],
    [
      'its own under another’s name',
      seen('fra-1-b.zip', certificateOf('fra-1-a')),
      'fra-1-b.zip holds the certificate of fra-1-a, and is named for fra-1-b: rename it',
    ],
    [
      'no ZIP file',
      seen('fra-1-a.zip', { problem: 'it does not open' }),
      'fra-1-a.zip is not it: it does not open',
    ],
    [
      'half copied',
      seen('fra-1-a.zip', { isWhole: false }),
      'fra-1-a.zip is still being written (4096 bytes so far)',
    ],
  ])('is told of where it is %s', (_, file, remark) => {
    expect(select([file])).toEqual({ file: undefined, remarks: [remark] })
  })

  it('is nobody’s to choose where two could be it', () => {
    const { file, remarks } = select([seen('fra-1-a.zip'), seen('new fra-1-a.zip')])
    expect(file).toBeUndefined()
    expect(remarks).toEqual(['fra-1-a.zip and new fra-1-a.zip could both be it: leave one of them'])
  })

  it('says nothing of files that are other nodes’ business', () => {
    expect(select([seen('fra-1-b.zip', { isWhole: false }), seen('notes.txt')]).remarks).toEqual([])
  })
})

describe('the image among files', () => {
  const image = (files: readonly SeenFile[], match = {}) =>
    selectFile(files, { kind: 'image', path: '/in/vse.ova', nodes: NODES, match }).file?.name

  it('is the only OVA, or the one that the inventory says', () => {
    expect(image([seen('a.zip'), seen('VSE 6.2.OVA')])).toBe('VSE 6.2.OVA')
    expect(image([seen('old.ova'), seen('new.ova')])).toBeUndefined()
    expect(image([seen('old.ova'), seen('new.ova')], { image: 'new*' })).toBe('new.ova')
    expect(image([seen('old.ova'), seen('new.ova', { sha256: HASH })], { image: HASH })).toBe('new.ova')
  })
})
