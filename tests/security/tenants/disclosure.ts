import type { ApiAnswer } from '@tributary/testkit/apiClient'
import { queryAsOwner } from '@tributary/testkit/database'
import type { Mixed } from './mixedRequests.ts'

/** Every row of an organization, as the superuser sees it; but for when keys were used, which is noted later. */
export async function rowsOf(databaseUrl: string, organizationId: string): Promise<Record<string, object[]>> {
  const tables = await queryAsOwner<{ name: string }>(
    databaseUrl,
    `SELECT relname AS name FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'organization_id'
     WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname`,
  )
  const rows = tables.map(async ({ name }) => {
    const found = await queryAsOwner<{ row: object }>(
      databaseUrl,
      `SELECT to_jsonb(t) - 'last_used_at' AS row FROM ${name} t WHERE organization_id = $1 ORDER BY 1`,
      [organizationId],
    )
    return [name, found.map(({ row }) => row)] as const
  })
  const own = await queryAsOwner<{ row: object }>(
    databaseUrl,
    'SELECT to_jsonb(t) AS row FROM organizations t WHERE id = $1',
    [organizationId],
  )
  return { ...Object.fromEntries(await Promise.all(rows)), organizations: own.map(({ row }) => row) }
}

/** What is found with one organization and not with the other: ids, names, addresses, times, hashes. */
export function markersOf(theirs: object, ours: object, secrets: readonly string[]): string[] {
  const known = new Set(textsIn(ours))
  return [...new Set([...textsIn(theirs), ...secrets])].filter((text) => text.length > 5 && !known.has(text))
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap((inner) => textsIn(inner))
}

/** What an answer tells of them that was not in the request. */
export function disclosed({ text, headers }: ApiAnswer, markers: readonly string[], sent: string): string[] {
  const tokens = [...text.matchAll(/page_token=([\w-]+)/g)].map(([, token = '']) => decoded(token))
  const said = [text, ...[...headers].flat(), ...tokens].join('\n')
  return markers.filter((marker) => said.includes(marker) && !sent.includes(marker))
}

const decoded = (token: string) => Buffer.from(token, 'base64url').toString('utf8')

/** All that a client is told, with the same word for the id that was named, whatever it is; but for times and the request's id. */
export function asTold(answer: ApiAnswer, named: readonly string[]): object {
  const requestId = answer.headers.get('x-request-id') ?? ''
  const hide = (text: string) =>
    named.reduce((rest, id) => rest.replaceAll(id, '…'), requestId === '' ? text : text.replaceAll(requestId, '…'))
  return {
    status: answer.status,
    text: hide(answer.text),
    headers: [...answer.headers].filter(([name]) => name !== 'date').map(([name, value]) => `${name}: ${hide(value)}`),
  }
}

/** All that a request says, encoded or not. */
export const saidIn = ({ url, body, headers }: Mixed) =>
  [url, decodeURIComponent(url.replaceAll('+', ' ')), JSON.stringify(body), JSON.stringify(headers)].join('\n')
