package dev.tributary.broker;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * The topic in which brokers tell when keys were last used: a key's id, and epoch milliseconds as text. The control
 * plane makes it and reads it. A producer lives for one write: between two there is nothing in memory.
 */
final class KeyUseTopic implements KeyUseWriter.Target {
    static final String TOPIC = "__tributary_key_usage";

    private final Properties consumerConfig;
    private final Properties producerConfig;
    private boolean exists;

    KeyUseTopic(Map<String, ?> brokerConfig) throws IOException {
        consumerConfig = AccessFollower.clientProperties(brokerConfig);
        consumerConfig.put("allow.auto.create.topics", "false");
        consumerConfig.put("enable.metrics.push", "false");
        producerConfig = AccessFollower.clientProperties(brokerConfig);
        producerConfig.put("client.id", "tributary-key-use");
        producerConfig.put("enable.metrics.push", "false");
        producerConfig.put("metric.reporters", "");
        // Said twice is as good as said once.
        producerConfig.put("enable.idempotence", "false");
        producerConfig.put("buffer.memory", "1048576");
        producerConfig.put("max.block.ms", "5000");
        producerConfig.put("request.timeout.ms", "5000");
        producerConfig.put("delivery.timeout.ms", "10000");
    }

    @Override
    public boolean write(Map<String, Long> usedMsByKey) throws ExecutionException, InterruptedException {
        exists = exists || isThere();
        if (!exists) {
            return false;
        }
        try (var producer = new KafkaProducer<>(producerConfig, new StringSerializer(), new StringSerializer())) {
            // Waits for the leader once; a record would wait for it each by itself.
            producer.partitionsFor(TOPIC);
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (Map.Entry<String, Long> use : usedMsByKey.entrySet()) {
                sent.add(producer.send(new ProducerRecord<>(TOPIC, 0, use.getKey(), use.getValue().toString())));
            }
            for (Future<RecordMetadata> record : sent) {
                record.get();
            }
        }
        return true;
    }

    /** A producer would warn of a topic that is not there, again and again. */
    private boolean isThere() {
        try (var consumer = new KafkaConsumer<>(consumerConfig, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            return !consumer.partitionsFor(TOPIC, Duration.ofSeconds(5)).isEmpty();
        }
    }
}
