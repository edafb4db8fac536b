import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { OpenApi, Response } from './documents.ts'
import { withoutNames } from './documents.ts'

/** An answer as a document describes it. */
export interface DocumentedResponse {
  /** What is wrong with a body; undefined where there is to be none. */
  validate: ((body: unknown) => string[]) | undefined
}

const methods = ['get', 'post', 'put', 'patch', 'delete']

/** The operations of one OpenAPI document, by `METHOD /path/{}`, and what each may answer. */
export class DocumentedOperations {
  readonly #document: OpenApi
  readonly #operations = new Map<string, { template: string; method: string; pattern: RegExp }>()
  readonly #responses = new Map<string, DocumentedResponse>()
  #ajv: Ajv2020 | undefined

  constructor(document: OpenApi) {
    this.#document = document
    for (const [template, operations] of Object.entries(document.paths)) {
      for (const method of methods.filter((name) => name in operations)) {
        const key = `${method.toUpperCase()} ${withoutNames(template)}`
        this.#operations.set(key, { template, method, pattern: patternOf(template) })
      }
    }
  }

  has(key: string): boolean {
    return this.#operations.has(key)
  }

  /** The operation that a path is of: with as few parameters as possible, as in `topics/-/configs`. */
  find(method: string, path: string): string | undefined {
    const prefix = `${method} `
    return [...this.#operations]
      .filter(([key, { pattern }]) => key.startsWith(prefix) && pattern.test(path))
      .map(([key]) => key)
      .toSorted((a, b) => a.split('{}').length - b.split('{}').length)[0]
  }

  response(key: string, status: number): DocumentedResponse | undefined {
    const operation = this.#operations.get(key)
    if (operation === undefined) return undefined
    const { template, method } = operation
    const responses = this.#document.paths[template]?.[method]?.responses ?? {}
    const code = [String(status), `${String(status).slice(0, 1)}XX`].find((each) => each in responses)
    return code === undefined ? undefined : this.#at(['paths', template, method, 'responses', code])
  }

  /** An answer that a schema of the document describes. */
  component(name: string): DocumentedResponse {
    return { validate: this.#validator(['components', 'schemas', name]) }
  }

  #at(path: readonly string[]): DocumentedResponse {
    const id = path.join(' ')
    const known = this.#responses.get(id)
    if (known !== undefined) return known
    const [place, response] = this.#resolved(path)
    const { schema } = response.content?.['application/json'] ?? {}
    const made =
      schema === undefined
        ? { validate: undefined }
        : { validate: this.#validator([...place, 'content', 'application/json', 'schema']) }
    this.#responses.set(id, made)
    return made
  }

  #resolved(path: readonly string[]): [place: readonly string[], response: Response] {
    const found = path.reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], this.#document)
    const reference = (found as { $ref?: string }).$ref
    return reference === undefined ? [path, found as Response] : this.#resolved(reference.split('/').slice(1))
  }

  #validator(path: readonly string[]): (body: unknown) => string[] {
    this.#ajv ??= ajvOf(this.#document)
    const pointer = path.map((name) => encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')
    const validate = this.#ajv.compile({ $ref: `document#/${pointer}` })
    return (body) =>
      validate(body)
        ? []
        : (validate.errors ?? []).map(
            ({ instancePath, message, params }) => `${instancePath || '/'} ${message} ${JSON.stringify(params)}`,
          )
  }
}

/**
 * Of OpenAPI 3.0's own words Ajv knows `nullable`; `discriminator` only repeats what `oneOf` says. Patterns of that
 * time escape what Unicode's mode lets nobody escape.
 */
function ajvOf(document: OpenApi): Ajv2020 {
  const unicodeRegExp = !String(document['openapi']).startsWith('3.0')
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false, unicodeRegExp })
  addFormats.default(ajv)
  return ajv.addSchema(document, 'document')
}

const patternOf = (template: string) =>
  new RegExp(`^${template.replaceAll(/[.*+?^$()|[\]\\]/g, String.raw`\$&`).replaceAll(/\{\w+\}/g, '[^/]+')}$`)
