import { existsSync } from 'node:fs'
import { glob, readFile } from 'node:fs/promises'
import path from 'node:path'
import { operations } from '@tributary/api/operations'
import { openApiDocument } from '@tributary/api/framework/openApi'
import { projectDirectory } from '@tributary/embedded/projectDirectory'
import { parse } from 'yaml'

/** What answers are held against: the project's own document, and the public ones of what is served. */
export interface Documents {
  own: OpenApi
  published: OpenApi[]
}

export interface OpenApi {
  paths: Record<string, Record<string, { responses?: Record<string, Response | { $ref: string }> }>>
  [part: string]: unknown
}

export interface Response {
  content?: Record<string, { schema?: object }>
}

/** The public documents lie beside the project, where there are any. */
const publishedDirectory = path.join(projectDirectory, '../shared/openapi')

export async function readDocuments(): Promise<Documents> {
  const own = openApiDocument(operations, 'http://127.0.0.1') as unknown as OpenApi
  return { own, published: await readPublished() }
}

async function readPublished(): Promise<OpenApi[]> {
  if (!existsSync(publishedDirectory)) return []
  const served = new Set(operations.map(({ path: served }) => withoutNames(served)))
  const documents: OpenApi[] = []
  for await (const file of glob('*.yaml', { cwd: publishedDirectory })) {
    const text = await readFile(path.join(publishedDirectory, file), 'utf8')
    // Reading a large document takes half a second; most are of what is not served.
    const paths = [...text.matchAll(/^ {2}(\/\S*):$/gm)].map(([, found = '']) => withoutNames(found))
    if (paths.some((found) => served.has(found))) documents.push(parse(text, readSchema) as OpenApi)
  }
  return documents
}

/**
 * Leaves out what says nothing about an answer, which is most of a document. `nullable` is OpenAPI 3.0's word, and
 * means nothing without a type.
 */
function readSchema(key: unknown, value: unknown): unknown {
  if (typeof value === 'string' && key === 'description') return undefined
  if (key === 'example' || key === 'examples') return undefined
  if (typeof value !== 'object' || value === null || !('nullable' in value) || 'type' in value) return value
  const { nullable: _, ...rest } = value
  return rest
}

/** Documents name their parameters as they like. */
export const withoutNames = (template: string) => template.replaceAll(/\{\w+\}/g, '{}')
