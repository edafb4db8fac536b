/**
 * Every secret that a test file makes or is given is a canary: found anywhere but in the answer that hands it out, it
 * fails the run. A find names the secret's kind and the place, never the secret.
 */
const canaries = new Map<string, { kind: string; forms: readonly string[] }>()

/** Shorter ones, and those of few different characters, are no secrets of ours: tests make them up. */
const isSecret = (text: string) => text.length >= 16 && new Set(text).size >= 8

export function noteSecret(kind: string, secret: string | Buffer): void {
  const bytes = typeof secret === 'string' ? Buffer.from(secret) : secret
  const text = bytes.toString('latin1')
  if (isSecret(text) && !canaries.has(text)) canaries.set(text, { kind, forms: formsOf(bytes) })
}

/** A private key in PEM: each of its full lines tells. */
export function notePrivateKeys(kind: string, text: string): void {
  for (const [, body = ''] of text.matchAll(/-----BEGIN [A-Z ]*PRIVATE KEY-----([^-]+)-----END/g)) {
    for (const line of body.split(/\\n|\s+/)) if (line.length >= 48) noteSecret(kind, line)
  }
}

/** As it is, in hexadecimal, encoded for a URL, and in either base64, wherever in what was encoded it stands. */
function formsOf(bytes: Buffer): string[] {
  const base64 = [0, 1, 2].flatMap((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64')
    // Only what no neighbour changes.
    const stable = encoded.slice([0, 2, 3][shift], Math.floor(((shift + bytes.length) * 8) / 6))
    return [stable, stable.replaceAll('+', '-').replaceAll('/', '_')]
  })
  const text = bytes.toString('latin1')
  return [...new Set([text, encodeURIComponent(text), bytes.toString('hex'), ...base64])]
}

/** The kinds of the secrets that are in a text; bytes as latin1. */
export function secretsIn(text: string): string[] {
  const found = [...canaries.values()].filter(({ forms }) => forms.some((form) => text.includes(form)))
  return [...new Set(found.map(({ kind }) => kind))]
}

/** The fields of requests and answers that hold a secret. */
const fields: Readonly<Record<string, string>> = {
  secret: 'the secret of an API key',
  password: 'a password',
  token: 'a token',
  refresh_token: 'a refresh token',
}

/** Takes note of the secrets in a body; returns the rest of it, in which there must be none. */
export function withoutSecrets(body: unknown): string {
  const rest = JSON.stringify(body, (name, value: unknown) => {
    const kind = fields[name]
    if (kind === undefined || typeof value !== 'string') return value
    noteSecret(kind, value)
    return undefined
  })
  return rest ?? ''
}

/** The kinds of the secrets that an answer tells anywhere but in the fields for them. */
export const secretsTold = ({ text, body, headers }: { text: string; body: unknown; headers: Headers }): string[] =>
  secretsIn(`${withoutSecrets(body ?? text)}\n${[...headers].join('\n')}`)
