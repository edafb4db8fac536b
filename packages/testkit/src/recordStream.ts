import { request, type ClientRequest, type IncomingMessage } from 'node:http'
import { waitUntil } from '@tributary/kit/waitUntil'
import { showToWatchers } from './apiClient.ts'

/** A request whose body is sent bit by bit, and its answer as it arrives. */
export class RecordStream {
  readonly #request: ClientRequest
  readonly #url: string
  readonly response: Promise<IncomingMessage>
  readonly reports: { error_code: number; message?: string; offset?: number }[] = []

  constructor(url: string, key: { id: string; secret: string }) {
    this.#url = url
    this.#request = request(url, {
      method: 'POST',
      auth: `${key.id}:${key.secret}`,
      headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
    })
    this.response = new Promise((resolve, reject) => {
      this.#request.once('error', reject)
      this.#request.once('response', (response: IncomingMessage) => {
        let rest = ''
        response.on('data', (bytes: Buffer) => {
          const lines = (rest + bytes.toString()).split('\n')
          rest = lines.pop() ?? ''
          this.reports.push(...lines.map((line) => JSON.parse(line)))
        })
        resolve(response)
      })
    })
  }

  send(text: string): void {
    this.#request.write(text)
  }

  async reported(count: number): Promise<typeof this.reports> {
    await waitUntil(() => this.reports.length >= count, { timeoutMs: 15_000, everyMs: 5, what: `${count} reports` })
    return this.reports
  }

  async end(): Promise<typeof this.reports> {
    this.#request.end()
    const response = await this.response
    if (!response.complete) await new Promise((resolve) => response.once('end', resolve))
    const headers = new Headers({ 'content-type': response.headers['content-type'] ?? '' })
    const text = this.reports.map((report) => JSON.stringify(report)).join('\n')
    await showToWatchers({ method: 'POST', url: this.#url, status: response.statusCode ?? 0, headers, text })
    return this.reports
  }

  abort(): void {
    this.#request.on('error', () => undefined)
    this.#request.destroy()
  }
}
