package dev.tributary.broker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the access topic, a compacted topic of this same cluster that holds a projection of the
 * control plane's database. So a broker authenticates with the control plane down.
 *
 * <p>Each start reads from offset 0 into a new map and <em>replaces</em> what was known when the end
 * is reached: what was revoked while this broker was down is gone when it opens. Clients are let in
 * when the end is reached; if that takes longer than {@link #OPEN_AFTER}, with the snapshot on disk,
 * because a cluster that lost the topic's leader must still serve its other partitions.
 */
final class AccessFollower implements Runnable, AutoCloseable {
    static final String TOPIC = "__tributary_access";
    private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);
    private static final Duration OPEN_AFTER = Duration.ofSeconds(15);
    private static final Duration RETRY_AFTER = Duration.ofMillis(150);
    private static final Logger LOG = LoggerFactory.getLogger(AccessFollower.class);

    private final Properties consumerConfig = new Properties();
    private final AccessSnapshot snapshot;
    private final CompletableFuture<Void> caughtUp = new CompletableFuture<>();
    private final Thread thread = new Thread(this, "tributary-access-follower");
    private volatile boolean closed;

    AccessFollower(Map<String, ?> brokerConfig) throws IOException {
        snapshot = new AccessSnapshot(Path.of((String) brokerConfig.get("tributary.access.snapshot")));
        try (var in = Files.newInputStream(Path.of((String) brokerConfig.get("tributary.access.client")))) {
            consumerConfig.load(in);
        }
        consumerConfig.put("key.deserializer", StringDeserializer.class.getName());
        consumerConfig.put("value.deserializer", ByteArrayDeserializer.class.getName());
        consumerConfig.put("isolation.level", "read_committed");
        consumerConfig.put("enable.auto.commit", "false");
        consumerConfig.put("allow.auto.create.topics", "false");
        consumerConfig.put("auto.offset.reset", "earliest");
        consumerConfig.put("enable.metrics.push", "false");
        consumerConfig.put("reconnect.backoff.ms", "50");
        consumerConfig.put("reconnect.backoff.max.ms", "250");
        consumerConfig.put("retry.backoff.ms", "20");
        thread.setDaemon(true);
    }

    /** Completes when clients may be let in. */
    CompletableFuture<Void> start() {
        thread.start();
        return caughtUp.copy()
            .orTimeout(OPEN_AFTER.toMillis(), TimeUnit.MILLISECONDS)
            .exceptionally(tooLate -> {
                LOG.warn("the access topic could not be read to its end in {}; opening with the snapshot on disk", OPEN_AFTER);
                snapshot.load().ifPresent(Access::replace);
                return null;
            });
    }

    @Override
    public void run() {
        while (!closed) {
            try (var consumer = new KafkaConsumer<String, byte[]>(consumerConfig)) {
                follow(consumer);
            } catch (KafkaException | IOException e) {
                LOG.warn("reading the access topic failed; starting over: {}", e.toString());
            }
            pause();
        }
    }

    private void follow(KafkaConsumer<String, byte[]> consumer) throws IOException {
        if (consumer.partitionsFor(TOPIC, Duration.ofSeconds(5)).isEmpty()) {
            // Nothing was ever published here: an empty topic, read to its end.
            caughtUp.complete(null);
            return;
        }
        consumer.assign(List.of(PARTITION));
        consumer.seekToBeginning(List.of(PARTITION));
        long end = consumer.endOffsets(List.of(PARTITION)).get(PARTITION);
        Access.Builder rebuilt = Access.EMPTY.edit();
        while (!closed && consumer.position(PARTITION) < end) {
            apply(rebuilt, consumer.poll(Duration.ofMillis(500)));
        }
        publish(rebuilt);
        LOG.info("read the access topic to its end: {} records", Access.current().size());
        caughtUp.complete(null);
        while (!closed) {
            var records = consumer.poll(Duration.ofSeconds(1));
            if (!records.isEmpty()) {
                Access.Builder next = Access.current().edit();
                apply(next, records);
                publish(next);
            }
        }
    }

    private static void apply(Access.Builder access, Iterable<ConsumerRecord<String, byte[]>> records) {
        for (var record : records) {
            try {
                AccessRecords.apply(access, record.key(), record.value());
            } catch (IOException e) {
                LOG.error("left out the unreadable access record {} at offset {}", record.key(), record.offset());
            }
        }
    }

    private void publish(Access.Builder builder) throws IOException {
        Access next = builder.build();
        Access.replace(next);
        snapshot.save(next);
    }

    private void pause() {
        try {
            Thread.sleep(RETRY_AFTER.toMillis());
        } catch (InterruptedException e) {
            closed = true;
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
