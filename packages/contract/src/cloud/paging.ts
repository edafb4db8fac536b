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
  page_token: z.string().max(512).optional().describe('Opaque: from the `next` of the page before.'),
})

const largestPage = 500

export interface Page {
  size: number
  afterId: string
}

/** An id; of what has none of its own, such as a topic, its cluster's and its name. */
const Token = z.tuple([z.literal(1), z.string().regex(/^[A-Za-z0-9._-]{1,120}(\/[A-Za-z0-9._-]{1,249})?$/)])

export function pageFrom({ page_size, page_token }: z.output<typeof PageQuery>): Page {
  return { size: Math.min(page_size, largestPage), afterId: page_token === undefined ? '' : readToken(page_token) }
}

export const tokenAfter = (id: string) => Buffer.from(JSON.stringify([1, id])).toString('base64url')

function readToken(token: string): string {
  try {
    return Token.parse(JSON.parse(Buffer.from(token, 'base64url').toString('utf8')))[1]
  } catch {
    throw errors.malformed('This page token is not one of ours. Start again without page_token.', {
      parameter: 'page_token',
    })
  }
}
