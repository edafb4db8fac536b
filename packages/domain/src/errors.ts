/**
 * One error type. Its `detail` is public and says what to do; its `cause` is for the log only.
 * Each API group renders it in its own envelope.
 */
export class AppError extends Error {
  readonly status: number
  readonly code: string
  readonly title: string
  readonly detail: string
  /** Where in the request it went wrong. */
  readonly source: ErrorSource | undefined
  readonly retryAfterSeconds: number | undefined

  constructor(fields: ErrorFields, options?: ErrorOptions) {
    super(`${fields.code}: ${fields.detail}`, options)
    this.name = 'AppError'
    this.status = fields.status
    this.code = fields.code
    this.title = fields.title
    this.detail = fields.detail
    this.source = fields.source
    this.retryAfterSeconds = fields.retryAfterSeconds
  }
}

/** A JSON pointer into the body, or the name of a query or path parameter. */
export type ErrorSource = { pointer: string } | { parameter: string }

interface ErrorFields {
  status: number
  code: string
  title: string
  detail: string
  source?: ErrorSource | undefined
  retryAfterSeconds?: number | undefined
}

const error = (status: number, code: string, title: string, detail: string, source?: ErrorSource) =>
  new AppError({ status, code, title, detail, source })

/** Everything that can be wrong with a request, in one place. */
export const errors = {
  malformed: (detail: string, source?: ErrorSource) => error(400, 'bad_request', 'Bad Request', detail, source),
  invalid: (detail: string, source: ErrorSource) =>
    error(422, 'unprocessable_entity', 'Unprocessable Entity', detail, source),
  unauthenticated: () =>
    error(
      401,
      'unauthenticated',
      'Unauthorized',
      'Authentication is required. Send an API key as Basic credentials or a session token as Bearer.',
    ),
  badCredentials: () =>
    error(
      401,
      'invalid_credentials',
      'Unauthorized',
      'These credentials are not valid. Check the API key and its secret, or sign in again.',
    ),
  forbidden: (permission: string) =>
    error(
      403,
      'forbidden_access',
      'Forbidden Access',
      `You lack the permission ${permission} here. Ask an organization administrator for it.`,
    ),
  cannotGive: (detail: string) => error(403, 'forbidden_access', 'Forbidden Access', detail),
  alreadyGranted: () =>
    error(
      409,
      'resource_already_exists',
      'Conflict',
      'This principal has this role there already. List its role bindings to find it.',
    ),
  notFound: () =>
    error(404, 'resource_not_found', 'Not Found', 'There is no such resource, or you may not see it. Check the id.'),
  noSuchPath: () =>
    error(404, 'path_not_found', 'Not Found', 'There is no such path or method. See /docs for what is served.'),
  methodNotAllowed: (allowed: string) =>
    error(405, 'method_not_allowed', 'Method Not Allowed', `This path takes ${allowed}. See /docs for what is served.`),
  headersTooLarge: () =>
    error(
      431,
      'headers_too_large',
      'Request Header Fields Too Large',
      'The URL and headers are too long together. Shorten them.',
    ),
  tooSlow: () =>
    error(408, 'request_timeout', 'Request Timeout', 'The request did not arrive whole in time. Send it again.'),
  tooManyRequests: (detail: string, retryAfterSeconds: number) =>
    new AppError({ status: 429, code: 'too_many_requests', title: 'Too Many Requests', detail, retryAfterSeconds }),
  notBuilt: (what: string, source?: ErrorSource) =>
    error(501, 'not_implemented', 'Not Implemented', `${what} is not available yet.`, source),
  payloadTooLarge: (limitBytes: number) =>
    error(413, 'payload_too_large', 'Payload Too Large', `The body is over ${limitBytes} bytes.`),
  unsupportedMediaType: () =>
    error(415, 'unsupported_media_type', 'Unsupported Media Type', 'Send the body as application/json.'),
  nameTaken: (what: string, name: string, source: ErrorSource) =>
    error(
      409,
      'resource_already_exists',
      'Conflict',
      `There is already ${what} named ${JSON.stringify(name)}. Choose another name.`,
      source,
    ),
  hasClientQuota: (principal: string, quotaId: string, source: ErrorSource) =>
    error(
      409,
      'resource_already_exists',
      'Conflict',
      `${principal} already has the client quota ${quotaId} in this cluster. Take it out of that one first.`,
      source,
    ),
  environmentNotEmpty: () =>
    error(
      409,
      'environment_not_empty',
      'Conflict',
      'This environment still has Kafka clusters. Delete them first, then the environment.',
    ),
  deletionProtected: () =>
    error(
      409,
      'deletion_protection',
      'Conflict',
      'Deletion protection is on. Set spec.deletion_protection to false, then delete.',
    ),
  lastAdministrator: () =>
    error(
      409,
      'last_administrator',
      'Conflict',
      'This is the last administrator of the organization. Add another first.',
    ),
  noCapacity: (detail: string, source: ErrorSource) => error(402, 'quota_exceeded', 'Payment Required', detail, source),
  quotaExceeded: ({ id, displayName, limit }: { id: string; displayName: string; limit: number }) =>
    error(
      402,
      'quota_exceeded',
      'Payment Required',
      `The quota ${id} (${displayName}) allows ${limit}, and they are in use. Delete what is not needed, or ask an ` +
        `organization administrator to raise it: PATCH /tributary/v1/service-quotas/${id}.`,
    ),
  changedMeanwhile: () =>
    error(
      412,
      'precondition_failed',
      'Precondition Failed',
      'This was changed since you read it. Read it again, and send the change with the ETag that it has now.',
      { parameter: 'If-Match' },
    ),
  idempotencyKeyReused: () =>
    error(
      422,
      'idempotency_key_reused',
      'Unprocessable Entity',
      'This Idempotency-Key was used with a different request. Use a new key for a new request.',
      { parameter: 'Idempotency-Key' },
    ),
  unavailable: (detail: string, retryAfterSeconds: number, cause?: unknown) =>
    new AppError(
      { status: 503, code: 'service_unavailable', title: 'Service Unavailable', detail, retryAfterSeconds },
      { cause },
    ),
  internal: (cause: unknown) =>
    new AppError(
      {
        status: 500,
        code: 'internal_error',
        title: 'Internal Server Error',
        detail: 'Something went wrong on our side. Try again; if it stays, send us the id of this error.',
      },
      { cause },
    ),
}
