/** The public API refused. */
export class ApiFailure extends Error {
  readonly status: number

  constructor(status: number, request: string, answer: string) {
    super(`${request} answered ${status}: ${answer}`)
    this.status = status
  }
}

export type ApiClient = (
  method: 'GET' | 'POST',
  path: string,
  body?: object,
  headers?: Record<string, string>,
) => Promise<unknown>

/** Calls the public API with a key, as anyone else would. Throws ApiFailure on anything but a 2xx. */
export function apiClient(endpoint: string, key: string, secret: string, signal: AbortSignal): ApiClient {
  const authorization = `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}`
  return async (method, path, body, headers = {}) => {
    const response = await fetch(`${endpoint}${path}`, {
      method,
      signal,
      headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new ApiFailure(response.status, `${method} ${path}`, text)
    return JSON.parse(text)
  }
}
