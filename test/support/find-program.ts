import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const USUAL = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/local/bin', '/usr/bin', '/bin']

/** The path of a program: on the path, or where servers are usually installed. */
export function findProgram(name: string, more: readonly string[] = []): string | undefined {
  const folders = [...more, ...(process.env['PATH'] ?? '').split(delimiter), ...USUAL]
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK)
        return statSync(path).isFile()
      } catch {
        return false
      }
    })
}
