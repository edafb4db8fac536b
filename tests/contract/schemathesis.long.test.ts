import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { ApiClient } from '@tributary/testkit/apiClient'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { PythonPackage } from '../clients/pythonPackage.ts'
import { done } from './answers.ts'
import { leaksIn } from './leaks.ts'
import { setStage, type Stage } from './stage.ts'

const schemathesis = new PythonPackage('schemathesis', '4.32.5')
const problem = await schemathesis.problem()
if (problem !== undefined) console.warn(`schemathesis was not tried: ${problem}`)

const patienceMs = 1_200_000

describe.skipIf(problem !== undefined)('who tries all that the document says finds no answer outside it', () => {
  let stage: Stage

  beforeAll(async () => {
    stage = await setStage(inject('postgresUrl'))
    const { organization, cluster } = stage
    // The document allows topics that a small machine has no room for.
    const quota = '/tributary/v1/service-quotas/kafka.max_partitions.per_cluster'
    await done(200, organization.cloud.patch(quota, { applied_limit: 50, kafka_cluster: cluster.id }))
  })
  afterAll(() => stage.installation[Symbol.asyncDispose]())

  const cloudKey = () => stage.organization.cloudKey
  const runs: [who: string, args: string[], key: () => Key | undefined, mostRefused: number][] = [
    ['with a key of a cluster', ['--include-path-regex', '^/kafka/'], () => stage.login.key, 0.2],
    // It may find the cluster too, and delete it.
    ['with a Cloud key', ['--exclude-path-regex', '^/kafka/', ...endings('exclude')], cloudKey, 0.2],
    ['without any key', [], () => undefined, 1],
    ['where its own key may end', endings('include'), cloudKey, 1],
  ]
  it.each(runs)(
    '%s',
    async (_who, args, key, mostRefused) => {
      const { organization, login, installation } = stage
      const { output, answers } = await runSchemathesis(stage, args, key())
      if (!output.includes('No issues found')) throw new Error(output)
      const refused = answers.filter(({ status }) => status === 401)
      expect(refused.length / answers.length).toBeLessThanOrEqual(mostRefused)
      const secrets = [organization.cloudKey.secret, organization.password, login.key.secret]
      expect(answers.flatMap(({ content }) => leaksIn(content.text ?? '', secrets))).toEqual([])
      expect((await new ApiClient(installation.endpoint).get('/readyz')).status).toBe(200)
    },
    patienceMs,
  )
})

interface Key {
  id: string
  secret: string
}

/** It reads lists, and so finds its own key and that key's owner. */
const endings = (filter: 'include' | 'exclude') =>
  ['rotateTributaryV1ApiKey', 'updateTributaryV1ApiKey', 'deleteIamV2ApiKey', 'deleteIamV2User'].flatMap((id) => [
    `--${filter}-operation-id`,
    id,
  ])

const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
]
const options =
  `--checks ${checks.join(',')} --phases examples,coverage,fuzzing --max-examples 15 --seed 5 --continue-on-failure ` +
  '--no-color --warnings off --suppress-health-check all'

async function runSchemathesis({ installation, ...stage }: Stage, args: readonly string[], key?: Key) {
  const config = path.join(installation.home, 'schemathesis.toml')
  const report = path.join(installation.home, 'schemathesis.har')
  await writeFile(config, settings(stage.cluster.id, stage.organization.environmentId))
  const auth = key === undefined ? [] : ['--auth', `${key.id}:${key.secret}`]
  const files = ['--config-file', config, 'run', `${installation.endpoint}/openapi.json`, '--report-har-path', report]
  const { stdout } = await promisify(execFile)(
    schemathesis.python,
    [schemathesis.script('schemathesis'), ...files, ...options.split(' '), ...auth, ...args],
    { cwd: installation.home, maxBuffer: 256 * 1024 ** 2 },
  ).catch((error: Error & { stdout?: string }) => ({ stdout: `${error.message}\n${error.stdout}` }))
  const { log } = JSON.parse(await readFile(report, 'utf8')) as Har
  return { output: stdout, answers: log.entries.map(({ response }) => response) }
}

interface Har {
  log: { entries: { response: { status: number; content: { text?: string } } }[] }
}

/** Where to look, and which operations say that a change is not built. */
const settings = (clusterId: string, environmentId: string) => `
[parameters]
"path.cluster_id" = "${clusterId}"
"query.environment" = "${environmentId}"

[[operations]]
include-operation-id = ["updateCmkV2Cluster", "updateOrgV2Organization"]
checks.not_a_server_error.expected-statuses = ["2xx", "3xx", "4xx", "501"]
`
