import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { errors } from '@tributary/domain/errors'

/**
 * Keyset paging: a page begins after the last id of the one before, so rows that come and go
 * meanwhile shift nothing, and the millionth page costs what the first does.
 */
export const PageQuery = z.object({
  page_size: z.coerce
    .number()
    .int()
    .min(1)
    .max(10_000)
    .default(10)
    .describe('Items in one page; at most 500 are sent.'),
  page_token: z.string().max(1024).optional().describe('Opaque: from the `next` of the page before.'),
})

const largestPage = 500

export interface Page {
  size: number
  afterId: string
  /** The token of the page that begins after an id. */
  tokenAfter(id: string): string
}

/** Which list a page is of: a token is good for that one alone. */
export interface PagedList {
  /** Of the installation: nobody else makes tokens. */
  key: Buffer
  operation: string
  organizationId: string
  /** Everything that was asked for; its paging is left out. */
  query: Readonly<Record<string, unknown>>
}

/**
 * A token is an id and a seal over it and its list. An id alone would be taken by every list, with whatever filters:
 * a client that mixes them up would miss rows without a word.
 */
export function pageFrom({ page_size, page_token }: z.output<typeof PageQuery>, list: PagedList): Page {
  const tokenAfter = (id: string) => `${Buffer.from(id).toString('base64url')}.${sealOf(list, id)}`
  const afterId = page_token === undefined ? '' : idIn(page_token)
  if (page_token !== undefined && !isSame(page_token, tokenAfter(afterId))) {
    throw errors.malformed('This page token is of another list, or not one of ours. Start again without page_token.', {
      parameter: 'page_token',
    })
  }
  return { size: Math.min(page_size, largestPage), afterId, tokenAfter }
}

const idIn = (token: string) => Buffer.from(token.split('.')[0] ?? '', 'base64url').toString('utf8')

function sealOf({ key, operation, organizationId, query }: PagedList, id: string): string {
  const { page_size: _size, page_token: _token, ...filters } = query
  const sealed = JSON.stringify([operation, organizationId, filters, id])
  return createHmac('sha256', key).update(sealed).digest().subarray(0, 16).toString('base64url')
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
