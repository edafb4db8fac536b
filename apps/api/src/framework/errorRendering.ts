import { isConnectionError } from '@tributary/database/database'
import { AppError, errors } from '@tributary/domain/errors'
import { assertNever } from '@tributary/kit/assertNever'
import type { Envelope } from './operation.ts'

export const bodyLimitBytes = 1_048_576

/** Whatever was thrown, as an error that may be shown. */
export function publicError(error: unknown): AppError {
  if (error instanceof AppError) return error
  if (isConnectionError(error))
    return errors.unavailable('The database cannot be reached. Try again shortly.', 2, error)
  const { code, statusCode } = error as { code?: string; statusCode?: number }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return errors.payloadTooLarge(bodyLimitBytes)
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return errors.unsupportedMediaType()
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return errors.malformed('The request could not be read. Send a JSON body that matches the documentation.')
  }
  return errors.internal(error)
}

/** The body of an error, in the shape that the clients of an API group parse. */
export function renderError(error: AppError, envelope: Envelope, errorId: string): object {
  switch (envelope) {
    case 'cloud':
      return {
        errors: [
          {
            id: errorId,
            status: String(error.status),
            code: error.code,
            title: error.title,
            detail: error.detail,
            ...(error.source === undefined ? {} : { source: error.source }),
          },
        ],
      }
    case 'kafkaRest':
      return { error_code: /^\d+$/.test(error.code) ? Number(error.code) : error.status, message: error.detail }
    default:
      return assertNever(envelope)
  }
}
