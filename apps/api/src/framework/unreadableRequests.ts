import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { errors, type AppError } from '@tributary/domain/errors'
import { carriesDocuments } from './documents.ts'
import { renderError } from './errorRendering.ts'
import { newRequestId } from './routes.ts'

/** Answers what is not HTTP, or too much of it: no route and no envelope of one is known yet. */
export function answerUnreadable(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && carriesDocuments(socket)) return
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const { status, body } = renderError(errorOf(error.code), 'cloud', newRequestId())
  const text = JSON.stringify(body)
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
  )
}

function errorOf(code: string | undefined): AppError {
  if (code === 'HPE_HEADER_OVERFLOW') return errors.headersTooLarge()
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return errors.tooSlow()
  return errors.malformed('This is not a request that HTTP/1.1 knows.')
}
