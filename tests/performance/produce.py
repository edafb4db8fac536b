"""Produces to the topic `throughput` with librdkafka, over connections that stay open. Argument: a JSON file of logins by name.
For each line "name count" it produces that many records as fast as it can, and prints how many seconds it took until the last was
acknowledged. For "name count pause" it waits so many seconds after each, and prints after how many each was acknowledged."""
import json
import os
import sys
import time

from confluent_kafka import Producer

TOPIC = 'throughput'


def connect(login):
    return Producer({
        'bootstrap.servers': login['bootstrap'],
        'security.protocol': 'SASL_SSL',
        'sasl.mechanism': 'PLAIN',
        'sasl.username': login['id'],
        'sasl.password': login['secret'],
        'ssl.ca.location': login['ca'],
        'acks': 1,
    })


def produce(producer, count):
    record, failed = os.urandom(1000), []
    start = time.perf_counter()
    for _ in range(count):
        while True:
            try:
                producer.produce(TOPIC, record, on_delivery=lambda error, _: error and failed.append(error))
                break
            except BufferError:
                producer.poll(0.01)
        producer.poll(0)
    left = producer.flush(60)
    if failed or left:
        sys.exit(f'{len(failed)} records failed ({failed[:1]}), {left} are left')
    return time.perf_counter() - start


def produce_at_pace(producer, count, pause):
    record, taken = os.urandom(1000), []

    def acknowledged(start):
        return lambda error, _: sys.exit(str(error)) if error else taken.append(time.perf_counter() - start)

    for _ in range(count):
        producer.produce(TOPIC, record, on_delivery=acknowledged(time.perf_counter()))
        producer.poll(pause)
    producer.flush(60)
    return ' '.join(map(str, taken))


with open(sys.argv[1]) as file:
    producers = {name: connect(login) for name, login in json.load(file).items()}
for line in sys.stdin:
    name, count, *pause = line.split()
    done = produce_at_pace(producers[name], int(count), float(pause[0])) if pause else produce(producers[name], int(count))
    print(done, flush=True)
