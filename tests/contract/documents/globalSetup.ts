import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { TestProject } from 'vitest/node'
import { readDocuments } from './documents.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** JSON: the documents that answers are held against. */
    documentsFile: string
  }
}

/** Reads the documents once for a run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'tributary-test-'))
  const file = path.join(directory, 'documents.json')
  await writeFile(file, JSON.stringify(await readDocuments()))
  project.provide('documentsFile', file)
  return () => rm(directory, { recursive: true, force: true })
}
