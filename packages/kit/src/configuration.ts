import path from 'node:path'
import { z } from 'zod'

/** A wrong value of the environment, in one sentence that names it. */
export class ConfigurationProblem extends Error {
  override name = 'ConfigurationProblem'
}

const wholeNumber = ({ min, max, error }: { min: number; max: number; error: string }) =>
  z
    .string()
    .regex(/^\d{1,9}$/, error)
    .transform(Number)
    .refine((number) => number >= min && number <= max, error)

const port = (fallback: number) =>
  wholeNumber({ min: 1, max: 65_535, error: 'must be a port number, from 1 to 65535' }).default(fallback)

const logLevels = ['debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

const Environment = z.object({
  TRIBUTARY_HOME: z.string().min(1).default('.tributary'),
  TRIBUTARY_PORT: port(8080),
  TRIBUTARY_HOST: z.string().min(1).default('127.0.0.1'),
  TRIBUTARY_PUBLIC_HOST: z
    .string()
    .regex(/^[A-Za-z0-9.:-]+$/, 'must be a host name or an address, without a scheme or port')
    .optional(),
  TRIBUTARY_ALLOW_PLAIN_HTTP: z.enum(['true', 'false'], 'must be true or false').default('false'),
  TRIBUTARY_BROKER_PORTS: z
    .string()
    .regex(/^\d{1,5}-\d{1,5}$/, 'must be a range of ports, such as 20000-29999')
    .default('20000-29999'),
  TRIBUTARY_LEASE_TTL_MS: wholeNumber({
    min: 200,
    max: 3_600_000,
    error: 'must be a number of milliseconds, at least 200',
  }).default(5000),
  TRIBUTARY_LOG_LEVEL: z.enum(logLevels, `must be one of ${logLevels.join(', ')}`).default('info'),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must begin with postgres://')
    .optional(),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//, 'must begin with redis:// or rediss://')
    .optional(),
})

export interface Configuration {
  /** Where this installation keeps its state. */
  home: string
  port: number
  host: string
  /** What clients reach: advertised listeners, certificates, `http_endpoint`. */
  publicHost: string
  /** The API as clients reach it, and as this machine does: no slash at their ends. */
  publicUrl: string
  localUrl: string
  brokerPorts: { first: number; last: number }
  leaseTtlMs: number
  logLevel: string
  databaseUrl: string | undefined
  redisUrl: string | undefined
}

const loopback = /^(127(\.\d{1,3}){3}|::1|localhost)$/
/** Listens on every address of the machine, and is none that could be connected to. */
const wildcard = /^(0\.0\.0\.0|::|\*)$/

/** Reads the configuration from the environment. Throws a ConfigurationProblem. */
export function readConfiguration(environment: NodeJS.ProcessEnv): Configuration {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  const result = Environment.safeParse(set)
  if (!result.success) {
    const [issue] = result.error.issues
    throw new ConfigurationProblem(`${issue?.path.join('.')}: ${issue?.message}.`)
  }
  const values = result.data
  if (!loopback.test(values.TRIBUTARY_HOST) && values.TRIBUTARY_ALLOW_PLAIN_HTTP !== 'true') {
    throw new ConfigurationProblem(
      `TRIBUTARY_HOST: ${values.TRIBUTARY_HOST} is not a loopback address, and the API speaks plain HTTP. Put a TLS proxy in front of it, or set TRIBUTARY_ALLOW_PLAIN_HTTP=true if the network is trusted.`,
    )
  }
  const [first = 0, last = 0] = values.TRIBUTARY_BROKER_PORTS.split('-').map(Number)
  if (first >= last || first < 1024 || last > 65_535) {
    throw new ConfigurationProblem('TRIBUTARY_BROKER_PORTS: must be an ascending range between 1024 and 65535.')
  }
  const { TRIBUTARY_HOST: host, TRIBUTARY_PORT: port } = values
  if (wildcard.test(host) && values.TRIBUTARY_PUBLIC_HOST === undefined) {
    throw new ConfigurationProblem(
      `TRIBUTARY_PUBLIC_HOST: must be set to the name or address that clients connect to, because TRIBUTARY_HOST is ${host}.`,
    )
  }
  const publicHost = values.TRIBUTARY_PUBLIC_HOST ?? host
  return {
    home: path.resolve(values.TRIBUTARY_HOME),
    port,
    host,
    publicHost,
    publicUrl: urlOf(publicHost, port),
    localUrl: urlOf(wildcard.test(host) ? '127.0.0.1' : host, port),
    brokerPorts: { first, last },
    leaseTtlMs: values.TRIBUTARY_LEASE_TTL_MS,
    logLevel: values.TRIBUTARY_LOG_LEVEL,
    databaseUrl: values.DATABASE_URL,
    redisUrl: values.REDIS_URL,
  }
}

/** An IPv6 address stands in brackets before a port. */
const urlOf = (host: string, port: number) => `http://${host.includes(':') ? `[${host}]` : host}:${port}`
