import { ConfigName } from '@tributary/contract/kafkaRest/configs'
import { TopicPath } from '../topics/topicPath.ts'

export const TopicConfigPath = TopicPath.extend({ name: ConfigName })
