import { createTopic } from './createTopic.ts'
import { getTopic } from './getTopic.ts'
import { listTopics } from './listTopics.ts'

export const kafkaRest = [listTopics, createTopic, getTopic]
