import { errors, type AppError, type ErrorSource } from '@tributary/domain/errors'
import type { z } from 'zod'

type Part = 'body' | 'query' | 'path'

/** Parses one part of a request, or throws an error that points at the first thing wrong with it. */
export function validated<Schema extends z.ZodType>(schema: Schema, value: unknown, part: Part): z.output<Schema> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw invalid(firstIssue(result.error.issues), part)
}

interface Issue {
  path: readonly PropertyKey[]
  message: string
}

/** Inside a union the branch that got furthest says best what is wrong; of several, the one that lacks least. */
function firstIssue(issues: readonly z.core.$ZodIssue[]): Issue {
  const [issue] = issues
  if (issue === undefined) return { path: [], message: 'is not valid' }
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue
  const branches = issue.errors.map((branch) => ({ ...firstIssue(branch), issues: branch.length }))
  const deepest = branches.toSorted((a, b) => b.path.length - a.path.length || a.issues - b.issues)[0]
  return { path: [...issue.path, ...(deepest?.path ?? [])], message: deepest?.message ?? issue.message }
}

function invalid({ path, message }: Issue, part: Part): AppError {
  switch (part) {
    case 'body':
      if (path.length === 0)
        return errors.malformed(`The body is not what is expected here: ${message}.`, pointer(path))
      return errors.invalid(`${path.join('.')}: ${message}.`, pointer(path))
    case 'query':
      return errors.malformed(`${path.join('.')}: ${message}.`, { parameter: String(path[0] ?? '') })
    case 'path':
      // An id that can't be one is of nothing.
      return errors.notFound()
  }
}

/** A JSON pointer (RFC 6901); the empty one is the whole body. */
export const pointer = (path: readonly PropertyKey[]): ErrorSource => ({
  pointer: path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
})

/** An empty query value means no filter. */
export const withoutEmptyValues = (query: unknown): Record<string, unknown> =>
  Object.fromEntries(Object.entries(query as object).filter(([, value]) => value !== ''))
