import { Agent, request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

export interface LoadRequest {
  method: string
  path: string
  body?: unknown
}

/** Sends requests over connections that stay open, and takes nothing but success for an answer. */
export class HttpLoad implements Disposable {
  readonly #endpoint: URL
  readonly #headers: Record<string, string>
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 })

  constructor(endpoint: string, key?: { id: string; secret: string }) {
    this.#endpoint = new URL(endpoint)
    const credentials = key && Buffer.from(`${key.id}:${key.secret}`).toString('base64')
    this.#headers = credentials === undefined ? {} : { authorization: `Basic ${credentials}` }
  }

  send({ method, path, body }: LoadRequest): Promise<string> {
    const text = body === undefined ? undefined : JSON.stringify(body)
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          agent: this.#agent,
          host: this.#endpoint.hostname,
          port: this.#endpoint.port,
          method,
          path,
          headers: {
            ...this.#headers,
            ...(text !== undefined && {
              'content-type': 'application/json',
              'content-length': Buffer.byteLength(text),
            }),
          },
        },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.once('error', reject)
          response.once('end', () => {
            const answer = Buffer.concat(chunks).toString('utf8')
            const { statusCode = 0 } = response
            if (statusCode >= 200 && statusCode < 300) resolve(answer)
            else reject(new Error(`${method} ${path}: ${statusCode} ${answer}`))
          })
        },
      )
      sent.once('error', reject)
      sent.end(text)
    })
  }

  /** As many as `concurrency` at a time, each next one after an answer; milliseconds that all took. */
  async inTurn(count: number, concurrency: number, next: () => LoadRequest): Promise<number> {
    let left = count
    const start = performance.now()
    const sendNext = async () => {
      while (left-- > 0) await this.send(next())
    }
    await Promise.all(Array.from({ length: concurrency }, sendNext))
    return performance.now() - start
  }

  /** At a pace, whether or not answers come: milliseconds from when each was due until its answer. */
  async atPace(perSecond: number, seconds: number, next: () => LoadRequest): Promise<number[]> {
    const start = performance.now()
    const answers: Promise<number>[] = []
    const total = Math.floor(perSecond * seconds)
    while (answers.length < total) {
      const due = start + (answers.length * 1000) / perSecond
      const wait = due - performance.now()
      if (wait > 1) await delay(wait)
      answers.push(this.send(next()).then(() => performance.now() - due))
    }
    return Promise.all(answers)
  }

  [Symbol.dispose](): void {
    this.#agent.destroy()
  }
}
