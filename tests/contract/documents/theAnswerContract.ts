import { readFile } from 'node:fs/promises'
import { inject } from 'vitest'
import type { AnswerContract } from './answerContract.ts'

let contract: Promise<AnswerContract> | undefined

/** Made at its first use: most test files never talk to the API. */
export function answerContract(): Promise<AnswerContract> {
  contract ??= makeContract()
  return contract
}

async function makeContract(): Promise<AnswerContract> {
  const [{ AnswerContract }, text] = await Promise.all([
    import('./answerContract.ts'),
    readFile(inject('documentsFile'), 'utf8'),
  ])
  return new AnswerContract(JSON.parse(text))
}
