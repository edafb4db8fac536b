import { AppError } from './errors.ts'

const error = (status: number, errorCode: number, title: string, detail: string) =>
  new AppError({ status, code: String(errorCode), title, detail })

/** Kafka REST's own errors: the code is its `error_code`. */
export const kafkaRestErrors = {
  topicExists: () => error(400, 40002, 'Bad Request', 'There is already a topic of this name.'),
  invalid: (detail: string) => error(400, 40002, 'Bad Request', detail),
  noSuchTopic: () => error(404, 40403, 'Not Found', 'There is no such topic, or the key may not describe it.'),
  notAuthorized: () =>
    error(403, 40301, 'Forbidden', 'The key may not do this. Grant its owner an ACL or a role, then try again.'),
}
