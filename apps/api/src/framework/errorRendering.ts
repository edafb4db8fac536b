import { isConnectionError } from '@tributary/database/database'
import { exceededQuota, isContention, isOutOfRoom } from '@tributary/database/databaseErrors'
import { AppError, errors } from '@tributary/domain/errors'
import { assertNever } from '@tributary/kit/assertNever'
import type { Envelope } from './operation.ts'

export const bodyLimitBytes = 1_048_576

/** Whatever was thrown, as an error that may be shown. */
export function publicError(error: unknown): AppError {
  if (error instanceof AppError) return error
  if (isConnectionError(error))
    return errors.unavailable('The database cannot be reached. Try again shortly.', 2, error)
  if (isContention(error)) return errors.unavailable('Others change the same thing. Try again shortly.', 2, error)
  if (isOutOfRoom(error))
    return errors.unavailable('This installation has run out of room. Whoever runs it must make some.', 30, error)
  const quota = exceededQuota(error)
  if (quota !== undefined) return errors.quotaExceeded(quota)
  const { code, statusCode } = (error ?? {}) as { code?: string; statusCode?: number }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return errors.payloadTooLarge(bodyLimitBytes)
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return errors.unsupportedMediaType()
  if (code === 'FST_ERR_MAX_PARAM_LENGTH') return errors.notFound()
  if (code === 'FST_ERR_BAD_URL') return errors.malformed('The URL holds a percent sign that encodes nothing.')
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return errors.malformed('The request could not be read. Send a JSON body that matches the documentation.')
  }
  return errors.internal(error)
}

/** The status and body of an error, in the shape that the clients of an API group parse. */
export function renderError(error: AppError, envelope: Envelope, errorId: string): { status: number; body: object } {
  switch (envelope) {
    case 'cloud':
      return { status: error.status, body: { errors: [cloudError(error, errorId)] } }
    case 'kafkaRest': {
      const code = kafkaRestCode(error)
      return { status: Number(String(code).slice(0, 3)), body: { error_code: code, message: error.detail } }
    }
    default:
      return assertNever(envelope)
  }
}

const cloudError = ({ status, code, title, detail, source }: AppError, id: string) => ({
  id,
  status: String(status),
  code,
  title,
  detail,
  ...(source === undefined ? {} : { source }),
})

/** Kafka REST's codes begin with the status; it knows no 422, what is wrong in a body is a 400. */
function kafkaRestCode({ code, status }: AppError): number {
  if (/^\d+$/.test(code)) return Number(code)
  if (status === 401) return 40101
  if (status === 403) return 40301
  return status === 422 ? 400 : status
}
