import { z } from 'zod'
import { line, OrganizationIdText } from '../text.ts'

/** Signing in as people do: what the command line client of Confluent Cloud sends and reads. Ids are integers. */

const Password = z.object({
  email: line(254).min(1),
  password: z.string().min(1).max(1024),
  org_resource_id: z.union([OrganizationIdText, z.literal('')]).nullish(),
})

const Refresh = z.object({ refresh_token: z.string().min(1).max(4096) })

/** A password, or the refresh token of a session that goes on. Clients send the other empty. */
export const SignIn = z.preprocess(withoutEmptyFields, z.union([Password, Refresh])).meta({
  override: { type: 'object', properties: { email: {}, password: {}, refresh_token: {} } },
})

function withoutEmptyFields(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== '' && value !== null))
}

const User = z.object({ id: z.int(), email: z.string(), resource_id: z.string(), first_name: z.string() })
const Organization = z.object({ id: z.int(), resource_id: z.string(), name: z.string() })
const Account = z.object({ id: z.string(), name: z.string() })

export const Session = z
  .object({ token: z.string(), refresh_token: z.string(), user: User, organization: Organization })
  .meta({ id: 'Session' })

export const Me = z
  .object({
    user: User,
    organization: Organization,
    /** Environments, as they were called first; the one to begin with, and all of them. */
    account: Account.optional(),
    accounts: z.array(Account),
  })
  .meta({ id: 'Me' })

/** Clients send nothing that counts. */
export const CreateAccessToken = z.looseObject({}).prefault({})

export const AccessToken = z.object({ token: z.string() }).meta({ id: 'AccessToken' })

export const Realm = z.object({ is_sso: z.boolean(), mfa_required: z.boolean(), realm: z.string() })

export const FreeTrial = z.object({ promo_codes: z.array(z.string()) })
