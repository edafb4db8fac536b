import type { ApiAnswer, ApiClient } from '@tributary/testkit/apiClient'
import { expect } from 'vitest'

/** Follows `next` from the first page to the last. */
export async function everyPage(client: ApiClient, path: string): Promise<ApiAnswer[]> {
  const pages: ApiAnswer[] = []
  for (let next: string | undefined = path; next !== undefined; next = pages.at(-1)?.body.metadata.next) {
    const page = await client.get(next)
    if (page.status !== 200) throw new Error(`${next} answered ${page.status}: ${page.text}`)
    pages.push(page)
  }
  return pages
}

export const idsIn = (...pages: ApiAnswer[]): string[] =>
  pages.flatMap(({ body }) => body.data as { id: string }[]).map(({ id }) => id)

/** The status of an error in the cloud envelope, and the place in the request that it names. */
export function refusal({ status, headers, body }: ApiAnswer): [status: number, place?: string] {
  expect(headers.get('content-type')).toMatch(/^application\/json/)
  const text = expect.any(String)
  const [error, ...more] = body.errors
  const { source, ...fields } = error
  expect([fields, ...more]).toEqual([{ id: text, status: String(status), code: text, title: text, detail: text }])
  return source === undefined ? [status] : [status, source.pointer ?? source.parameter]
}

/** The ids of what several POSTs made; throws unless every answer is of that status. */
export async function created(status: number, answers: readonly Promise<ApiAnswer>[]): Promise<string[]> {
  const settled = await Promise.all(answers)
  const refused = settled.find((answer) => answer.status !== status)
  if (refused !== undefined) throw new Error(`${refused.status} where ${status} was due: ${refused.text}`)
  return settled.map(({ body }) => body.id as string)
}

/** The body of an answer; throws unless it is of that status. */
export async function done(status: number, asked: Promise<ApiAnswer>): Promise<ApiAnswer['body']> {
  const answer = await asked
  if (answer.status !== status) throw new Error(`${answer.status} where ${status} was due: ${answer.text}`)
  return answer.body
}

export const statuses = async (answers: readonly Promise<ApiAnswer>[]) =>
  (await Promise.all(answers)).map(({ status }) => status).toSorted((a, b) => a - b)
