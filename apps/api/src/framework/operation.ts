import type { Page, PageQuery } from '@tributary/contract/cloud/paging'
import type { Caller } from '@tributary/control/caller'
import type { Permission } from '@tributary/domain/permissions'
import type { Subject } from '@tributary/domain/roles/isAllowed'
import type { Visibility } from '@tributary/domain/roles/visibleTo'
import type { z } from 'zod'
import type { Services } from '../services.ts'

/**
 * One operation of the API: one file, one declaration. Routing, validation, authorisation, errors,
 * audit and OpenAPI are derived from it, so none of them can be forgotten.
 */
export interface Operation {
  id: string
  summary: string
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** In OpenAPI's form: `/cmk/v2/clusters/{id}`. */
  path: string
  envelope: Envelope
  access: Access
  params?: z.ZodObject
  query?: z.ZodObject
  body?: z.ZodType
  /**
   * Instead of a body: JSON documents one after another, as many and for as long as the client likes. Each is
   * answered by a document of its own, in the same order.
   */
  document?: z.ZodType
  /** The status of success, and what it carries; undefined for nothing. */
  reply: Reply<z.ZodType, never>
  target?: (input: Input, services: Services) => Promise<unknown>
  /** Where what is done is done, and to whose: what the permission is needed on. Without it, the organization. */
  subject?: (input: never) => Subject
  handle: (input: never, services: Services) => Promise<unknown>
}

interface Reply<Body, Request> {
  status: 200 | 201 | 202 | 204
  /** The status where a request only asks whether it would succeed, if that differs. */
  dryRun?: { status: 200; when: (request: Request) => boolean }
  body?: Body
}

/** How errors look: each API group's clients parse their own. */
export type Envelope = 'cloud' | 'kafkaRest'

/**
 * `permission`: needed on the subject. `visible`: a list, that shows what the permission lets see. `broker`: the broker decides, for the caller's own key.
 * `self`: everyone's, about itself alone. `public`: no credentials.
 */
export type Access = { permission: Permission } | { visible: Permission } | 'broker' | 'self' | 'public'

export interface Input<Params = unknown, Query = unknown, Body = unknown, Target = unknown> {
  params: Params
  query: Query
  body: Body
  target: Target
  caller: Caller
  visible: Visibility
  /** Of a list that is paged. */
  page: Query extends z.output<typeof PageQuery> ? Page : undefined
  requestId: string
  /** Where the request came from. */
  address: string
}

type Output<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined

/** Ties the parts of a declaration together: the handler knows the types of what was validated. */
export function operation<
  Params extends z.ZodObject | undefined = undefined,
  Query extends z.ZodObject | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
  ReplyBody extends z.ZodType | undefined = undefined,
  Target = undefined,
>(declaration: {
  id: string
  summary: string
  method: Operation['method']
  path: string
  envelope?: Envelope
  access: Access
  params?: Params
  query?: Query
  body?: Body
  reply: Reply<ReplyBody, { body: Output<Body> }>
  target?: (
    input: Omit<Input<Output<Params>, Output<Query>, Output<Body>>, 'target'>,
    services: Services,
  ) => Promise<Target | undefined>
  subject?: (input: Input<Output<Params>, Output<Query>, Output<Body>, Target>) => Subject
  handle: (
    input: Input<Output<Params>, Output<Query>, Output<Body>, Target>,
    services: Services,
  ) => Promise<ReplyBody extends z.ZodType ? z.input<ReplyBody> : void>
}): Operation {
  return { envelope: 'cloud', ...declaration } as unknown as Operation
}

/** Like `operation`, for a stream of documents. What `handle` returns is called with each; it throws what is wrong with one. */
export function streamOperation<
  Document extends z.ZodType,
  ReplyBody extends z.ZodType,
  Target,
  Params extends z.ZodObject | undefined = undefined,
>(declaration: {
  id: string
  summary: string
  method: 'POST'
  path: string
  envelope: Envelope
  access: Access
  params?: Params
  document: Document
  reply: { status: 200; body: ReplyBody }
  target: (input: Omit<Input<Output<Params>>, 'target'>, services: Services) => Promise<Target | undefined>
  handle: (
    input: Input<Output<Params>, undefined, undefined, Target>,
    services: Services,
  ) => Promise<DocumentHandler<z.output<Document>, z.input<ReplyBody>>>
}): Operation {
  return declaration as unknown as Operation
}

export type DocumentHandler<Document = unknown, Reply = unknown> = (document: Document) => Promise<Reply>
