/**
 * Figures, as ratios against a baseline in the same run wherever a machine's speed matters.
 * `npm run bench` measures everything and writes docs/performance.md; `npm run bench -- memory` only what is named.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { locateJava } from '@tributary/embedded/java'
import { startPostgres } from '@tributary/embedded/postgres'
import { projectDirectory } from '@tributary/embedded/projectDirectory'
import { testPort } from '@tributary/testkit/ports'
import { measureAccess } from './access.ts'
import { measureApiCost } from './apiCost.ts'
import { measureApiLatency } from './apiLatency.ts'
import { measureAuthorizer } from './authorizer.ts'
import { measureClusterCreation } from './clusterCreation.ts'
import { measureWithoutControlPlane } from './controlPlane.ts'
import type { Figure } from './figure.ts'
import { measureFleet } from './fleet.ts'
import { measureKafkaRest } from './kafkaRest.ts'
import { measureLongLists } from './longLists.ts'
import { measureMemory } from './memory.ts'
import { measureProduceThroughput } from './produceThroughput.ts'
import { measureRecovery } from './recovery.ts'
import { measureStart } from './start.ts'

const measurements: Readonly<Record<string, (postgresUrl: string) => Promise<Figure[]>>> = {
  access: measureAccess,
  apiCost: measureApiCost,
  apiLatency: measureApiLatency,
  authorizer: measureAuthorizer,
  controlPlane: measureWithoutControlPlane,
  creation: measureClusterCreation,
  fleet: measureFleet,
  kafkaRest: measureKafkaRest,
  longLists: measureLongLists,
  memory: measureMemory,
  produce: measureProduceThroughput,
  recovery: measureRecovery,
  start: measureStart,
}

const named = process.argv.slice(2)
const unknown = named.find((name) => measurements[name] === undefined)
if (unknown !== undefined) {
  console.error(`There is no measurement ${unknown}. There are: ${Object.keys(measurements).join(', ')}.`)
  process.exit(1)
}

const figures: Figure[] = []
for (const [name, measure] of Object.entries(measurements)) {
  if (named.length > 0 && !named.includes(name)) continue
  console.log(`• ${name}`)
  for (const figure of await onItsOwnPostgres(measure)) {
    console.log(
      `  ${figure.what}: ${figure.measured} (at most ${figure.atMost})${figure.holds ? '' : '  ← over'}; ${figure.note}`,
    )
    figures.push(figure)
  }
}
if (named.length === 0) await writeReport(figures)

/** What one measurement leaves behind is not what the next one works with, nor cleaned up while it does. */
async function onItsOwnPostgres(measure: (postgresUrl: string) => Promise<Figure[]>): Promise<Figure[]> {
  await using cleanup = new AsyncDisposableStack()
  const directory = await mkdtemp(path.join(os.tmpdir(), 'tributary-bench-'))
  cleanup.defer(() => rm(directory, { recursive: true, force: true }))
  const postgres = await startPostgres(path.join(directory, 'postgres'), await testPort())
  cleanup.defer(() => postgres.stop())
  return await measure(postgres.url)
}

async function writeReport(all: readonly Figure[]) {
  const file = path.join(projectDirectory, 'docs/performance.md')
  const text = await readFile(file, 'utf8')
  const marker = /<!-- figures -->[^]*<!-- \/figures -->/
  await writeFile(file, text.replace(marker, `<!-- figures -->\n${await render(all)}\n<!-- /figures -->`))
}

async function render(all: readonly Figure[]) {
  const { build } = await locateJava(process.env)
  const { stdout: commit } = await promisify(execFile)('git', ['rev-parse', '--short', 'HEAD'], {
    cwd: projectDirectory,
  })
  const [cpu] = os.cpus()
  const rows = all.map(
    ({ what, measured, atMost, holds, note }) =>
      `| ${what} | ${measured} | ${atMost} | ${holds ? 'yes' : '**no**'} | ${note} |`,
  )
  return [
    `Measured on ${new Date().toISOString().slice(0, 10)} at commit ${commit.trim()}: ${os.cpus().length} cores (${cpu?.model.trim()}), ` +
      `${Math.round(os.totalmem() / 1024 ** 3)} GB, ${os.type()} ${os.release()}, Node ${process.version}, ${build.split('\n')[0]}.`,
    '',
    '| what | measured | at most | holds | how |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n')
}
