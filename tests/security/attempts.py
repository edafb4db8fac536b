"""Tries with librdkafka what Attempts.java tries with Kafka's own client, and prints the same lines; the result is ok or
librdkafka's name of the error. Every attempt has a client of its own: librdkafka remembers refusals.

Arguments: a JSON file of logins, a topic that exists, and the names of the attempts to make.
"""
import json
import os
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor, TimeoutError

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import (AclBinding, AclOperation, AclPermissionType, AdminClient, AlterConfigOpType, ConfigEntry,
                                   ConfigResource, NewTopic, ResourcePatternType, ResourceType)

DEADLINE_SECONDS = 30


def config(login, **more):
    return {
        'bootstrap.servers': login['bootstrap'],
        'security.protocol': 'SASL_SSL',
        'sasl.mechanism': 'PLAIN',
        'sasl.username': login['id'],
        'sasl.password': login['secret'],
        'ssl.ca.location': login['ca'],
        'log_level': 0,
        **{name.replace('_', '.'): value for name, value in more.items()},
    }


def produce(login, topic, **more):
    """The error that the client as a whole died of says more than what then became of the record."""
    fatal, delivered = [], []
    producer = Producer({**config(login, **more), 'error_cb': lambda error: error.fatal() and fatal.append(error)})
    producer.produce(topic, b'an attempt', on_delivery=lambda error, _: delivered.append(error))
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not delivered and time.monotonic() < deadline:
        producer.poll(0.1)
        died = producer.fatal_error() if hasattr(producer, 'fatal_error') else None
        if died or fatal:
            raise KafkaException(died or fatal[0])
    if not delivered:
        raise TimeoutError('the record was neither delivered nor refused')
    if delivered[0] is not None:
        raise KafkaException(delivered[0])


def transactional_produce(login, transactional_id, topic):
    producer = Producer(config(login, transactional_id=transactional_id))
    producer.init_transactions(DEADLINE_SECONDS)
    producer.begin_transaction()
    producer.produce(topic, b'an attempt')
    producer.commit_transaction(DEADLINE_SECONDS)


def consume(login, topic):
    consumer = Consumer(config(login, group_id='unused', enable_auto_commit=False, auto_offset_reset='earliest'))
    try:
        consumer.assign([TopicPartition(topic, 0, 0)])
        deadline = time.monotonic() + DEADLINE_SECONDS
        while time.monotonic() < deadline:
            message = consumer.poll(0.2)
            if message is None:
                continue
            if message.error() is None:
                return
            if message.error().code() != KafkaError.GROUP_AUTHORIZATION_FAILED:
                raise KafkaException(message.error())
            # It must name a group, though it doesn't use one, and is refused that before it looks at the topic.
            describe(consumer, topic)
        raise TimeoutError('nothing to read')
    finally:
        consumer.close()


# Consumers that were refused their coordinator: closing one waits three quarters of a minute for it.
abandoned = []


def commit(login, group, topic):
    """While it has no coordinator it goes on looking for one; that it may not have one it says when it is polled."""
    committed = []
    consumer = Consumer({**config(login, group_id=group, enable_auto_commit=False),
                         'on_commit': lambda error, _: committed.append(error)})
    abandoned.append(consumer)
    consumer.commit(offsets=[TopicPartition(topic, 0, 0)], asynchronous=True)
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not committed and time.monotonic() < deadline:
        message = consumer.poll(0.1)
        if message is not None and message.error():
            raise KafkaException(message.error())
    if not committed:
        raise TimeoutError('the offset was neither committed nor refused')
    if committed[0] is not None:
        raise KafkaException(committed[0])


def attempts(number, login, topic):
    def settle(ask):
        admin = AdminClient(config(login))
        for future in ask(admin).values():
            future.result(DEADLINE_SECONDS)

    def alter(kind, name, entry, value):
        operation = ConfigEntry(entry, value, incremental_operation=AlterConfigOpType.SET)
        resource = ConfigResource(kind, name, incremental_configs=[operation])
        settle(lambda admin: admin.incremental_alter_configs([resource]))

    acl = AclBinding(ResourceType.TOPIC, 'attempt', ResourcePatternType.LITERAL, 'User:nobody', '*', AclOperation.READ,
                     AclPermissionType.ALLOW)
    return {
        'plain produce': lambda: produce(login, topic),
        'produce': lambda: produce(login, topic, enable_idempotence=True),
        'transactional produce': lambda: transactional_produce(login, f'{topic}-rd-{number}', topic),
        'consume': lambda: consume(login, topic),
        'create matching topic': lambda: settle(lambda admin: admin.create_topics([NewTopic(f'{topic}-{uuid.uuid4()}', 1)])),
        'delete matching topic': lambda: settle(lambda admin: admin.delete_topics([f'{topic}-rd-spare-{number}'])),
        'alter topic config': lambda: alter(ConfigResource.Type.TOPIC, topic, 'retention.ms', '604800000'),
        'describe topic': lambda: describe(AdminClient(config(login)), topic),
        'commit offsets': lambda: commit(login, f'{topic}-rd-group-{number}', topic),
        'delete group': lambda: settle(lambda admin: admin.delete_consumer_groups([f'{topic}-rd-doomed-{number}'])),
        'create acl': lambda: settle(lambda admin: admin.create_acls([acl])),
        'alter broker config': lambda: alter(ConfigResource.Type.BROKER, '1', 'log.cleaner.threads', '1'),
    }


def describe(admin, topic):
    found = admin.list_topics(topic, DEADLINE_SECONDS).topics[topic]
    if found.error is not None:
        raise KafkaException(found.error)


def result_of(attempt):
    try:
        attempt()
        return 'ok'
    except KafkaException as error:
        return error.args[0].name()
    except TimeoutError as error:
        return f'no answer: {error}'


def main():
    with open(sys.argv[1], encoding='utf8') as file:
        logins = json.load(file)
    topic, wanted = sys.argv[2], sys.argv[3:]
    with ThreadPoolExecutor(16) as threads:
        running = [
            (number, name, threads.submit(result_of, attempt))
            for number, login in enumerate(logins)
            for name, attempt in attempts(number, login, topic).items() if name in wanted
        ]
        for number, name, attempt in running:
            print('attempt', number, name, attempt.result(), sep='\t')


main()
sys.stdout.flush()
os._exit(0)
