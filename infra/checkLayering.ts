/** Who may import whom. An arrow that is not listed here is refused: data flows one way, without circles. */
import { glob, readFile } from 'node:fs/promises'
import path from 'node:path'

const project = path.resolve(import.meta.dirname, '..')

const mayImport: Readonly<Record<string, readonly string[]>> = {
  kit: [],
  domain: ['kit'],
  contract: ['domain'],
  database: ['domain', 'kit'],
  engine: ['database', 'kit'],
  orchestrators: ['kit'],
  kafka: ['orchestrators', 'domain', 'kit'],
  embedded: ['kit'],
  control: ['engine', 'contract', 'database', 'domain', 'kafka', 'orchestrators', 'kit'],
  testkit: ['control', 'database', 'domain', 'embedded', 'kafka', 'kit', 'orchestrators'],
  'apps/api': ['control', 'contract', 'database', 'domain', 'kafka', 'kit'],
  'apps/worker': ['control', 'database', 'embedded', 'engine', 'kit', 'orchestrators'],
  'apps/tributary': ['control', 'database', 'domain', 'embedded', 'kafka', 'kit', 'orchestrators'],
}

const problems: string[] = []
for await (const file of glob('{apps,packages}/*/src/**/*.ts', { cwd: project, exclude: ['**/generated/**'] })) {
  const [folder = '', name = ''] = file.split(path.sep)
  const room = folder === 'apps' ? `apps/${name}` : name
  const allowed = new Set([...(mayImport[room] ?? []), ...(file.endsWith('.test.ts') ? ['testkit'] : [])])
  const text = await readFile(path.join(project, file), 'utf8')
  for (const [, imported = ''] of text.matchAll(/from '@tributary\/([a-z-]+)\//g)) {
    if (imported !== room && !allowed.has(imported)) problems.push(`${file}: ${room} must not import ${imported}`)
  }
  for (const [, relative = ''] of text.matchAll(/from '(\.{1,2}\/[^']+)'/g)) {
    const target = path.relative(project, path.resolve(project, path.dirname(file), relative))
    if (!target.startsWith(path.join(folder, name))) problems.push(`${file}: reaches into ${target} past its package`)
  }
}
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exit(1)
