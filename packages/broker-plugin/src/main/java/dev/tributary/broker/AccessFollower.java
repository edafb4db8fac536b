package dev.tributary.broker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
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
 * when the end is reached and, before it, the revision that the control plane named at the start: what was
 * decided while the only broker was down is published after it has started, over INTERNAL. If that
 * takes longer than {@link #READ_WITHIN} after the cluster first answered, they are let in with what is
 * known, from the topic or from the snapshot on disk, because a cluster that lost the topic's leader
 * must still serve its other partitions. A failure later leaves the last good state in place.
 */
final class AccessFollower implements Runnable, AutoCloseable {
    static final String TOPIC = "__tributary_access";
    private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);
    private static final Duration READ_WITHIN = Duration.ofSeconds(15);
    /** A cluster whose INTERNAL listeners answer nobody for this long is broken, but not for its clients' sake. */
    private static final Duration OPEN_WITHIN = Duration.ofSeconds(90);
    private static final Duration POLL = Duration.ofSeconds(1);
    /** The marker behind a transaction is no record that would end a poll. */
    private static final Duration POLL_BEFORE_OPEN = Duration.ofMillis(20);
    private static final Duration RETRY_AFTER = Duration.ofMillis(150);
    private static final Logger LOG = LoggerFactory.getLogger(AccessFollower.class);

    private final Properties consumerConfig;
    private final AccessSnapshot snapshot;
    private final SnapshotSaver saver;
    private final long requiredRevision;
    /** Whether a cluster without the topic is a new one, or one that does not know itself yet. */
    private final boolean mayBeNew;
    /** Completes when clients may be let in. */
    final CompletableFuture<Void> open = new CompletableFuture<>();
    private final Thread thread = new Thread(this, "tributary-access-follower");
    private boolean answered;
    private volatile boolean closed;

    AccessFollower(Map<String, ?> brokerConfig) throws IOException {
        snapshot = new AccessSnapshot(Path.of((String) brokerConfig.get("tributary.access.snapshot")));
        saver = new SnapshotSaver(snapshot);
        requiredRevision = requiredRevision(brokerConfig);
        mayBeNew = "found".equals(brokerConfig.get("tributary.formation")) && !snapshot.exists();
        consumerConfig = clientProperties(brokerConfig);
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
        // A leader that vanished without closing its connections is given up after this, not after 30 s.
        consumerConfig.put("request.timeout.ms", "5000");
        consumerConfig.put("default.api.timeout.ms", "10000");
        thread.setDaemon(true);
    }

    /** How the plugin reaches its own cluster, as the broker that it is. */
    static Properties clientProperties(Map<String, ?> brokerConfig) throws IOException {
        Properties properties = new Properties();
        try (var in = Files.newInputStream(Path.of((String) brokerConfig.get("tributary.access.client")))) {
            properties.load(in);
        }
        return properties;
    }

    static long requiredRevision(Map<String, ?> brokerConfig) {
        Object revision = brokerConfig.get("tributary.access.revision");
        return revision == null ? 0 : Long.parseLong(revision.toString());
    }

    CompletableFuture<Void> start() {
        thread.start();
        openAtLatestAfter(OPEN_WITHIN);
        return open;
    }

    private void openAtLatestAfter(Duration wait) {
        Executor later = CompletableFuture.delayedExecutor(wait.toMillis(), TimeUnit.MILLISECONDS);
        later.execute(() -> {
            if (!open.isDone()) {
                LOG.warn("the access topic could not be read to its end and revision {} in {}; opening with what is known",
                    requiredRevision, wait);
                Access.replaceIfUnknown(snapshot.load().orElseGet(() -> Access.EMPTY.edit().build()));
                open.complete(null);
            }
        });
    }

    @Override
    public void run() {
        while (!closed) {
            try (var consumer = new KafkaConsumer<String, byte[]>(consumerConfig)) {
                follow(consumer);
            } catch (RuntimeException e) {
                if (!closed) {
                    LOG.warn("reading the access topic failed; starting over: {}", e.toString());
                }
            }
            pause();
        }
    }

    void follow(Consumer<String, byte[]> consumer) {
        boolean exists = !consumer.partitionsFor(TOPIC, Duration.ofSeconds(5)).isEmpty();
        if (!answered) {
            answered = true;
            openAtLatestAfter(READ_WITHIN);
        }
        if (!exists) {
            if (mayBeNew) {
                // Nothing was ever published here: an empty topic, read to its end.
                open.complete(null);
            }
            return;
        }
        consumer.assign(List.of(PARTITION));
        consumer.seekToBeginning(List.of(PARTITION));
        publish(readToEnd(consumer).build());
        LOG.info("read the access topic to its end: {} records", Access.current().size());
        openIfComplete(consumer);
        while (!closed) {
            var records = consumer.poll(open.isDone() ? POLL : POLL_BEFORE_OPEN);
            if (!records.isEmpty()) {
                Access.Builder next = Access.current().edit();
                apply(next, records);
                publish(next.build());
            }
            openIfComplete(consumer);
        }
    }

    /** A publication may come in several polls, and its highest revision not in the last. */
    private void openIfComplete(Consumer<String, byte[]> consumer) {
        if (!open.isDone() && Access.current().revision() >= requiredRevision && isAtEnd(consumer)) {
            open.complete(null);
        }
    }

    /**
     * By what the last fetch said. Asking for the end would take half a second, for a broker answers a connection's
     * requests one by one, and the next fetch, which waits for records, is on its way already.
     */
    private static boolean isAtEnd(Consumer<String, byte[]> consumer) {
        return consumer.currentLag(PARTITION).orElse(Long.MAX_VALUE) <= 0;
    }

    /**
     * The end is the last stable offset, behind every finished transaction and its marker; the
     * position passes markers though no record comes of them. A poll that brings nothing asks for the
     * end again: a new leader's may lie before the old one's.
     */
    static Access.Builder readToEnd(Consumer<String, byte[]> consumer) {
        Access.Builder access = Access.EMPTY.edit();
        long end = endOf(consumer);
        while (consumer.position(PARTITION) < end) {
            var records = consumer.poll(Duration.ofMillis(500));
            apply(access, records);
            if (records.isEmpty()) {
                end = endOf(consumer);
            }
        }
        return access;
    }

    private static long endOf(Consumer<String, byte[]> consumer) {
        return consumer.endOffsets(List.of(PARTITION)).get(PARTITION);
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

    private void publish(Access next) {
        Access.replace(next);
        saver.save(next);
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
        saver.close();
    }
}
