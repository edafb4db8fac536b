import { AppError } from './errors.ts'
import { ownersBrokerConfigNames } from './kafkaConfiguration/brokerConfigs.ts'

const error = (status: number, errorCode: number, title: string, detail: string, retryAfterSeconds?: number) =>
  new AppError({ status, code: String(errorCode), title, detail, retryAfterSeconds })

/**
 * Kafka REST's own errors: the code is its `error_code`, and begins with the status. The codes are those
 * of the public Kafka REST v3 document, and where it is silent of the open REST Proxy.
 */
export const kafkaRestErrors = {
  topicExists: () => error(400, 40002, 'Bad Request', 'There is already a topic of this name.'),
  invalid: (detail: string) => error(400, 40002, 'Bad Request', detail),
  notSupported: (detail: string) => error(400, 40035, 'Bad Request', detail),
  /** In a body; in a path it is `noSuchConfig`. */
  unknownConfig: (name: string) => error(400, 40002, 'Bad Request', `There is no config ${name}. Check its name.`),
  noSuchTopic: () => error(404, 40403, 'Not Found', 'There is no such topic, or the key may not describe it.'),
  noSuchPartition: (id: number) => error(404, 40403, 'Not Found', `The topic has no partition ${id}.`),
  noSuchConfig: (name: string) => error(404, 40403, 'Not Found', `There is no config ${name} here. Check its name.`),
  noSuchGroup: () => error(404, 40403, 'Not Found', 'There is no such group, or the key may not describe it.'),
  noSuchMember: () => error(404, 40403, 'Not Found', 'The group has no such member.'),
  noSuchAssignment: () => error(404, 40403, 'Not Found', 'This partition is not assigned to this consumer.'),
  noCommittedOffset: () => error(404, 40403, 'Not Found', 'The group has not committed an offset here.'),
  notAuthorized: () =>
    error(403, 40301, 'Forbidden', 'The key may not do this. Grant its owner an ACL or a role, then try again.'),
  noRecord: () => error(422, 422, 'Unprocessable Entity', 'The request holds no record. Send at least one.'),
  ownedByControlPlane: (name: string) =>
    error(
      403,
      40301,
      'Forbidden',
      `The control plane decides ${name}. Brokers of a cluster take from its owner: ${ownersBrokerConfigNames.join(', ')}.`,
    ),
  timedOut: () => error(408, 408, 'Request Timeout', 'The brokers did not get it done in time. Try again.'),
  messageTooLarge: (detail: string) => error(413, 413, 'Payload Too Large', detail),
  throttled: () => error(429, 42901, 'Too Many Requests', 'A quota of the cluster is used up. Try again shortly.', 1),
  /** What no table explains; the cause is for the log. */
  unexpected: (cause: unknown) =>
    new AppError(
      {
        status: 500,
        code: '50002',
        title: 'Internal Server Error',
        detail: 'The brokers refused this for a reason that is not the request. Look into their logs.',
      },
      { cause },
    ),
  retriable: () =>
    error(500, 50003, 'Internal Server Error', 'The cluster is not ready for this. Try again shortly.', 1),
}
