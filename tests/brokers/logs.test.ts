import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { loadKafkaRuntime } from '@tributary/embedded/kafkaRuntime'
import { log4jProperties, renderProperties } from '@tributary/kafka/brokerConfiguration'
import { describe, expect, it } from 'vitest'

describe("a broker's log is kept and rotated", () => {
  it('keeps five older files beside the present one, and says nothing on the console', async () => {
    const directory = await mkdtemp(path.join(os.tmpdir(), 'tributary-logs-'))
    try {
      const talkative = {
        ...log4jProperties,
        'rootLogger.level': 'TRACE',
        'appender.file.policies.size.size': '2KB',
      }
      const configuration = path.join(directory, 'log4j2.properties')
      await writeFile(configuration, renderProperties(talkative).replaceAll('{{logs}}', directory))
      const { java, classPath } = await loadKafkaRuntime(process.env)
      const tool = 'org.apache.kafka.tools.BrokerApiVersionsCommand'
      const login = path.join(directory, 'client.properties')
      await writeFile(login, 'default.api.timeout.ms=3000\nrequest.timeout.ms=2000\n')
      const options = [`-Dlog4j2.configurationFile=${configuration}`, '-XX:TieredStopAtLevel=1', '-cp', classPath]
      const args = [...options, tool, '--bootstrap-server', '127.0.0.1:1', '--command-config', login]
      const said = await promisify(execFile)(java, args).catch((failure: { stdout: string }) => failure)
      expect(said.stdout).not.toMatch(/TRACE|DEBUG/)

      const files = (await readdir(directory)).filter((file) => file.startsWith('server.log'))
      expect(new Set(files)).toEqual(new Set(['server.log', ...[1, 2, 3, 4, 5].map((index) => `server.log.${index}`)]))
      const sizes = await Promise.all(files.map(async (file) => (await stat(path.join(directory, file))).size))
      expect(Math.max(...sizes)).toBeLessThan(20_000)
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  })
})
