import { operations } from '@tributary/api/operations'
import { watchAnswers } from '@tributary/testkit/apiClient'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { withoutNames } from './documents/documents.ts'
import { answerContract } from './documents/theAnswerContract.ts'
import { setStage, type Stage } from './stage.ts'
import { tourOfTheCloud } from './tours/cloud.ts'
import { tourOfKafkaRest } from './tours/kafkaRest.ts'
import { tourOfSessions } from './tours/sessions.ts'

let stage: Stage
/** `GET /org/v2/environments 200` */
const seen = new Set<string>()

beforeAll(async () => {
  stage = await setStage(inject('postgresUrl'))
  const contract = await answerContract()
  const watching = watchAnswers((answered) => void seen.add(`${contract.operationOf(answered)} ${answered.status}`))
  await Promise.all([tourOfTheCloud(stage), tourOfSessions(stage), tourOfKafkaRest(stage)])
  watching[Symbol.dispose]()
})
afterAll(() => stage.installation[Symbol.asyncDispose]())

describe('every operation that is served succeeds, with an answer that the documents allow', () => {
  it.each(operations.map((operation) => [operation.id, operation] as const))('%s', (_id, { method, path, reply }) => {
    const statuses = [reply.status, ...(reply.dryRun === undefined ? [] : [reply.dryRun.status])]
    for (const status of statuses) expect(seen).toContain(`${method} ${withoutNames(path)} ${status}`)
  })
})
