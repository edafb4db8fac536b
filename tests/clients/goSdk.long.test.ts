import { execFile, spawn } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { setStage, type Stage } from '../contract/stage.ts'

const directory = path.join(import.meta.dirname, 'goSdk')
const run = promisify(execFile)

/** Compiling the SDK for the first time takes minutes. */
const patienceMs = 600_000
const problem = await goProblem()
if (problem !== undefined) console.warn(problem)

/** Why the Go SDK cannot be tried on this machine; undefined when it can. */
async function goProblem(): Promise<string | undefined> {
  try {
    await run('go', ['mod', 'download'], { cwd: directory })
    return undefined
  } catch (error) {
    const [reason] = (error as Error).message.split('\n')
    return `the Go SDK was not tried: it needs go 1.25 or newer, and its modules (${reason})`
  }
}

describe.skipIf(problem !== undefined)('the Go SDK of Confluent Cloud works with what is served', () => {
  let stage: Stage

  beforeAll(async () => {
    stage = await setStage(inject('postgresUrl'))
  })
  afterAll(() => stage.installation[Symbol.asyncDispose]())

  it(
    'creates, reads, lists page by page, changes and deletes, and decodes refusals',
    async () => {
      const { code, output } = await goTest(environmentOf(stage))
      if (code !== 0) throw new Error(output)
      expect(output.match(/^--- PASS: /gm)).toHaveLength(14)
    },
    patienceMs,
  )
})

const environmentOf = ({ installation, organization, cluster, login }: Stage) => ({
  TRIBUTARY_ENDPOINT: installation.endpoint,
  TRIBUTARY_KEY: organization.cloudKey.id,
  TRIBUTARY_SECRET: organization.cloudKey.secret,
  TRIBUTARY_ORGANIZATION: organization.organizationId,
  TRIBUTARY_ENVIRONMENT: organization.environmentId,
  TRIBUTARY_USER: organization.administratorId,
  TRIBUTARY_CLUSTER: cluster.id,
  TRIBUTARY_CLUSTER_KEY: login.key.id,
  TRIBUTARY_CLUSTER_SECRET: login.key.secret,
})

function goTest(environment: Record<string, string>): Promise<{ code: number | null; output: string }> {
  const child = spawn('go', ['test', '-count=1', '-v', './...'], {
    cwd: directory,
    env: { ...process.env, ...environment },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text.toString()))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, output }))
  })
}
