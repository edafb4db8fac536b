import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { projectDirectory } from '@tributary/embedded/projectDirectory'
import { expect, it } from 'vitest'

it('the broker plugin passes its own tests', { timeout: 180_000 }, async () => {
  const copy = await mkdtemp(path.join(os.tmpdir(), 'tributary-plugin-'))
  try {
    const plugin = path.join(projectDirectory, 'packages/broker-plugin')
    await cp(plugin, copy, { recursive: true, filter: (source) => path.basename(source) !== 'target' })
    const maven = promisify(execFile)('mvn', ['--batch-mode', '--file', path.join(copy, 'pom.xml'), 'test'])
    const { stdout } = await maven.catch((failure: { stdout: string }) => failure)
    const summary = /Tests run: (\d+), Failures: 0, Errors: 0, Skipped: 0$/m.exec(stdout)
    if (summary === null) throw new Error(stdout)
    expect(Number(summary[1])).toBeGreaterThan(100)
  } finally {
    await rm(copy, { recursive: true, force: true })
  }
})
